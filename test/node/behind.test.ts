/** Sockets that are behind: what is kept for them, and that they come anew when the object slept, which alone knew what they lack. */
import { expect, test } from "vitest";
import { writeAck } from "../../shared/protocol/flow.ts";
import { UP } from "../../shared/protocol/up.ts";
import { HARD_BYTES, SOFT_BYTES } from "../../server/room/flow.ts";
import type { Connection } from "../../server/room/connections.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join, type Player } from "../kit/board.ts";
import { frameOf } from "../kit/frames.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";

/** Ann, and Ben, whose socket owes this much. */
async function two(owed: number): Promise<{ simulation: Simulation; ann: Player; ben: Player; connection: Connection }> {
  const simulation = boardSimulation();
  const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
  const connection = [...simulation.room.connections][1]!;
  connection.flow.sent(owed);
  return { simulation, ann, ben, connection };
}

async function sleeps(simulation: Simulation): Promise<void> {
  expect(await simulation.comesToRest()).toBe(true);
  simulation.evict();
}

test("[P4] [P6] one that lagged is closed with 4503 by the object that wakes, comes back, and lacks nothing", async () => {
  const { simulation, ann, ben, connection } = await two(HARD_BYTES + 1);
  void ann.room.do.add({ n: 5 });
  await simulation.advance(100);
  expect([connection.stage, ben.room.state.meta.total]).toEqual(["lagging", 0]);
  await sleeps(simulation);
  void ann.room.do.add({ n: 1 });
  await simulation.advance(10);
  expect(simulation.room.inspect().counters.closed).toEqual({ 4503: 1 });
  await simulation.advance(40);
  expect(ann.room.others).toEqual([]); // his leave is told
  await simulation.advance(5000);
  expect([ben.room.state.meta.total, ben.room.status]).toEqual([6, "connected"]);
  expect(ann.room.others.map(({ user, connections }) => [user.id, connections])).toEqual([["ben", 1]]);
});

test("[P6] its leave is told at once, though nothing happens but that somebody looks at the room", async () => {
  const { simulation, ann } = await two(HARD_BYTES + 1);
  void ann.room.do.add({ n: 5 });
  await simulation.advance(100);
  await sleeps(simulation);
  simulation.room.inspect();
  await simulation.advance(50);
  expect(ann.room.others).toEqual([]);
});

test("[P6] one that was spared somebody's coming sees them, though the object slept meanwhile", async () => {
  const { simulation, ben } = await two(SOFT_BYTES + 1);
  await join(simulation, "cleo");
  await simulation.advance(6000);
  expect(ben.room.others.map(({ user }) => user.id)).toEqual(["ann"]);
  await sleeps(simulation);
  const added = ben.room.do.add({ n: 2 }); // he is himself who wakes it
  await simulation.advance(5000);
  expect((await added).value).toBe(2);
  expect(ben.room.others.map(({ user }) => user.id).sort()).toEqual(["ann", "cleo"]);
});

test("[P4] one that was in the middle of a long state when the object slept is given it anew", async () => {
  const simulation = boardSimulation({ latencyMs: 40 });
  const ann = await join(simulation, "ann", 45_000);
  const ben = simulation.client("ben").join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
  await simulation.advance(140);
  expect([...simulation.room.connections].map(({ stage }) => stage)).toEqual(["open", "loading"]);
  await sleeps(simulation);
  await simulation.advance(5000);
  expect(ben.status).toBe("connected");
  expect(canonical(ben.state)).toBe(canonical(ann.room.confirmed));
});

test("one that has caught up again is not taken for one that is behind", async () => {
  const { simulation, ann, ben, connection } = await two(SOFT_BYTES + 1);
  ann.room.setPresence({ mood: "merry" });
  await simulation.advance(100);
  expect(connection.flow.spared).toBe(true);
  simulation.room.receive(connection, frameOf([UP.ack, writeAck(Number.MAX_SAFE_INTEGER)]));
  await simulation.advance(100);
  await sleeps(simulation);
  void ann.room.do.add({ n: 1 });
  await simulation.advance(100);
  expect([simulation.room.inspect().counters.closed, ben.room.state.meta.total]).toEqual([{}, 1]);
});

test("what is for one alone is told when it has caught up: that the document is nearly full", async () => {
  const simulation = simulate(notesRoom, { maxLiveDocumentBytes: 10_000 });
  const [ann, ben] = [1, 2].map((n) => simulation.client(`user ${n}`).join(notesRoom, "notes"));
  const told: string[] = [];
  ben!.on("error", (error) => told.push(error.code));
  await simulation.advance(200);
  const connection = [...simulation.room.connections][1]!;
  connection.flow.sent(HARD_BYTES + 1);
  ann!.doc.getText("body").insert(0, "a");
  await simulation.advance(100);
  expect(connection.stage).toBe("lagging");
  ben!.doc.getText("body").insert(0, "b".repeat(8500));
  await simulation.advance(100);
  expect(told).toEqual([]);
  simulation.room.receive(connection, frameOf([UP.ack, writeAck(Number.MAX_SAFE_INTEGER)]));
  await simulation.advance(200);
  expect([connection.stage, told, ben!.sync]).toEqual(["open", ["document-nearly-full"], { state: "saved", pending: 0 }]);
});
