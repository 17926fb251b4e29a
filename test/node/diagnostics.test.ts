/** What a page can say of its room, and how it leaves one at the end of a block. */
import { expect, test } from "vitest";
import { PING, PONG } from "../../shared/protocol/limits.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, join } from "../kit/board.ts";

test("diagnostics tell what happened, in order, and hold no token", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  ann.wire.network.drop();
  await simulation.advance(2000);
  simulation.evict();
  simulation.room.inspect(); // an object that wakes says so
  await simulation.advance(100);
  const told = ann.room.diagnostics();
  expect(told).toMatchObject({
    room: "board/table",
    user: "ann",
    status: "connected",
    sync: { state: "saved", pending: 0 },
    seq: 1,
  });
  const happened = told.timeline.map(({ what }) => what);
  expect(happened.map((what) => what.split(/[ :]/)[0])).toEqual([
    "authorizing",
    "opening",
    "greeting",
    "welcome",
    "open",
    "waiting",
    "authorizing",
    "opening",
    "greeting",
    "welcome",
    "open",
    "the",
  ]);
  expect(happened[9]).toContain("resumed from row 1");
  expect(told.timeline[0]!.at).toBe("2026-01-01T00:00:00.000Z");
  expect(JSON.stringify(told)).not.toContain("token");
});

test("in a silent room an answered heartbeat is told of, and counted", async () => {
  const simulation = boardSimulation();
  const { room } = await join(simulation, "ann");
  await simulation.advance(100);
  const { sent, received } = room.diagnostics().traffic;
  let told = 0;
  room.on("frame", () => told++);
  await simulation.advance(10_000);
  expect(told).toBe(1);
  expect(room.diagnostics().traffic).toEqual({
    sent: { frames: sent.frames + 1, bytes: sent.bytes + PING.length },
    received: { frames: received.frames + 1, bytes: received.bytes + PONG.length },
  });
});

test("a timeline keeps the last 200 happenings", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  for (let n = 0; n < 100; n++) {
    ann.wire.network.drop();
    await simulation.advance(10_000);
  }
  expect(ann.room.diagnostics().timeline.length).toBe(200);
});

test("[P1] await using: the page leaves when what it did is saved", async () => {
  const simulation = boardSimulation({ latencyMs: 50 });
  const ann = await join(simulation, "ann");
  const client = simulation.client("ben");
  const left = (async () => {
    await using room = client.join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 1 } });
    void room.do.add({ n: 7 });
  })();
  await simulation.advance(2000);
  await left;
  await simulation.advance(200);
  expect([ann.room.state.meta.total, ann.room.others.length]).toEqual([7, 0]);
});

test("await using: a room that cannot be reached is left after 10 s; using: at once", async () => {
  const simulation = boardSimulation();
  const options = { presence: { cursor: null, mood: "" }, create: { pieces: 1 } };
  const client = simulation.client("ben", { debug: { offline: true } });
  let [left, error] = [false, ""];
  void (async () => {
    await using room = client.join(boardRoom, "table", options);
    room.do.add({ n: 7 }).catch((reason: Error) => (error = reason.message));
  })().then(() => (left = true));
  await simulation.advance(9900);
  expect(left).toBe(false);
  await simulation.advance(200);
  expect([left, error]).toEqual([true, expect.stringContaining("destroyed")]);
  {
    using room = client.join(boardRoom, "table", options);
    room.do.add({ n: 7 }).catch((reason: Error) => (error = `again ${reason.message}`));
  }
  await simulation.advance(1);
  expect(error).toContain("again destroyed");
});
