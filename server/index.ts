/** `coterie/server`: rooms as Durable Objects, and the worker in front of them. */
export { getRoom, type ServerRoom } from "./get-room.ts";
export { durableRoom, type DurableRoomOptions, type RoomClass, type RoomObject } from "./room/room-object.ts";
export type { RoomOptions } from "./room/room.ts";
export { createWorker, type WorkerOptions } from "./worker.ts";
