import { defineGame, defineRoom, t } from "coterie";

const rules = defineGame({
  name: "pieces",
  version: 1,
  params: t.struct({ count: t.u16() }),
  codes: ["held", "not-yours"],
  events: { placed: t.struct({ id: t.id(), by: t.u16() }) },
  state: { pieces: t.table({ x: t.u16(), heldBy: t.u16() }, { index: ["heldBy"] }) },
  setup(c) {
    for (let id = 0; id < c.params.count; id++) c.state.pieces.add(id, { x: 0, heldBy: 0 });
  },
  leave(c) {
    for (const piece of c.state.pieces.where("heldBy", c.me)) piece.heldBy = 0;
  },
});

const pieces = rules.actions((a) => ({
  grab: a(t.struct({ id: t.id() }), (c, { id }) => {
    const piece = c.state.pieces.get(id)!;
    if (piece.heldBy !== 0) c.reject("held");
    piece.heldBy = c.me;
  }),
  place: a(t.struct({ id: t.id(), x: t.u16() }), (c, { id, x }) => {
    const piece = c.state.pieces.get(id)!;
    if (piece.heldBy !== c.me) c.reject("not-yours");
    piece.x = x;
    piece.heldBy = 0;
    c.emit("placed", { id, by: c.me });
  }),
}));

export const piecesRoom = defineRoom({ name: "pieces", game: pieces });
export const notesRoom = defineRoom({ name: "notes", document: true });
