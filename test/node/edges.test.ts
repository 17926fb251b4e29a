/** Where one promise meets another: lagging and leaving, watching and speaking, expiring and reading, streaming and resting. */
import { expect, test } from "vitest";
import { Flow, HARD_BYTES } from "../../server/room/flow.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { UP } from "../../shared/protocol/up.ts";
import { board, boardRoom } from "../kit/board-game.ts";
import { boardSimulation, join } from "../kit/board.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";

test("[P6] one who goes while lagging is gone for everyone", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const [, second] = [...simulation.room.connections];
  second!.flow.sent(2 * HARD_BYTES);
  ann.room.setPresence({ mood: "talking" });
  await simulation.advance(100);
  expect(second!.stage).toBe("lagging");
  ben.room.destroy();
  await simulation.advance(100);
  expect(ann.room.others).toEqual([]);
});

test("[P2] what a reader did while it lagged is answered once, in order, behind its welcome", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const [, second] = [...simulation.room.connections];
  second!.flow.sent(2 * HARD_BYTES);
  ann.room.setPresence({ mood: "talking" });
  await simulation.advance(100);
  expect(second!.stage).toBe("lagging");
  const calls = [ben.room.do.rare(), ben.room.do.add({ n: 5 }), ben.room.do.add({ n: 7 })].map((call) =>
    call.then(({ value }) => value),
  );
  await simulation.advance(100);
  simulation.room.receive(second!, frameOf([UP.ack, writeAck(2 * HARD_BYTES + 1_000_000)]));
  await simulation.advance(500);
  expect(await Promise.all(calls)).toEqual([undefined, 5, 12]);
  expect([ben.room.status, simulation.room.inspect().counters.resyncs]).toEqual(["connected", 1]);
  expect([ann.room.state.meta.total, ben.room.state.meta.total, ben.room.sync.pending]).toEqual([12, 12, 0]);
});

test("[P6] those who only watch neither speak nor show anything of themselves", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const heard: unknown[] = [];
  ann.room.on("event", (event) => heard.push(event));
  for (const scopes of [["read"], ["read", "presence"]] as const) {
    const eve = simulation
      .client(`eve ${scopes.length}`, { scopes })
      .join(boardRoom, "table", { presence: { cursor: null, mood: "sly" } });
    await simulation.advance(200);
    eve.broadcast("wave", { hand: "both" });
    await simulation.advance(200);
  }
  expect(heard).toEqual([]);
  expect(ann.room.others.map(({ presence }) => presence.mood)).toEqual(["", "sly"]);
});

test("a token that has ended reads nothing more, even in the hand of one who says nothing", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  let closed = 0;
  const socket = { send: () => {}, attach: () => {}, heardAt: () => Infinity, close: (code: number) => void (closed = code) };
  const reader = simulation.room.connect(socket, { user: { id: "late" }, scopes: ["read"], expiresAt: simulation.now + 1000 });
  simulation.room.receive(reader, helloFrame(boardRoom, "late"));
  await simulation.advance(500);
  expect([reader.stage, closed]).toEqual(["open", 0]);
  await simulation.advance(1000);
  ann.room.setPresence({ mood: "secret" });
  await simulation.advance(100);
  expect([reader.stage, closed]).toEqual(["gone", 4401]);
});

test("[P4] one's own live value ends like everyone's: two seconds after it was last said", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  void ann.room.do.grab({ id: 1 });
  ann.room.do.drag({ id: 1, x: 50, y: 5 });
  await simulation.advance(1000);
  expect([ann.room.state.pieces.get(1)?.x, ben.room.state.pieces.get(1)?.x]).toEqual([50, 50]);
  await simulation.advance(3000);
  expect([ann.room.state.pieces.get(1)?.x, ben.room.state.pieces.get(1)?.x]).toEqual([10, 10]);
});

test("[P8] what a client read before the object woke is no credit for what it is sent now", () => {
  const flow = new Flow();
  flow.acknowledge(50_000_000); // since the socket opened
  flow.sent(HARD_BYTES);
  flow.acknowledge(50_000_000);
  expect(flow.owed).toBe(HARD_BYTES);
  flow.acknowledge(50_000_000 + 1000);
  expect(flow.owed).toBe(HARD_BYTES - 1000);
});

test("[P5] bytes behind the parameters make no room", async () => {
  const simulation = boardSimulation();
  const closes: number[] = [];
  const socket = { send: () => {}, attach: () => {}, heardAt: () => Infinity, close: (code: number) => void closes.push(code) };
  const eve = simulation.room.connect(socket, { user: { id: "eve" }, scopes: ["read", "write", "create"], expiresAt: Infinity });
  const params = encode((to) => board["~rules"].params!.write(to, { pieces: 3 }));
  simulation.room.receive(eve, helloFrame(boardRoom, "eve", { create: Uint8Array.of(...params, 1, 2, 3) }));
  await simulation.advance(100);
  expect([closes, simulation.store.birth()]).toEqual([[4400], undefined]);
});

test("onEmpty is told when the last who was in has gone, not when a stranger is turned away", async () => {
  let empty = 0;
  const simulation = boardSimulation({ hooks: { empty: () => void empty++ } });
  const stranger = simulation.client("eve").join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
  await simulation.advance(200);
  expect([stranger.status, empty]).toEqual(["disconnected", 0]);
  const ann = await join(simulation, "ann");
  ann.room.destroy();
  await simulation.advance(200);
  expect(empty).toBe(1);
});
