/** [P8] A reader slower than the room: what it is spared, how it catches up, and that nobody else can tell. */
import { expect, test } from "vitest";
import { Connections } from "../../server/room/connections.ts";
import { CREDIT_WITHIN_MS, HARD_BYTES, SOFT_BYTES } from "../../server/room/flow.ts";
import { Counters } from "../../server/observe/counters.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { UP } from "../../shared/protocol/up.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join, type Player } from "../kit/board.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import type { Simulation } from "../kit/simulation.ts";

/** A socket that says hello and then never that it has read anything. */
function silent(simulation: Simulation) {
  const seen = { bytes: 0, frames: 0, closed: undefined as number | undefined };
  const socket = {
    send: (bytes: Uint8Array) => {
      seen.bytes += bytes.length;
      seen.frames++;
    },
    attach: () => {},
    heardAt: () => Infinity,
    close: (code: number) => void (seen.closed = code),
  };
  const scopes = ["read", "presence", "write"] as const;
  const connection = simulation.room.connect(socket, { user: { id: "slow" }, scopes, expiresAt: Infinity });
  simulation.room.receive(connection, helloFrame(boardRoom, "slow"));
  return { seen, connection };
}

/** Everyone talks until the slow reader is owed this much, or is sent nothing more. */
async function talk(simulation: Simulation, players: readonly Player[], more: () => boolean): Promise<void> {
  const mood = "m".repeat(16);
  for (let step = 0; more() && step < 200_000; step++) {
    for (const { room } of players) {
      room.setPresence({ mood: `${mood.slice(4)}${step % 1000}`, cursor: { x: step % 1000, y: 0 } });
      if (step % 10 === 0) void room.do.add({ n: 1 });
    }
    await simulation.advance(40);
  }
}

test("[P8] transient frames stop at the soft bound, all frames at the hard one, and never does a socket get more", () => {
  const connections = new Connections(new Counters());
  let got = 0;
  const facts = { user: { id: "slow" }, scopes: [], expiresAt: Infinity };
  const connection = connections.add(
    { send: (bytes) => void (got += bytes.length), close: () => {}, attach: () => {}, heardAt: () => Infinity },
    facts,
    0,
  );
  connection.stage = "open";
  const frame = new Uint8Array(10_000);
  for (let sent = 0; sent < 50_000_000; sent += frame.length) connections.broadcast(frame, "volatile", 0, 0);
  expect(got).toBeGreaterThan(SOFT_BYTES);
  expect(got).toBeLessThanOrEqual(SOFT_BYTES + 2 * frame.length);
  for (let sent = 0; sent < 50_000_000; sent += frame.length) connections.broadcast(frame, "durable", 0, 0);
  expect(got).toBeLessThanOrEqual(HARD_BYTES + 2 * frame.length);
  expect(connection.stage).toBe("lagging");
});

test("[P8] a reader that acknowledges more than it was sent gains nothing by it", () => {
  const connections = new Connections(new Counters());
  const facts = { user: { id: "slow" }, scopes: [], expiresAt: Infinity };
  const connection = connections.add({ send: () => {}, close: () => {}, attach: () => {}, heardAt: () => Infinity }, facts, 0);
  connection.flow.acknowledge(Number.MAX_SAFE_INTEGER);
  connection.socket.send(new Uint8Array(500));
  expect(connection.flow.owed).toBe(500);
});

test("[P8] one that was spared is welcomed anew when it has caught up, and closed when it never does; others notice nothing", async () => {
  const simulation = boardSimulation();
  const players: Player[] = [];
  for (const name of ["ann", "ben"]) players.push(await join(simulation, name));
  const slow = silent(simulation);
  await simulation.advance(50);
  expect(slow.connection.stage).toBe("open");
  // Owed just short of the hard bound, as after a long time of talk: what follows takes it over.
  slow.connection.flow.sent(HARD_BYTES - 1000);
  await talk(simulation, players, () => slow.connection.stage === "open");
  expect(slow.connection.stage).toBe("lagging");
  const frames = slow.seen.frames;
  await talk(simulation, players, () => simulation.room.inspect().counters.spared < 50);
  expect(slow.seen.frames).toBe(frames);
  expect(players[0]!.room.others.map(({ user }) => user.id)).toContain("slow"); // it is still there

  simulation.room.receive(slow.connection, frameOf([UP.ack, writeAck(Number.MAX_SAFE_INTEGER)]));
  await simulation.advance(50);
  expect(slow.connection.stage).toBe("open");
  expect(simulation.room.inspect().counters.resyncs).toBe(1);

  slow.connection.flow.sent(HARD_BYTES);
  await talk(simulation, players, () => slow.connection.stage === "open");
  await simulation.advance(CREDIT_WITHIN_MS);
  await talk(simulation, players, () => slow.seen.closed === undefined);
  expect(slow.seen.closed).toBe(4530);
  await simulation.advance(200);
  expect(players.map(({ room }) => [room.status, room.sync.state])).toEqual(
    Array.from({ length: 2 }, () => ["connected", "saved"]),
  );
  expect(canonical(players[0]!.room.state)).toBe(canonical(players[1]!.room.confirmed));
});

test("[P8] the SDK says how far it has read, so it is never taken for slow; after a resync it shows what the room holds", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann", 2000);
  const ben = await join(simulation, "ben");
  const [, second] = [...simulation.room.connections];
  await talk(simulation, [ann], () => (second!.flow.owed ?? 0) < 60_000 && simulation.now < Date.UTC(2026, 0, 1) + 600_000);
  await talk(simulation, [ann], () => second!.flow.owed >= 60_000);
  expect(second!.flow.owed).toBeLessThan(10_000); // acknowledged
  expect(second!.stage).toBe("open");

  // As if the wire had been stuck for a while: the room stops, the client catches up, and is whole again.
  second!.flow.sent(HARD_BYTES);
  await talk(simulation, [ann], () => second!.stage === "open");
  const added = ann.room.do.add({ n: 7 });
  await simulation.advance(100);
  await added;
  expect(ben.room.state.meta.total).not.toBe(ann.room.state.meta.total);
  simulation.room.receive(second!, frameOf([UP.ack, writeAck(Number.MAX_SAFE_INTEGER)]));
  await simulation.advance(200);
  expect(canonical(ben.room.state)).toBe(canonical(ann.room.confirmed));
  expect(ben.room.others.map(({ presence }) => presence)).toEqual([ann.room.self!.presence]);
  expect(ben.room.status).toBe("connected");
});

test("[P8] a reader that is only spared, since nothing that lasts is said, is closed after 30 s too", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const slow = silent(simulation);
  await simulation.advance(50);
  slow.connection.flow.sent(SOFT_BYTES + 1000);
  const say = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms / 100; step++) {
      ann.room.setPresence({ mood: String(step % 100) });
      await simulation.advance(100);
    }
  };
  await say(CREDIT_WITHIN_MS - 1000);
  expect([slow.connection.stage, slow.seen.closed]).toEqual(["open", undefined]);
  await say(2000);
  expect([slow.seen.closed, ann.room.status]).toEqual([4530, "connected"]);
});

test("[P8] a reader that lags, has read some, and then reads nothing more is closed after 30 s", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const slow = silent(simulation);
  await simulation.advance(50);
  slow.connection.flow.sent(HARD_BYTES + 1000);
  await talk(simulation, [ann], () => slow.connection.stage === "open");
  simulation.room.receive(slow.connection, frameOf([UP.ack, writeAck(HARD_BYTES / 2)]));
  expect([slow.connection.stage, slow.connection.flow.caughtUp]).toEqual(["lagging", false]);
  await simulation.advance(CREDIT_WITHIN_MS + 1000);
  await talk(simulation, [ann], () => ann.room.sync.state !== "saved" || ann.room.state.meta.total < 3);
  expect(slow.seen.closed).toBe(4530);
});

test("[P7] [P9] one that was spared and catches up is not sent the state anew, though the object has just woken and not read it", async () => {
  const simulation = boardSimulation();
  const [ann, ben] = [await join(simulation, "ann", 2000), await join(simulation, "ben")];
  void ann.room.do.add({ n: 1 });
  expect([await simulation.advance(500), await simulation.comesToRest()]).toEqual([undefined, true]);
  simulation.evict();
  const connection = [...simulation.room.connections][1]!;
  connection.flow.sent(SOFT_BYTES + 1);
  ann.room.setPresence({ mood: "merry" });
  await simulation.advance(100);
  expect(ben.room.others[0]!.presence.mood).toBe("calm");
  const before = simulation.sent.length;
  simulation.room.receive(connection, frameOf([UP.ack, writeAck(Number.MAX_SAFE_INTEGER)]));
  await simulation.advance(100);
  expect(ben.room.others[0]!.presence.mood).toBe("merry");
  const given = simulation.sent.slice(before).filter(({ to }) => to === "ben");
  expect(given.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(500);
});
