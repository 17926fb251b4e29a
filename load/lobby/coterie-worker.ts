/** Counters for four, listed, as a game that is found by quick match has them. */
import { createWorker, durableRoom, Lobby } from "coterie/server";
import { counterRoom } from "./room.ts";

export class Counter extends durableRoom(counterRoom, { capacity: 4 }) {}
export { Lobby };

export default createWorker({ rooms: { counter: Counter }, auth: { guests: true }, lobby: { counter: true } });
