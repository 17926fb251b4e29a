import { defineGame, defineRoom, t } from "coterie";

const At = { x: t.i16(), y: t.i16() };

const rules = defineGame({
  name: "board",
  version: 1,
  codes: ["gone"],
  events: { moved: t.struct({ by: t.u16() }) },
  state: { pieces: t.table(At), score: t.value({ moves: t.u32() }) },
  setup(c) {
    for (let id = 0; id < 3; id++) c.state.pieces.add(id, { x: 100 * id, y: 0 });
  },
});

const board = rules.actions((a) => ({
  move: a(t.struct({ id: t.u16(), ...At }), (c, { id, x, y }) => {
    const piece = c.state.pieces.get(id) ?? c.reject("gone");
    piece.x = x;
    piece.y = y;
    c.emit("moved", { by: c.me });
    return ++c.state.score.moves;
  }),
}));

/** A game, a document beside it, and everyone's cursor. */
export const boardRoom = defineRoom({
  name: "board",
  game: board,
  document: true,
  presence: t.struct({ cursor: t.nullable(t.struct(At)) }),
  events: { wave: t.struct({ hand: t.str(8) }) },
});

/** Beside it, another room. */
export const hallRoom = defineRoom({ name: "hall", presence: t.struct({ mood: t.str(16) }) });

/** One that somebody has to make first. */
export const madeRoom = defineRoom({
  name: "made",
  game: defineGame({
    name: "made",
    version: 1,
    params: t.struct({ title: t.str(20) }),
    state: { meta: t.value({ visits: t.u32() }) },
    setup() {},
    join: (c) => void c.state.meta.visits++,
  }).actions(() => ({})),
});
