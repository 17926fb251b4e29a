/** The demo's worker: puzzle rooms, and documents for any Yjs client, open to guests. */
import { createWorker, durableRoom } from "coterie/server";
import { documentRoom } from "./document/room.ts";
import { puzzleRoom } from "./puzzle/room.ts";

export class Puzzle extends durableRoom(puzzleRoom) {}
export class Docs extends durableRoom(documentRoom) {}

export default createWorker({ rooms: { puzzle: Puzzle, document: Docs }, auth: { guests: true } });
