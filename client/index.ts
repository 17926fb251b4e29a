/** `coterie/client`: the SDK for browsers, Node ≥ 22 and Workers. */
import { DocumentClient } from "./parts/document.ts";
import { createClient as create, type Client, type ClientOptions } from "./client.ts";

export const createClient = (options?: ClientOptions): Client<true> =>
  create(options, (host, http) => new DocumentClient(host, http));
export { Path } from "./path.ts";
export { within } from "./within.ts";
export { RoomError } from "../shared/room/room-error.ts";
export type { DebugOptions } from "./debug.ts";
export type { AuthRequest, Client, ClientOptions } from "./client.ts";
export type { Traffic } from "./connection.ts";
export type { Diagnostics, Listeners, Peer, Room, RoomBase, RoomGame, Status, Sync } from "./api.ts";
export type { Lobby, Where } from "./lobby.ts";
export type { OpenRoom } from "../shared/room/open-room.ts";
export type { RoomDocument } from "./api.ts";
export type { Versions } from "./versions.ts";
export type { Version } from "../shared/document/version.ts";
