/** Coterie as an app would deploy it: one room with a document. */
import { defineRoom } from "coterie";
import { createWorker, durableRoom } from "coterie/server";

const notesRoom = defineRoom({ name: "notes", document: true });
/** As it comes; nothing is set. */
export class Notes extends durableRoom(notesRoom) {}
/** Takes a document that is longer than what an object of the platform should bear, so that one can be put there at all. */
export class Long extends durableRoom({ ...notesRoom, name: "long" as const }, { maxLiveDocumentBytes: 32_000_000 }) {}

export default createWorker({ rooms: { notes: Notes, long: Long } });
