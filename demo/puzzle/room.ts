/** The room of a puzzle: the game, the table's notes, and where everyone points. */
import { defineRoom, t } from "coterie";
import { puzzle } from "./rules.ts";

export const puzzleRoom = defineRoom({
  name: "puzzle",
  game: puzzle,
  /** A Yjs document beside the game, in the same journal, on the same socket: the page keeps its notes in it. */
  document: true,
  presence: t.struct({
    /** In the table's units; null: not over the table. */
    cursor: t.nullable(t.struct({ x: t.i16(), y: t.i16() })),
  }),
});
