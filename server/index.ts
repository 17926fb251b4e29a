/** `coterie/server`: rooms as Durable Objects, and the worker in front of them. */
export { getRoom, type ServerRoom } from "./get-room.ts";
export { durableRoom, type DurableRoomOptions, type RoomClass, type RoomObject } from "./room/room-object.ts";
export { Lobby } from "./lobby/lobby-object.ts";
export type { Inspection, RoomOptions } from "./room/host.ts";
export { createWorker, type WorkerOptions } from "./worker.ts";
export type { Jurisdiction, Placement } from "./edge/place.ts";
export { MemorySink, sinkOf, type Entry, type Point, type Sink } from "./observe/sink.ts";
export type { Limits } from "./edge/throttle.ts";
