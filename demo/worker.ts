/** The demo's worker: puzzle rooms, open to guests. */
import { createWorker, durableRoom } from "coterie/server";
import { puzzleRoom } from "./puzzle/room.ts";

export class Puzzle extends durableRoom(puzzleRoom) {}

export default createWorker({ rooms: { puzzle: Puzzle }, auth: { guests: true } });
