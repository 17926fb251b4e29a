/** What a room does about those who talk too much, and about too many. */
import { expect, test } from "vitest";
import { Counters } from "../../server/observe/counters.ts";
import { Bucket } from "../../shared/bucket.ts";
import { Connections, type Connection, type Facts } from "../../server/room/connections.ts";
import { Throttle } from "../../server/room/throttle.ts";
import { UP } from "../../shared/protocol/up.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join, type Player } from "../kit/board.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";

test("a bucket gives its burst at once, then its rate, and is never fuller than full", () => {
  const bucket = new Bucket(10, 20);
  const taken = (now: number): number => {
    let count = 0;
    while (bucket.take(now)) count++;
    return count;
  };
  expect(taken(0)).toBe(20);
  expect(taken(50)).toBe(0);
  expect(taken(1000)).toBe(10);
  expect(bucket.isFull(2000)).toBe(false);
  expect(bucket.isFull(3000)).toBe(true);
  expect(taken(100_000)).toBe(20);
});

test("a bucket says how long to wait, no longer than until it is full, and what was spent beyond it is waited for", () => {
  const bucket = new Bucket(10, 20);
  expect([bucket.waitMs(0, 20), bucket.waitMs(0, 50)]).toEqual([0, 0]);
  bucket.spend(50);
  expect([bucket.waitMs(0, 1), bucket.waitMs(0, 50), bucket.waitMs(3000, 1)]).toEqual([3100, 5000, 100]);
});

test("a rate below one a second still lets one through", () => {
  const bucket = new Bucket(0.5);
  expect([bucket.take(0), bucket.take(1000), bucket.take(2000)]).toEqual([true, false, true]);
});

test("[P5] a flooder is closed 4529 within its first second, by frames or by bytes; the others lose nothing and wait for nothing", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const before = canonical(ben.room.state);
  const nothing = [UP.presence, Uint8Array.of(0)] as const;
  for (const length of [1, 20_000]) {
    const eve = await join(simulation, `eve ${length}`);
    const flood = frameOf(...Array.from({ length }, () => nothing));
    let said = 0;
    while (eve.room.status === "connected" && said < 10_000) {
      eve.wire.network.says(flood);
      said++;
      if (said % 50 === 0) await simulation.advance(10);
    }
    await simulation.advance(20);
    expect([length, eve.room.status]).toEqual([length, "reconnecting"]);
    expect(said).toBeLessThan(1000);
    eve.room.destroy();
  }
  expect(simulation.room.inspect().counters.closed).toEqual({ 4529: 2 });
  const done = ann.room.do.add({ n: 1 });
  await simulation.advance(30);
  expect(await done).toMatchObject({ value: 1 });
  expect([ann.room.status, ben.room.status]).toEqual(["connected", "connected"]);
  expect(canonical(ben.room.state)).not.toBe(before);
});

test("coming back does not buy a flooder a new allowance", () => {
  const simulation = boardSimulation();
  const closes: number[] = [];
  const facts = { user: { id: "eve" }, scopes: ["read", "presence", "write", "create"] as const, expiresAt: Infinity };
  const said: number[] = [];
  for (let visit = 0; visit < 4; visit++) {
    const socket = { send: () => {}, attach: () => {}, heardAt: () => Infinity, close: (code: number) => void closes.push(code) };
    const eve = simulation.room.connect(socket, facts);
    simulation.room.receive(eve, helloFrame(boardRoom, `visit ${visit}`, { create: new Uint8Array(2) }));
    let frames = 0;
    for (; eve.stage !== "gone" && frames < 10_000; frames++)
      simulation.room.receive(eve, frameOf([UP.presence, Uint8Array.of(0)]));
    said.push(frames);
  }
  expect(closes).toEqual([4529, 4529, 4529, 4529]);
  expect(said[0]).toBeGreaterThan(300);
  expect(said.slice(2)).toEqual([0, 0].map(() => expect.any(Number)));
  expect(said[2]! + said[3]!).toBeLessThan(10);
});

test("a hundred race into a room for ten: exactly ten enter, and a place that is given up can be taken", async () => {
  const simulation = boardSimulation({ capacity: 10, leaveGraceMs: 100 });
  const rooms = Array.from({ length: 100 }, (_, index) =>
    simulation.client(`user ${index}`).join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 3 } }),
  );
  await simulation.advance(500);
  const entered = rooms.filter(({ status }) => status === "connected");
  expect(entered).toHaveLength(10);
  expect(simulation.room.inspect().counters.closed).toEqual({ 4531: 90 });
  expect(new Set(entered.map(({ others }) => others.length))).toEqual(new Set([9]));
  entered[0]!.destroy();
  await simulation.advance(60_000); // those who wait come back after 10 s and more
  expect(rooms.filter(({ status }) => status === "connected")).toHaveLength(10);
});

test("[P5] when all together say too much, those who say most are closed, and who says little is heard", () => {
  const throttle = new Throttle(100); // the room itself takes 200 frames a second, and 800 at once
  const facts = (id: string): Facts => ({ user: { id }, scopes: [], expiresAt: Infinity });
  const connections = new Connections(new Counters());
  const socket = { send: () => {}, attach: () => {}, heardAt: () => Infinity, close: () => {} };
  const loud = Array.from({ length: 8 }, (_, n) => connections.add(socket, facts(`loud ${n}`), 0));
  const quiet = connections.add(socket, facts("quiet"), 0);
  const refused = new Set<Connection>();
  for (let now = 0; now < 20_000; now += 11) {
    for (const connection of loud) if (!refused.has(connection) && !throttle.allows(connection, 20, now)) refused.add(connection);
    if (now % 55 === 0) expect(throttle.allows(quiet, 20, now)).toBe(true);
  }
  expect(refused.size).toBeGreaterThan(3);
  expect(refused.size).toBeLessThan(8); // the room has room for some of them
});

test("[P8] a full room asks everyone to send fewer frames, and to hurry again when it is not", async () => {
  const simulation = boardSimulation({ framesPerSecond: 50 });
  const players: Player[] = [];
  for (let n = 0; n < 5; n++) players.push(await join(simulation, `player ${n}`));
  const frames = async (seconds: number): Promise<number> => {
    const before = simulation.room.inspect().counters.framesIn;
    for (let step = 0; step < seconds * 100; step++) {
      for (const { room } of players) room.setPresence({ mood: String(step) });
      await simulation.advance(10);
    }
    return (simulation.room.inspect().counters.framesIn - before) / seconds;
  };
  await frames(5);
  const full = await frames(5);
  expect(full).toBeLessThan(60);
  expect(full).toBeGreaterThan(20);
  const late = await join(simulation, "late"); // is told at the door
  players.push(late);
  expect(await frames(5)).toBeLessThan(70);
  for (const { room } of players.splice(2)) room.destroy();
  await frames(20);
  expect((await frames(5)) / 2).toBeGreaterThan(15); // of 31 that the SDK sends at the most
  expect(simulation.room.inspect().counters.closed).toEqual({});
});

test("[P8] what a full room asked for ends with its life, where it is not said again", async () => {
  const simulation = boardSimulation({ framesPerSecond: 50 });
  const players = [await join(simulation, "ann"), await join(simulation, "ben"), await join(simulation, "cleo")];
  const frames = async (seconds: number): Promise<number> => {
    const before = simulation.room.inspect().counters.framesIn;
    for (let step = 0; step < seconds * 100; step++) {
      for (const { room } of players) room.setPresence({ mood: String(step) });
      await simulation.advance(10);
    }
    return (simulation.room.inspect().counters.framesIn - before) / seconds;
  };
  await frames(5);
  expect(await frames(1)).toBeLessThan(60);
  simulation.store.failure = new Error("SQLITE_FULL");
  void players[0]!.room.do.add({ n: 1 });
  expect(await frames(1)).toBeLessThan(60); // another life of the same object
  await simulation.advance(1000);
  players.splice(1); // a room with nobody else who speaks
  expect(await simulation.comesToRest()).toBe(true);
  simulation.evict();
  players[0]!.room.setPresence({ mood: "awake" });
  await simulation.advance(300);
  expect(await frames(1)).toBeGreaterThan(25);
});
