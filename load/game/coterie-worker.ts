/** The demo's puzzle, as it is deployed. */
import { createWorker, durableRoom } from "coterie/server";
import { puzzleRoom } from "../../demo/puzzle/room.ts";

export class Puzzle extends durableRoom(puzzleRoom) {}

export default createWorker({ rooms: { puzzle: Puzzle } });
