/** A room with its clients, on a simulated clock and wire: what the promises say, one by one. */
import { expect, test } from "vitest";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join, type Player } from "../kit/board.ts";
import { helloFrame } from "../kit/frames.ts";
import { watch } from "../kit/outcome.ts";

test("the first to join makes the room, the next finds it as it is", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann", 3);
  const ben = await join(simulation, "ben", 99);
  expect(ann.room.state.pieces.size).toBe(3);
  expect(ben.room.params).toEqual({ pieces: 3 });
  expect(canonical(ben.room.state)).toBe(canonical(ann.room.state));
  expect([ann.room.self?.id, ben.room.self?.id]).toEqual([1, 2]);
});

test("a room that is not there and is not asked to be made answers not-found, and stores nothing", async () => {
  const simulation = boardSimulation();
  const client = simulation.client("ann");
  const room = client.join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
  const ready = watch(room.ready);
  await simulation.advance(1000);
  expect(ready.is).toBe("not-found");
  expect(room.status).toBe("disconnected");
  expect(simulation.store.birth()).toBeUndefined();
});

test("[P1] an action is answered, and shown to others, only once its row is durable", async () => {
  const simulation = boardSimulation({ commitMs: 30 });
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const added = watch(ann.room.do.add({ n: 5 }));
  await simulation.advance(20); // there and applied, but not on the disk
  expect(ann.room.state.meta.total).toBe(5);
  expect([added.settled, ben.room.state.meta.total, ann.room.confirmed.meta.total]).toEqual([false, 0, 0]);
  await simulation.advance(30);
  expect(added.done).toEqual({ seq: ann.room.confirmed.meta.total === 5 ? expect.any(Number) : "not confirmed", value: 5 });
  expect(ben.room.state.meta.total).toBe(5);
});

test("[P1] a crash before the row is durable takes the action back, and the resend runs it once", async () => {
  const simulation = boardSimulation({ commitMs: 30 });
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const added = watch(ann.room.do.add({ n: 5 }));
  await simulation.advance(20);
  simulation.crash();
  expect(added.settled).toBe(false);
  await simulation.advance(5000);
  expect(added.done?.value).toBe(5);
  expect([ann.room.confirmed.meta.total, ben.room.confirmed.meta.total]).toEqual([5, 5]);
});

test("[P2] an action whose answer was lost takes effect once and gets its first answer", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const added = watch(ann.room.do.add({ n: 5 }));
  const rolled = watch(ann.room.do.roll());
  await simulation.advance(7); // the room has it; the answer is under way
  ann.wire.network.drop();
  await simulation.advance(5000);
  expect(added.done?.value).toBe(5);
  expect(rolled.done?.value).toBe(ann.room.confirmed.meta.lastRoll);
  expect(ann.room.confirmed.meta.total).toBe(5);
});

test("[P2] the answers outlive the object: a resend after a crash is answered, not run", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const held = watch(ann.room.do.grab({ id: 999 }));
  const added = watch(ann.room.do.add({ n: 5 }));
  await simulation.advance(9); // durable, the answers on the wire
  simulation.crash();
  expect([held.settled, added.settled]).toEqual([false, false]);
  await simulation.advance(5000);
  expect(held.is).toBe("gone");
  expect(added.done?.value).toBe(5);
  expect(ann.room.confirmed.meta.total).toBe(5);
});

test("[P3] a client that was away is given what it missed, not the whole state", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann", 500);
  const ben = await join(simulation, "ben");
  ben.wire.network.drop();
  const added = watch(ann.room.do.add({ n: 5 }));
  await simulation.advance(100);
  simulation.sent.length = 0;
  await simulation.advance(5000);
  expect(added.settled).toBe(true);
  expect(ben.room.status).toBe("connected");
  expect(canonical(ben.room.state)).toBe(canonical(ann.room.state));
  const largest = Math.max(...simulation.sent.filter(({ to }) => to === "ben").map(({ bytes }) => bytes.length));
  expect(largest).toBeLessThan(100); // the whole state of 500 pieces is over 3,000 bytes
});

test("[P4] after quiet every client shows what the room holds, and nothing is pending", async () => {
  const simulation = boardSimulation();
  const players: Player[] = [];
  for (const name of ["ann", "ben", "cleo"]) players.push(await join(simulation, name));
  const results = players.flatMap(({ room }, index) => [
    watch(room.do.grab({ id: 4 })),
    watch(room.do.add({ n: index + 1 })),
    watch(room.do.drop({ id: 4, x: index, y: index })),
  ]);
  await simulation.advance(1000);
  expect(results.every(({ settled }) => settled)).toBe(true);
  const states = players.map(({ room }) => [canonical(room.state), canonical(room.confirmed), room.sync]);
  expect(new Set(states.map(([state]) => state)).size).toBe(1);
  expect(states.every(([state, confirmed]) => state === confirmed)).toBe(true);
  expect(states.map(([, , sync]) => sync)).toEqual(Array(3).fill({ state: "saved", pending: 0 }));
  expect(players[0]!.room.state.meta.total).toBe(6);
});

test("[P5] a refused action changes nothing, its caller is told why, and others are sent nothing", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const before = canonical(ben.room.confirmed);
  simulation.sent.length = 0;
  const refused = [watch(ann.room.do.waver()), watch(ann.room.do.grab({ id: 999 })), watch(ann.room.do.broken())];
  expect(ann.room.state.meta.total).toBe(0); // not even predicted
  await simulation.advance(500);
  expect(refused.map(({ is }) => is)).toEqual(["gone", "gone", "internal"]);
  expect(ann.room.isRejection(refused[0]!.error)).toBe(true);
  expect(ann.room.isRejection(refused[2]!.error)).toBe(false);
  expect([canonical(ann.room.state), canonical(ben.room.state)]).toEqual([before, before]);
  expect(simulation.sent.filter(({ to }) => to === "ben")).toEqual([]);
  expect(simulation.logged.join()).toContain("a bug in the rules");
});

test("[P5] an action over its rate is refused without using up its number, and those behind it run", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const calls = [
    watch(ann.room.do.rare()),
    watch(ann.room.do.rare()),
    watch(ann.room.do.add({ n: 2 })),
    watch(ann.room.do.add({ n: 3 })),
  ];
  await simulation.advance(500);
  expect(calls.map(({ done }) => done?.value)).toEqual([undefined, undefined, 2, 5]);
  expect(ann.room.confirmed.meta.total).toBe(5);
});

test("[P5] input that does not fit is refused by name before it is sent", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const refused = watch(ann.room.do.drop({ id: 1, x: 40_000, y: 0 }));
  await simulation.advance(1);
  expect(refused.error).toMatchObject({
    code: "bad-input",
    received: "40000",
    expected: "an integer from -32768 to 32767",
    retryable: false,
  });
  expect(ann.room.sync.pending).toBe(0);
});

test("a grab that came second is taken back in the step that tells of it", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const first = watch(ann.room.do.grab({ id: 1 }));
  const second = watch(ben.room.do.grab({ id: 1 }));
  ben.room.do.drag({ id: 1, x: 77, y: 7 });
  expect(ben.room.state.pieces.get(1)).toMatchObject({ x: 77, y: 7, heldBy: 2 });
  const shown: unknown[] = [];
  ben.room.on("frame", () => {
    const { x, y, heldBy } = ben.room.state.pieces.get(1)!;
    shown.push(`${x},${y} held by ${heldBy}`);
  });
  await simulation.advance(500);
  expect(first.settled).toBe(true);
  expect(second.is).toBe("held");
  const turn = shown.findIndex((each) => each === "10,0 held by 1");
  expect(turn).toBeGreaterThan(-1);
  expect(new Set(shown.slice(turn))).toEqual(new Set(["10,0 held by 1"]));
});

test("a drag is seen while it lasts, is nobody's state, and ends with the drop", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  await simulation.until(ann.room.do.grab({ id: 1 }));
  ann.room.do.drag({ id: 1, x: 50, y: 5 });
  expect(ann.room.state.pieces.get(1)).toMatchObject({ x: 50, y: 5 }); // in the same frame
  await simulation.advance(60);
  expect(ben.room.state.pieces.get(1)).toMatchObject({ x: 50, y: 5, heldBy: 1 });
  expect(ben.room.confirmed.pieces.get(1)).toMatchObject({ x: 10, y: 0 });
  await simulation.until(ann.room.do.drop({ id: 1, x: 60, y: 6 }));
  await simulation.settle();
  expect(ben.room.state.pieces.get(1)).toMatchObject({ x: 60, y: 6, heldBy: 0 });
  expect(canonical(ben.room.state)).toBe(canonical(ann.room.confirmed));
});

test("a drag that nobody renews ends by itself after two seconds", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  await simulation.until(ann.room.do.grab({ id: 1 }));
  ann.room.do.drag({ id: 1, x: 50, y: 5 });
  await simulation.advance(1500);
  expect(ben.room.state.pieces.get(1)?.x).toBe(50);
  await simulation.advance(2000);
  expect(ben.room.state.pieces.get(1)?.x).toBe(10);
});

test("no one sees a drag before the grab it rests on, however slow the disk", async () => {
  const simulation = boardSimulation({ commitMs: 30 });
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const seen: string[] = [];
  ben.room.on("frame", () => {
    const { x, heldBy } = ben.room.state.pieces.get(1)!;
    seen.push(`${x} held by ${heldBy}`);
  });
  const grabbed = watch(ann.room.do.grab({ id: 1 }));
  for (let step = 1; step <= 10; step++) {
    ann.room.do.drag({ id: 1, x: 100 + step, y: 0 });
    await simulation.advance(16);
  }
  await simulation.advance(200);
  expect(grabbed.settled).toBe(true);
  expect(seen.some((each) => each.startsWith("110"))).toBe(true);
  expect(seen.filter((each) => each !== "10 held by 0" && each.endsWith("by 0"))).toEqual([]);
});

test("[P6] presence is the open sockets: seen at once, gone at once, and nobody speaks for another", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  ben.room.setPresence({ mood: "merry", cursor: { x: 3, y: 4 } });
  await simulation.advance(60);
  expect(ann.room.others).toEqual([
    { id: 2, user: { id: "ben", name: "ben" }, presence: { mood: "merry", cursor: { x: 3, y: 4 } }, connections: 1 },
  ]);
  const again = await join(simulation, "ben");
  expect(ann.room.others.map(({ connections }) => connections)).toEqual([2]);
  expect(again.room.self).toMatchObject({ id: 2, connections: 2 });
  ben.room.disconnect();
  again.room.disconnect();
  await simulation.advance(60);
  expect(ann.room.others).toEqual([]);
});

test("[P6] after an eviction with open sockets presence is whole, and play goes on", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  ben.room.setPresence({ mood: "merry" });
  await simulation.until(ann.room.do.grab({ id: 1 }));
  ann.room.do.drag({ id: 1, x: 50, y: 5 });
  await simulation.advance(60);
  simulation.evict();
  const added = await simulation.until(ben.room.do.add({ n: 1 }));
  expect(added.value).toBe(1);
  const cleo = await join(simulation, "cleo");
  expect(cleo.room.others.map(({ user, presence }) => [user.id, presence.mood])).toEqual([
    ["ann", "calm"],
    ["ben", "merry"],
  ]);
  expect(ann.room.others.map(({ user }) => user.id)).toEqual(["ben", "cleo"]);
  expect(cleo.room.state.pieces.get(1)).toMatchObject({ x: 50, heldBy: 1 }); // the live drag was said again
});

test("what a user holds is released when the last session has been gone for the grace time, and not before", async () => {
  const simulation = boardSimulation({ leaveGraceMs: 5000 });
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  await simulation.until(ann.room.do.grab({ id: 1 }));
  ann.room.disconnect();
  await simulation.advance(4000);
  expect(ben.room.state.pieces.get(1)?.heldBy).toBe(1);
  const back = await join(simulation, "ann");
  await simulation.advance(10_000);
  expect(ben.room.state.pieces.get(1)?.heldBy).toBe(1); // came back in time
  back.room.destroy();
  await simulation.advance(6000);
  expect(ben.room.state.pieces.get(1)?.heldBy).toBe(0);
  expect(ben.room.state.seen.get(1)).toMatchObject({ joins: 1, leaves: 1 });
});

test("what a user held when the process died is released after the grace time", async () => {
  const simulation = boardSimulation({ leaveGraceMs: 5000 });
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  await simulation.until(ann.room.do.grab({ id: 1 }));
  simulation.crash();
  ann.room.destroy();
  await simulation.advance(20_000);
  expect(ben.room.status).toBe("connected");
  expect(ben.room.state.pieces.get(1)?.heldBy).toBe(0);
});

test("[P1] a group that cannot be stored never happened; who waits is served once storage works again", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  simulation.store.failure = new Error("database or disk is full: SQLITE_FULL");
  const added = watch(ann.room.do.add({ n: 5 }));
  await simulation.advance(100);
  expect([added.settled, ben.room.state.meta.total]).toEqual([false, 0]);
  await simulation.advance(5000);
  expect(added.done?.value).toBe(5);
  expect([ben.room.state.meta.total, ann.room.status, ben.room.status]).toEqual([5, "connected", "connected"]);
});

test("events go to everyone with their sender, and the game's own come once they are durable", async () => {
  const heard: unknown[] = [];
  const simulation = boardSimulation({ hooks: { event: (event) => heard.push(event) } });
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const told: unknown[] = [];
  ben.room.on("event", (event) => told.push(event));
  ann.room.broadcast("wave", { hand: "left" });
  await simulation.until(ann.room.do.grab({ id: 1 }));
  await simulation.until(ann.room.do.drop({ id: 1, x: 1, y: 1 }));
  await simulation.settle();
  expect(told).toEqual([
    { type: "wave", data: { hand: "left" }, from: 1 },
    { type: "landed", data: { piece: 1, by: 1 }, from: "room" },
  ]);
  expect(heard).toEqual([{ type: "landed", data: { piece: 1, by: 1 } }]);
});

test("rows keep their identity until something in them changes", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const [one, two] = [ann.room.state.pieces.get(1), ann.room.state.pieces.get(2)];
  const calls: (number | undefined)[] = [];
  ann.room.subscribe(
    (state) => state.pieces.get(1)?.heldBy,
    (by) => calls.push(by),
  );
  await simulation.until(ann.room.do.grab({ id: 1 }));
  await simulation.until(ann.room.do.add({ n: 1 }));
  expect(ann.room.state.pieces.get(1)).not.toBe(one);
  expect(ann.room.state.pieces.get(2)).toBe(two);
  expect(calls).toEqual([1]);
  expect(() => Object.assign(ann.room.state.pieces.get(2)!, { x: 9 })).toThrow(TypeError);
});

test("a spectator sees and is not heard", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const client = simulation.client("eve", { scopes: ["read"] });
  const eve = client.join(boardRoom, "table", { presence: { cursor: null, mood: "sly" } });
  await simulation.advance(100);
  await eve.ready;
  const refused = watch(eve.do.add({ n: 7 }));
  await simulation.advance(200);
  expect([refused.is, eve.self?.id, ann.room.state.meta.total]).toEqual(["forbidden", 0, 0]);
  await simulation.until(ann.room.do.add({ n: 1 }));
  await simulation.settle();
  expect(eve.state.meta.total).toBe(1);
});

test("after two thousand rows the room starts from a snapshot, answers included, and old rows are gone", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  for (let n = 0; n < 2100; n++) {
    void ann.room.do.add({ n: 1 });
    await simulation.advance(40);
  }
  const rows = simulation.store.rows(0);
  expect(rows.length).toBeLessThan(1200);
  expect(simulation.store.snapshot()).toBeGreaterThan(1900);
  const added = watch(ann.room.do.add({ n: 1 }));
  await simulation.advance(9);
  simulation.crash();
  await simulation.advance(5000);
  expect(added.done?.value).toBe(2101);
  const ben = await join(simulation, "ben");
  expect(canonical(ben.room.state)).toBe(canonical(ann.room.state));
});

test("[P7] a room where nothing happens has no timer", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  ann.room.setPresence({ mood: "still" });
  await simulation.until(ann.room.do.add({ n: 1 }));
  await simulation.advance(10_000);
  ann.room.destroy();
  await simulation.advance(10_000);
  expect(simulation.clock.timers).toBe(0);
});

test("a session id cannot be taken by another user, and a newer socket of one's own replaces the older", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  await simulation.until(ann.room.do.add({ n: 1 }));
  const connections = [...simulation.room.connections];
  expect(connections).toHaveLength(1);
  const { session } = connections[0]!;
  const closed: number[] = [];
  const socket = { send: () => {}, attach: () => {}, heardAt: () => Infinity, close: (code: number) => void closed.push(code) };
  const facts = (id: string) => ({ user: { id }, scopes: ["read", "presence", "write"] as const, expiresAt: Infinity });
  const thief = simulation.room.connect(socket, facts("eve"));
  simulation.room.receive(thief, helloFrame(boardRoom, session));
  expect(closed).toEqual([4403]);
  const newer = simulation.room.connect(socket, facts("ann"));
  simulation.room.receive(newer, helloFrame(boardRoom, session));
  await simulation.advance(50);
  expect([newer.stage, connections[0]!.stage]).toEqual(["open", "gone"]);
});
