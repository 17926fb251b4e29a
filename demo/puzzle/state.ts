/** What a puzzle room remembers. */
import { t, type Draft } from "coterie";

export const state = {
  /**
   * A cluster: pieces that hold together, a loose piece being a cluster of one. One row, and so one position, however
   * many pieces: moving 900 of them costs what moving one costs. Piece `id` is always part of cluster `id`.
   */
  groups: t.table(
    {
      /** How far from home (grid.ts). */
      x: t.i16(),
      y: t.i16(),
      /** Later put down, higher on the table. */
      z: t.u32(),
      /** The player who has it in hand; 0: nobody. */
      heldBy: t.u16(),
      size: t.u16(),
    },
    { index: ["heldBy"] },
  ),
  /** By piece number, row by row from the picture's top left. */
  pieces: t.table({ group: t.u16() }, { index: ["group"] }),
  /** Everyone who was ever here, by `c.me`: who they say they are outlasts their visit, for the credits at the end. */
  players: t.table({ name: t.str(24), colour: t.u8(), joined: t.u16() }),
  meta: t.value({
    topZ: t.u32(),
    /** ms since 1970; 0: not yet. The clock starts with the first grab. */
    startedAt: t.f64(),
    finishedAt: t.f64(),
  }),
};

export type PuzzleState = Draft<typeof state>;
