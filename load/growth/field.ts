/** A table of any number of rows, for the worker and for those who play: the demo's puzzle ends at 10,000. */
import { defineGame, defineRoom, t } from "coterie";

const At = t.struct({ id: t.u32(), x: t.i16(), y: t.i16() });

const field = defineGame({
  name: "field",
  version: 1,
  params: t.struct({ pieces: t.u32() }),
  state: { pieces: t.table({ x: t.i16(), y: t.i16(), z: t.u32(), heldBy: t.u16() }, { index: ["heldBy"] }) },
  codes: ["gone"],
  setup(c) {
    for (let id = 0; id < c.params.pieces; id++) c.state.pieces.add(id, { x: id % 1000, y: id >> 4, z: id, heldBy: 0 });
  },
}).actions((a) => ({
  put: a(At, (c, { id, x, y }) => {
    const piece = c.state.pieces.get(id) ?? c.reject("gone");
    piece.x = x;
    piece.y = y;
    piece.heldBy = c.me;
  }),
}));

export const fieldRoom = defineRoom({ name: "field", game: field });
