/** The kit that users have (`coterie/testing`): that it does what it says, and sees what is wrong. */
import { play, simulate } from "coterie/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { StateView } from "../../client/parts/view.ts";
import { eightsRoom } from "../../demo/games/eights.ts";
import { boardRoom } from "../kit/board-game.ts";
import { notesRoom } from "../kit/notes-room.ts";

const create = { pieces: 4 };

/** A board, and who is in. */
async function board(names: readonly string[], options: Parameters<typeof simulate<typeof boardRoom>>[1] = {}) {
  const simulation = simulate(boardRoom, { create, ...options });
  const rooms = names.map((name) => simulation.join(name));
  await simulation.settle();
  return { simulation, rooms, ann: rooms[0]!, ben: rooms[1]! };
}

afterEach(() => void vi.restoreAllMocks());

describe("the clock", () => {
  test("hours pass without a timer of the machine", async () => {
    const { simulation, ann } = await board(["ann", "ben"]);
    for (const name of ["setTimeout", "setInterval"] as const)
      vi.spyOn(globalThis, name).mockImplementation(() => {
        throw new Error(`${name} of the machine`);
      });
    const before = simulation.now;
    await simulation.advance(5 * 3_600_000);
    expect([simulation.now - before, ann.status]).toEqual([5 * 3_600_000, "connected"]);
  });

  test("stands still unless it is told to move, and moves no further than it must", async () => {
    const { simulation, ann } = await board(["ann"], { commitMs: 100 });
    await simulation.advance(100); // it may speak again at once
    const before = simulation.now;
    const added = ann.do.add({ n: 5 });
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([simulation.now - before, ann.sync.pending]).toEqual([0, 1]);
    expect((await simulation.until(added)).value).toBe(5);
    expect(simulation.now - before).toBe(110); // there, on the disk, and back
  });

  test("what does not come about is said, with the seed; what is refused is refused", async () => {
    const { simulation, ann } = await board(["ann"], { seed: 7 });
    await expect(simulation.until(() => ann.state.meta.total === 1, 5000)).rejects.toThrow(
      /waited 5000 ms for \(\) => ann\.state\.meta\.total === 1 \(seed 7, \d+ ms after the start\)/,
    );
    await expect(simulation.until(ann.do.grab({ id: 99 }))).rejects.toMatchObject({ code: "gone" });
  });
});

describe("[P1] a crash", () => {
  test("takes back what was not answered, and nothing else; sessions say it again", async () => {
    const { simulation, ann, ben } = await board(["ann", "ben"], { commitMs: 30 });
    await simulation.until(ann.do.add({ n: 1 }));
    const written = simulation.store.rows(0).length;
    const second = ann.do.add({ n: 2 });
    await simulation.until(() => simulation.store.rows(0).length > written);
    expect(simulation.durable.rows(0).length).toBe(written);
    simulation.crash();
    expect(simulation.state.meta.total).toBe(1);
    expect((await simulation.until(second)).value).toBe(3);
    await simulation.settle();
    expect([ann, ben].map(({ state }) => state.meta.total)).toEqual([3, 3]);
  });

  test("of a room without a page that knows it loses what was not durable", async () => {
    const { simulation, ann } = await board(["ann"], { commitMs: 30 });
    const written = simulation.store.rows(0).length;
    ann.do.add({ n: 2 }).catch(() => {});
    await simulation.until(() => simulation.store.rows(0).length > written);
    ann.destroy();
    simulation.crash();
    await simulation.advance(60_000);
    expect(simulation.state.meta.total).toBe(0);
  });

  test("a disk that loses what it took: nobody is told of it, and it is said again", async () => {
    const { simulation, ann, ben } = await board(["ann", "ben"]);
    simulation.commitFailure = new Error("SQLITE_IOERR");
    const added = ann.do.add({ n: 2 });
    await simulation.advance(20);
    expect(ben.state.meta.total).toBe(0);
    expect(simulation.logged.join()).toContain("SQLITE_IOERR");
    await simulation.until(added);
    await simulation.settle();
    expect(ben.state.meta.total).toBe(2);
  });
});

describe("sleep", () => {
  test("keeps the sockets, and wakes for the next that is said", async () => {
    const { simulation, ann, ben } = await board(["ann", "ben"]);
    await simulation.until(ann.do.add({ n: 1 }));
    const [{ life, connections }, statuses] = [simulation.room.inspect(), [] as string[]];
    for (const room of [ann, ben]) room.on("status", (status) => statuses.push(status));
    await simulation.sleep();
    await simulation.until(ben.do.add({ n: 1 }));
    await simulation.settle();
    const after = simulation.room.inspect();
    expect(after.life).not.toBe(life);
    expect([after.connections.map(({ id }) => id), statuses]).toEqual([connections.map(({ id }) => id), []]);
    expect(ann.state.meta.total).toBe(2);
  });

  test("does not come while a write is under way", async () => {
    const { simulation, ann } = await board(["ann"], { commitMs: 2000 });
    ann.do.add({ n: 1 }).catch(() => {});
    await simulation.advance(50);
    await expect(simulation.sleep()).rejects.toThrow("the room does not come to rest (seed 1");
  });
});

describe("a network", () => {
  test("that is cut is gone for both sides, until it is restored", async () => {
    const { simulation, ann, ben } = await board(["ann", "ben"]);
    const network = simulation.network(ann);
    network.cut();
    const added = ann.do.add({ n: 4 });
    await simulation.advance(60_000);
    expect([ann.status, ann.sync, ben.others, ben.state.meta.total]).toEqual([
      "reconnecting",
      { state: "offline", pending: 1 },
      [],
      0,
    ]);
    await simulation.settle(); // ann is not waited for
    network.restore();
    await simulation.advance(100); // not the wait between two tries
    expect(ann.status).toBe("connected");
    expect((await simulation.until(added)).value).toBe(4);
    await simulation.settle();
    expect([network.isCut, ben.state.meta.total, ben.others.length]).toEqual([false, 4, 1]);
  });

  test("that drops a socket is there for the next one", async () => {
    const { simulation, ann } = await board(["ann"]);
    const statuses: string[] = [];
    ann.on("status", (status) => statuses.push(status));
    simulation.network(ann).drop();
    await simulation.settle();
    await simulation.until(() => statuses.length === 2);
    expect(statuses).toEqual(["reconnecting", "connected"]);
  });

  test("that stalls says nothing to anyone: each finds out by itself", async () => {
    const { simulation, ann, ben } = await board(["ann", "ben"]);
    simulation.network(ann).stall();
    await simulation.advance(100);
    expect([ann.status, ben.others.length]).toEqual(["connected", 1]);
    await simulation.advance(60_000);
    expect([ann.status, ben.others.length, simulation.room.inspect().connections.length]).toEqual(["connected", 1, 2]);
  });

  test("has the latency of its page, each way, and keeps the order however unsteady it is", async () => {
    const { simulation, ann, ben } = await board(["ann", "ben"], { latencyMs: 1 });
    simulation.network(ann).latencyMs = 400;
    await simulation.advance(100);
    const before = simulation.now;
    await simulation.until(ann.do.add({ n: 1 }));
    expect(simulation.now - before).toBe(801); // there, onto the disk, and back
    Object.assign(simulation.network(ben), { jitterMs: 500, loss: 0.3 });
    const seen: number[] = [];
    ben.on("frame", () => seen.push(ben.state.meta.total));
    for (let n = 0; n < 30; n++) {
      ann.do.add({ n: 1 }).catch(() => {});
      await simulation.advance(40);
    }
    await simulation.settle();
    expect(seen.length).toBeGreaterThan(5);
    expect([seen.toSorted((a, b) => a - b), seen.at(-1)]).toEqual([seen, 31]);
  });

  test("is that of a room that this simulation joined", async () => {
    const [{ simulation }, { ann }] = [await board(["ann"]), await board(["ann"])];
    expect(() => simulation.network(ann)).toThrow("expected one that was joined in this simulation");
  });
});

describe("[P4] settle", () => {
  test("throws, with the row and the seed, where a page shows something else than the room holds", async () => {
    const { simulation, ann } = await board(["ann", "ben"]);
    vi.spyOn(StateView.prototype, "touch").mockImplementation(() => {}); // a page that does not hear of changes
    await simulation.until(ann.do.grab({ id: 1 }));
    await expect(simulation.settle(2000)).rejects.toThrow(
      /not settled within 2000 ms:\n.*ben: pieces 1 is \{"heldBy":0,.*\}, in the room \{"heldBy":1,.*\} \(seed 1, /s,
    );
  });

  test("throws where a document differs, and says where", async () => {
    const simulation = simulate(notesRoom);
    const [ann, ben] = [simulation.join("ann"), simulation.join("ben")];
    await simulation.settle();
    ann.doc.getText("body").insert(0, "hello");
    await simulation.settle();
    const { doc } = simulate(notesRoom).join("eve");
    doc.getText("body").insert(0, "not said");
    Object.defineProperty(ben, "doc", { value: doc });
    await expect(simulation.settle(100)).rejects.toThrow(/ben: the document differs[^]*only in the first[^]*"n","o","t"/);
  });

  test("waits for what is not stored: what is shown and told, and what nobody is there to hear of", async () => {
    const { simulation, ann, ben } = await board(["ann", "ben"], { latencyMs: 200 });
    const heard: unknown[] = [];
    ben.on("event", ({ data }) => heard.push(data));
    ann.setPresence({ mood: "merry" });
    ann.broadcast("wave", { hand: "left" });
    await simulation.settle();
    expect([ben.others[0]!.presence.mood, heard]).toEqual(["merry", [{ hand: "left" }]]);

    for (const room of [ann, ben]) simulation.network(room).latencyMs = 1;
    ann.setPresence({ mood: "calm" });
    await simulation.advance(20);
    ann.broadcast("wave", { hand: "right" }); // a page speaks every 33 ms
    await simulation.settle();
    expect(heard.length).toBe(2);

    const empty = simulate(boardRoom, { commitMs: 500 });
    empty.room.create(create);
    await empty.settle();
    expect(empty.durable.birth()).toBeDefined();
  });

  test("throws where a page was not let in, unless the test has heard of that", async () => {
    const simulation = simulate(boardRoom); // without parameters nobody can make it
    const ann = simulation.join("ann");
    await expect(simulation.settle()).rejects.toThrow(/^ann was not let in: not-found.*\(seed 1, /);
    const ben = simulation.join("ben");
    await expect(simulation.until(ben.ready)).rejects.toMatchObject({ code: "not-found" });
    await simulation.settle();
    expect([ann.status, ben.status]).toEqual(["disconnected", "disconnected"]);
  });

  test("waits for who is on the way, and says whom it waited for in vain", async () => {
    const { simulation } = await board(["ann"]);
    simulation.join("ben", { latencyMs: 500 });
    await expect(simulation.settle(100)).rejects.toThrow("ben is connecting, offline, with 0 pending");
    await simulation.settle();
  });
});

test("the room's own code is told once what it is told of is durable, sleep or not", async () => {
  const { simulation, ann, ben } = await board(["ann", "ben"], { commitMs: 30 });
  await simulation.until(ann.do.grab({ id: 1 }));
  const dropped = ann.do.drop({ id: 1, x: 5, y: 5 });
  await simulation.advance(20);
  expect(simulation.told.map(({ call }) => call)).toEqual(["onJoin", "onJoin"]);
  await simulation.until(dropped);
  await simulation.settle();
  for (const room of [ann, ben]) room.destroy();
  await simulation.advance(100);
  const [annIs, benIs] = ["ann", "ben"].map((id, index) => ({ id: index + 1, user: { id, name: id } }));
  expect(simulation.told).toEqual([
    { call: "onJoin", who: annIs },
    { call: "onJoin", who: benIs },
    { call: "onEvent", event: { type: "landed", data: { piece: 1, by: 1 }, from: "room" } },
    { call: "onLeave", who: annIs },
    { call: "onLeave", who: benIs },
    { call: "onEmpty" },
  ]);
});

describe("a seed", () => {
  /** Everything a room said in one life, and when. */
  async function life(seed: number): Promise<string> {
    const { simulation, rooms } = await board(["ann", "ben"], { seed, jitterMs: 30, loss: 0.1 });
    const { draw } = simulation;
    for (let step = 0; step < 20; step++) {
      const room = draw.one(rooms);
      (draw.chance(0.5) ? room.do.roll() : room.do.grab({ id: draw.below(4) })).catch(() => {});
      if (draw.chance(0.1)) simulation.crash();
      await simulation.advance(draw.below(100));
    }
    await simulation.settle();
    return simulation.sent.map(({ to, bytes, at }) => `${at} ${to} ${Buffer.from(bytes).toString("hex")}`).join("\n");
  }

  test("makes the same run again, to the byte and the millisecond, and another another", async () => {
    const [one, again, other] = [await life(1), await life(1), await life(2)];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  test("does not give two simulations on one store the same sessions", async () => {
    const { simulation, ann } = await board(["ann"]);
    await simulation.until(ann.do.add({ n: 1 }));
    const next = simulate(boardRoom, { store: simulation.store });
    const ben = next.join("ben");
    await next.settle();
    expect([ben.status, ben.self?.id, [...next.state.seen].length]).toEqual(["connected", 2, 2]);
  });

  test("of random play that fails stands in front of what it threw", async () => {
    const played: number[] = [];
    const failing = play(5, async (seed) => {
      played.push(seed);
      if (played.length === 3) throw new Error("the third");
    });
    const error = await failing.catch((thrown: Error) => thrown.message);
    expect(error).toBe(`SEED=${played[2]}: the third`);
    expect(played).toEqual([played[0]!, played[0]! + 1, played[0]! + 2]);
  });
});

test("a rerun of the journal finds rules that draw from elsewhere than the room", async () => {
  const { simulation, ann } = await board(["ann"]);
  await simulation.until(ann.do.roll());
  expect(simulation.rerun()).toBeUndefined();
  const { add } = Object.fromEntries(boardRoom.game["~rules"].actions.map((action) => [action.name, action]));
  let calls = 0;
  const run = vi.spyOn(add!, "run").mockImplementation((c) => {
    (c as unknown as { state: { meta: { total: number } } }).state.meta.total = ++calls;
    return calls;
  });
  await simulation.until(ann.do.add({ n: 1 }));
  expect(simulation.rerun()).toMatchObject({ what: "the answer of add", stored: "done: 2", now: "done: 3" });
  expect(run).toHaveBeenCalledTimes(3); // guessed, run, and run once more
});

test("[P4] [P5] of private rows a page has to have its user's, and the room has all", async () => {
  const simulation = simulate(eightsRoom);
  const [ann, ben] = [simulation.join("ann"), simulation.join("ben")];
  await simulation.settle();
  await simulation.until(ann.do.deal());
  await simulation.settle();
  const hands = [ann, ben].map((room) => [...room.state.cards].length);
  expect([...simulation.state.cards].length).toBeGreaterThan(hands[0]! + hands[1]!);
});

test("a simulation's types are its room's, and what does not fit is refused where it is said", async () => {
  const simulation = simulate(boardRoom, { create });
  const ann = simulation.join("ann", { presence: { cursor: { x: 1, y: 2 }, mood: "merry" } });
  expect(() => simulation.state).toThrow("the room does not exist");
  await simulation.settle();
  const x: number | undefined = simulation.state.pieces.get(1)?.x;
  // @ts-expect-error no such presence
  expect(() => simulation.join("ben", { presence: { hat: true } })).toThrow("cursor: received undefined");
  // @ts-expect-error no such parameter
  expect(() => simulation.join("ben", { create: { parts: 3 } })).toThrow("create.pieces: received undefined");
  // @ts-expect-error no such action
  expect(ann.do.fly).toBeUndefined();
  expect([ann.params, x]).toEqual([create, 10]);
});
