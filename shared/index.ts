/** `coterie`: what a room's definition is written with. Shared by the worker and the browser. */
export {
  defineGame,
  type Action,
  type ActionOptions,
  type Context,
  type ContextOf,
  type Game,
  type GameDeclaration,
  type GameRules,
  type GameTypes,
  type Make,
  type Stream,
  type StreamOptions,
} from "./game/define-game.ts";
export { type Draft, type EditRows, type Rows, type SeenRows, type Tables, type View } from "./game/tables.ts";
export { reactionTo, type CloseCode, type Reaction } from "./protocol/close-code.ts";
export { type ErrorCode, type ErrorReaction } from "./protocol/error-code.ts";
export { closeCodes, errorCodes, meaningOf, type CloseMeaning, type ErrorMeaning } from "./protocol/meanings.ts";
export { type Actions, type Broadcast, type Done, type Motions } from "./room/actions.ts";
export { defineRoom, type AnyRoom, type GameOf, type Message, type RoomDef, type SomeGame } from "./room/define-room.ts";
export { RoomError, type RoomErrorDetails, type UnsavedAction } from "./room/room-error.ts";
export { isRoomId } from "./room/room-id.ts";
export { type User } from "./protocol/user.ts";
export { type Fields, type In, type Out, type Shape } from "./schema/compose.ts";
export { t, type Table, type Value } from "./schema/t.ts";
export { WireError, type Mismatch, type Wire } from "./schema/wire.ts";
