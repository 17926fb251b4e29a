import { defineGame, defineRoom, t } from "coterie";

const counter = defineGame({
  name: "counter",
  version: 1,
  state: { score: t.value({ clicks: t.u32() }) },
  setup() {},
}).actions((a) => ({ click: a((c) => ++c.state.score.clicks) }));

export const counterRoom = defineRoom({ name: "counter", game: counter });

/** A document for any Yjs editor. */
export const notesRoom = defineRoom({ name: "notes", document: true });
