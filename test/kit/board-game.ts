/** A small game for tests: pieces that can be held, moved by a stream and put down, and a counter that is easy to sum. */
import { defineGame, defineRoom, t } from "coterie";

const rules = defineGame({
  name: "board",
  version: 1,
  params: t.struct({ pieces: t.u16() }),
  codes: ["held", "gone", "not-yours"],
  events: { landed: t.struct({ piece: t.u16(), by: t.u16() }) },
  state: {
    pieces: t.table({ x: t.i16(), y: t.i16(), heldBy: t.u16() }, { index: ["heldBy"] }),
    seen: t.table({ joins: t.u16(), leaves: t.u16() }),
    meta: t.value({ total: t.u32(), lastRoll: t.u32(), note: t.str(100) }),
  },
  setup(c) {
    for (let id = 0; id < c.params.pieces; id++) c.state.pieces.add(id, { x: (id * 10) % 30_000, y: 0, heldBy: 0 });
  },
  join(c) {
    const seen = c.state.seen.get(c.me) ?? c.state.seen.add(c.me, { joins: 0, leaves: 0 });
    seen.joins++;
  },
  leave(c) {
    for (const piece of c.state.pieces.where("heldBy", c.me)) piece.heldBy = 0;
    const seen = c.state.seen.get(c.me);
    if (seen) seen.leaves++;
  },
});

export const board = rules.actions((a) => ({
  grab: a(t.struct({ id: t.u16() }), (c, { id }) => {
    const piece = c.state.pieces.get(id) ?? c.reject("gone");
    if (piece.heldBy !== 0 && piece.heldBy !== c.me) c.reject("held");
    piece.heldBy = c.me;
  }),
  drag: a.stream("pieces", ["x", "y"], (c, piece) => piece.heldBy === c.me, { hz: 30 }),
  drop: a(t.struct({ id: t.u16(), x: t.i16(), y: t.i16() }), (c, { id, x, y }) => {
    const piece = c.state.pieces.get(id) ?? c.reject("gone");
    if (piece.heldBy !== c.me) c.reject("not-yours");
    piece.x = x;
    piece.y = y;
    piece.heldBy = 0;
    c.emit("landed", { piece: id, by: c.me });
    return { x, y };
  }),
  add: a(t.struct({ n: t.u16() }), (c, { n }) => {
    c.state.meta.total += n;
    return c.state.meta.total;
  }),
  /** Draws the room's own randomness, which no browser can foresee. */
  roll: a(
    (c) => {
      c.state.meta.lastRoll = 1 + Math.floor(c.random() * 1_000_000);
      return c.state.meta.lastRoll;
    },
    { predict: false },
  ),
  /** Writes, then throws what is no refusal. */
  broken: a((c) => {
    c.state.meta.total = 999;
    throw new Error("a bug in the rules");
  }),
  /** Writes, then changes its mind. */
  waver: a((c) => {
    c.state.meta.total = 999;
    c.state.pieces.delete(0);
    c.state.pieces.add(500, { x: 1, y: 1, heldBy: 0 });
    c.reject("gone");
  }),
  rare: a(() => {}, { rate: 1 }),
}));

export const boardRoom = defineRoom({
  name: "board",
  game: board,
  presence: t.struct({ cursor: t.nullable(t.struct({ x: t.i16(), y: t.i16() })), mood: t.str(16) }),
  events: { wave: t.struct({ hand: t.str(8) }) },
});
