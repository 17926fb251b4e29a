/** `defineRoom`: what a kind of room holds. Parts that are not declared do not exist, in the types and in the room. */
import type { Game, GameTypes } from "../game/define-game.ts";
import type { Out, Shape } from "../schema/compose.ts";
import { describe, type Wire } from "../schema/wire.ts";
import { PresenceType } from "./presence-type.ts";
import { isParty } from "./room-id.ts";

/* oxlint-disable typescript/no-explicit-any -- variance: these stand for "some game", "some presence"; each use recovers the types */
export type SomeGame = Game<any>;
export type AnyRoom = RoomDef<string, SomeGame | undefined, boolean, any, any>;
/* oxlint-enable typescript/no-explicit-any */

export interface RoomDef<N extends string, G, D extends boolean, P, E> {
  readonly name: N;
  readonly game: G;
  readonly document: D;
  readonly presence: PresenceType<P>;
  readonly events: Shape;
  /** In the types only. */
  readonly "~types": { presence: P; events: E };
}

/** The types of a room's game; of an empty one where there is none. */
export type GameOf<D extends AnyRoom> =
  D["game"] extends Game<infer X extends GameTypes> ? X : { state: {}; params: void; events: {}; codes: never; actions: {} };

/** A message of one of the declared events `M`. */
export type Message<M, From> = { [K in keyof M & string]: { type: K; data: Out<M[K]>; from: From } }[keyof M & string];

export function defineRoom<
  const N extends string,
  G extends SomeGame | undefined = undefined,
  const D extends boolean = false,
  P extends object = {},
  const E extends Shape = {},
>(declaration: {
  /** The party in the URL: kebab-case, at most 32 characters. */
  name: N;
  game?: G;
  /** Whether the room holds a Yjs document. Default false. */
  document?: D;
  /** What each connection shows of itself: latest wins, never stored. */
  presence?: Wire<P>;
  /** What the people in the room tell each other (`room.broadcast`): shown at once, never stored. */
  events?: E;
}): RoomDef<N, G, D, P, E> {
  const { name, game, document, presence, events } = declaration;
  if (!isParty(name)) throw new RangeError(`room name ${describe(name)}: expected kebab-case of at most 32 characters`);
  return {
    name,
    game: game as G,
    document: (document ?? false) as D,
    presence: new PresenceType(name, presence),
    events: events ?? {},
    "~types": undefined as never,
  };
}
