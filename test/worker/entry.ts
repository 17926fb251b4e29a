/** The rooms under test: the board game, the demo's puzzle, and one that nobody has bound. */
import { defineRoom } from "coterie";
import { createWorker, durableRoom } from "coterie/server";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { boardRoom } from "../kit/board-game.ts";
import { notesRoom } from "../kit/notes-room.ts";

/** What `onEvent` was told, for the tests to read. */
export const heard: unknown[] = [];

export class Board extends durableRoom(boardRoom, { leaveGraceMs: 1000 }) {
  override onEvent(event: unknown): void {
    heard.push(event);
  }
}
export class Puzzle extends durableRoom(puzzleRoom, { leaveGraceMs: 1000 }) {}
export class Notes extends durableRoom(notesRoom) {}
export class Unbound extends durableRoom(defineRoom({ name: "not-bound" })) {}

export default createWorker({
  rooms: { board: Board, puzzle: Puzzle, notes: Notes, "not-bound": Unbound },
  auth: { guests: true },
});
