/** The room of a puzzle: the game, and where everyone points. */
import { defineRoom, t } from "coterie";
import { puzzle } from "./rules.ts";

export const puzzleRoom = defineRoom({
  name: "puzzle",
  game: puzzle,
  presence: t.struct({
    /** In the table's units; null: not over the table. */
    cursor: t.nullable(t.struct({ x: t.i16(), y: t.i16() })),
  }),
});
