/** The rooms under test: the board game, the demo's puzzle, and one that nobody has bound. */
import { defineRoom } from "coterie";
import { createWorker, durableRoom, Lobby } from "coterie/server";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { MemorySink, sinkOf } from "../../server/observe/sink.ts";
import { board, boardRoom } from "../kit/board-game.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { parties } from "./parties/index.ts";

/** The board as a game for four, found by quick match. */
export const matchRoom = defineRoom({ name: "match", game: board });
/** Its game is over when this much was added up. */
export const ENDED_AT = 1000;

/** What `onEvent` was told, for the tests to read. */
export const heard: unknown[] = [];

export { Lobby };
export { Chat, Cursors, Main, Poll } from "./parties/index.ts";

/** What the boards have counted: their lines go to the console as everywhere. */
export const counted = new MemorySink();

export class Board extends durableRoom(boardRoom, {
  leaveGraceMs: 1000,
  observe: (from) => ({ log: sinkOf(from).log, point: (point) => counted.point(point) }),
}) {
  override onEvent(event: unknown): void {
    heard.push(event);
  }
}
export class Puzzle extends durableRoom(puzzleRoom, { leaveGraceMs: 1000 }) {}
export class Notes extends durableRoom(notesRoom) {}
export class Match extends durableRoom(matchRoom, { capacity: 4, ended: ({ meta }) => meta.total >= ENDED_AT }) {}
export class Unbound extends durableRoom(defineRoom({ name: "not-bound" })) {}

export default createWorker({
  rooms: { board: Board, puzzle: Puzzle, notes: Notes, "not-bound": Unbound, match: Match },
  parties,
  auth: { guests: true },
  lobby: { match: true, puzzle: "open" },
});
