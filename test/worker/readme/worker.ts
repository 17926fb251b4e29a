import { createWorker, durableRoom } from "coterie/server";
import { counterRoom, notesRoom } from "./rooms.ts";

export class Counter extends durableRoom(counterRoom) {}
export class Notes extends durableRoom(notesRoom) {}
export default createWorker({ rooms: { counter: Counter, notes: Notes }, auth: { guests: true } });
