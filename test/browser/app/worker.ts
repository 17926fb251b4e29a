/** The rooms that the pages of react.test.ts join. */
import { createWorker, durableRoom } from "coterie/server";
import { boardRoom, hallRoom, madeRoom } from "./rooms.ts";

export class Board extends durableRoom(boardRoom) {}
export class Hall extends durableRoom(hallRoom) {}
export class Made extends durableRoom(madeRoom) {}
export default createWorker({ rooms: { board: Board, hall: Hall, made: Made }, auth: { guests: true } });
