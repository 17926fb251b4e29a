import { createWorker, durableRoom } from "coterie/server";
import { notesRoom, piecesRoom } from "./rooms.ts";

export class Pieces extends durableRoom(piecesRoom) {}
export class Notes extends durableRoom(notesRoom) {}
export default createWorker({ rooms: { pieces: Pieces, notes: Notes } });
