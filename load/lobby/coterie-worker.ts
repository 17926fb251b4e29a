/** Counters for four, listed, as a game that is found by quick match has them. */
import { defineGame, defineRoom, t } from "coterie";
import { createWorker, durableRoom, Lobby } from "coterie/server";

const counter = defineGame({
  name: "counter",
  version: 1,
  params: t.struct({ level: t.u8() }),
  state: { score: t.value({ clicks: t.u32() }) },
  setup() {},
}).actions((a) => ({ click: a((c) => ++c.state.score.clicks) }));

export const counterRoom = defineRoom({ name: "counter", game: counter });
export class Counter extends durableRoom(counterRoom, { capacity: 4 }) {}
export { Lobby };

export default createWorker({ rooms: { counter: Counter }, auth: { guests: true }, lobby: { counter: true } });
