/** The worker under test: nothing but the library and its rooms. What lies in planted/ is this, with one mistake. */
import { createWorker, durableRoom } from "coterie/server";
import { boardRoom, swiftRoom } from "./rooms.ts";

export class Board extends durableRoom(boardRoom) {}
/** Some 200 rows a second, so that 1,000 of them (a snapshot) come within a test; and a grace shorter than some restarts. */
export class Swift extends durableRoom(swiftRoom, { beatMs: 2, journalMs: 4, leaveGraceMs: 100, snapshotRows: 200 }) {}

export default createWorker({ rooms: { board: Board, swift: Swift } });
