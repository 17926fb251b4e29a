/** The worker that published Yjs clients are tried against: rooms with a document, and nothing that they would need to know of. */
import { createWorker, durableRoom } from "coterie/server";
import { notesRoom } from "../kit/notes-room.ts";
import { briskRoom } from "./rooms.ts";

export class Notes extends durableRoom(notesRoom) {}
/** Snapshots come often, so that kills and joins meet them. */
export class Brisk extends durableRoom(briskRoom, { snapshotRows: 40 }) {}

export default createWorker({ rooms: { notes: Notes, brisk: Brisk } });
