/** A counter, made with a level: a room for the lobby to find, for the worker and for those who play. */
import { defineGame, defineRoom, t } from "coterie";

const counter = defineGame({
  name: "counter",
  version: 1,
  params: t.struct({ level: t.u8() }),
  state: { score: t.value({ clicks: t.u32() }) },
  setup() {},
}).actions((a) => ({ click: a((c) => ++c.state.score.clicks) }));

export const counterRoom = defineRoom({ name: "counter", game: counter });
