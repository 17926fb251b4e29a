/** `coterie/client/game`: the SDK without yjs, for rooms without a document. */
import { createClient as create, type Client, type ClientOptions } from "./client.ts";

export const createClient = (options?: ClientOptions): Client<false> => create(options);
export { within } from "./within.ts";
export { RoomError } from "../shared/room/room-error.ts";
export type { AuthRequest, Client, ClientOptions } from "./client.ts";
export type { Traffic } from "./connection.ts";
export type { DebugOptions } from "./debug.ts";
export type { Diagnostics, Listeners, Peer, Room, RoomBase, RoomGame, Status, Sync } from "./api.ts";
export type { Lobby, Where } from "./lobby.ts";
export type { OpenRoom } from "../shared/room/open-room.ts";
