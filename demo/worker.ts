/** The demo's worker: puzzle rooms, and documents for any Yjs client, open to guests. */
import { createWorker, durableRoom, Lobby } from "coterie/server";
import { documentRoom } from "./document/room.ts";
import { puzzleRoom } from "./puzzle/room.ts";

/** The most at one table: as many as it is tried with under load. */
const CHAIRS = 512;

export class Puzzle extends durableRoom(puzzleRoom, { capacity: CHAIRS, ended: ({ meta }) => meta.finishedAt !== 0 }) {}
export class Docs extends durableRoom(documentRoom) {}
export { Lobby };

export default createWorker({
  rooms: { puzzle: Puzzle, document: Docs },
  auth: { guests: true },
  /** Tables at "open:…" are for everyone; all others for those who were sent the link. */
  lobby: { puzzle: "open" },
});
