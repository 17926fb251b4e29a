/** A worse network, as `createClient({ debug })` makes it: everything comes, in order, later. */
import type { DebugOptions } from "coterie/client";
import { expect, test } from "vitest";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join } from "../kit/board.ts";
import type { Simulation } from "../kit/simulation.ts";

function joinBy(simulation: Simulation, debug: DebugOptions) {
  const client = simulation.client("ben", { debug });
  return client.join(boardRoom, "table", { presence: { cursor: null, mood: "slow" }, create: { pieces: 10 } });
}

test("latency is added each way, and nothing else changes", async () => {
  const simulation = boardSimulation({ latencyMs: 5 });
  const ann = await join(simulation, "ann");
  const ben = joinBy(simulation, { latencyMs: 200 });
  await simulation.advance(2000);
  expect(ben.status).toBe("connected");
  let doneAt = 0;
  const asked = simulation.now;
  void ben.do.add({ n: 3 }).then(() => (doneAt = simulation.now));
  await simulation.advance(400);
  expect([ann.room.state.meta.total, doneAt]).toEqual([3, 0]);
  await simulation.advance(100);
  expect(doneAt - asked).toBeGreaterThanOrEqual(410);
});

test("[P2] [P4] what is uneven, and lost and sent again, comes once and in order", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = joinBy(simulation, { latencyMs: 20, jitterMs: 100, loss: 0.6 }); // the simulation draws 0.5 each time
  await simulation.advance(3000);
  const totals: number[] = [];
  for (let n = 0; n < 20; n++) {
    void ben.do.add({ n: 1 }).then(({ value }) => totals.push(value));
    await simulation.advance(40);
  }
  await simulation.advance(5000);
  expect(totals).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  expect(canonical(ben.state)).toBe(canonical(ann.room.confirmed));
  expect(ben.status).toBe("connected");
});

test("offline: what is open closes, nothing opens, and what was done meanwhile is sent when it is over", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const debug = { offline: false };
  const ben = joinBy(simulation, debug);
  await simulation.advance(1000);
  debug.offline = true;
  await simulation.advance(500);
  expect([ben.status, ann.room.others.length]).toEqual(["reconnecting", 0]);
  void ben.do.add({ n: 5 });
  await simulation.advance(20_000);
  expect([ben.status, ben.sync.pending, ann.room.state.meta.total]).toEqual(["reconnecting", 1, 0]);
  debug.offline = false;
  await simulation.advance(20_000);
  expect([ben.status, ben.sync.pending, ann.room.state.meta.total]).toEqual(["connected", 0, 5]);
});

test("what cannot be is said at once", () => {
  const simulation = boardSimulation();
  expect(() => joinBy(simulation, { loss: 2 })).toThrow("debug.loss: 2, expected 0 to 1");
  expect(() => joinBy(simulation, { latencyMs: -1 })).toThrow("debug.latencyMs: -1");
});
