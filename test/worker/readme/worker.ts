import { createWorker, durableRoom } from "coterie/server";
import { counterRoom } from "./rooms.ts";

export class Counter extends durableRoom(counterRoom) {}
export default createWorker({ rooms: { counter: Counter }, auth: { guests: true } });
