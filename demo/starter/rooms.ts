/** The room as both sides know it: its state and rules, its document, and what people show of themselves. */
import { defineGame, defineRoom, t } from "coterie";

const counter = defineGame({
  name: "counter",
  version: 1,
  state: { score: t.value({ clicks: t.u32() }) },
  setup() {},
}).actions((a) => ({
  click: a((c) => ++c.state.score.clicks), // runs on the page at once, and in the room for good
}));

export const hallRoom = defineRoom({
  name: "hall",
  game: counter,
  document: true,
  presence: t.struct({ x: t.u16(), y: t.u16() }), // where one's pointer is, in pixels
});
