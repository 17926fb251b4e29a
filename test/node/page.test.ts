/** The room object as a page uses it, where things go otherwise than planned: long queues, stops, listeners that throw, leaving. */
import { defineGame, defineRoom, t, WireError } from "coterie";
import { describe, expect, test, vi } from "vitest";
import { GameClient } from "../../client/parts/game.ts";
import { writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join } from "../kit/board.ts";
import { watch, type Outcome } from "../kit/outcome.ts";
import { simulate } from "../kit/simulation.ts";

const chat = defineGame({
  name: "chat",
  version: 1,
  state: { meta: t.value({ said: t.u32(), length: t.u32() }), rows: t.table({ x: t.u16() }) },
  setup: (c) => void c.state.rows.add(0, { x: 0 }),
}).actions((a) => ({
  say: a(t.struct({ text: t.str(70_000) }), (c, { text }) => {
    c.state.meta.length += text.length;
    return ++c.state.meta.said;
  }),
  parse: a(
    { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: Number(value) + 1 }) } },
    (c, n: number) => (c.state.meta.length = n),
  ),
  nudge: a.stream("rows", ["x"], (_c, row): boolean => {
    if (row.x > 0) throw new Error("a bug in the guard");
    return true;
  }),
  set: a(t.struct({ x: t.u16() }), (c, { x }) => void (c.state.rows.get(0)!.x = x)),
}));
const chatRoom = defineRoom({ name: "chat", game: chat, events: { note: t.struct({ text: t.str(70_000) }) } });

async function chatting(name = "ann", simulation = simulate(chatRoom)) {
  const wire = simulation.client(name);
  const room = wire.join(chatRoom, "table");
  await simulation.advance(200);
  await simulation.until(room.ready);
  return { simulation, wire, room };
}

describe("[P8] what waits to be sent", () => {
  test("more than a frame holds goes in several: a long time offline is no reason to be closed", async () => {
    const { simulation, wire, room } = await chatting();
    wire.network.drop();
    await simulation.advance(20);
    const text = "x".repeat(3000);
    const calls = Array.from({ length: 60 }, () => watch(room.do.say({ text })));
    for (let n = 0; n < 40; n++) room.broadcast("note", { text });
    await simulation.advance(10_000);
    expect([room.status, calls.map(({ done }) => done?.value)]).toEqual(["connected", calls.map((_, n) => n + 1)]);
    expect(room.confirmed.meta.length).toBe(60 * 3000);
  });

  test("what no frame can hold is refused where it is said", async () => {
    const { simulation, room } = await chatting();
    const [most, more] = [watch(room.do.say({ text: "x".repeat(65_500) })), watch(room.do.say({ text: "x".repeat(66_000) }))];
    await simulation.advance(500);
    expect([most.is, more.is, room.status]).toEqual([{ seq: expect.any(Number), value: 1 }, "bad-input", "connected"]);
    expect(() => room.broadcast("note", { text: "x".repeat(MAX_FRAME_BYTES) })).toThrow("do not fit a frame");
  });
});

describe("[P2] numbers", () => {
  test("after a stop the page may come back, and what it then does runs: given-up numbers are not used again", async () => {
    const simulation = boardSimulation();
    const ann = await join(simulation, "ann");
    const first = watch(ann.room.do.add({ n: 5 }));
    await simulation.advance(200);
    const given = watch(ann.room.do.add({ n: 7 }));
    ann.wire.network.says(new Uint8Array(70_000)); // closed with 4413: stop
    await simulation.advance(200);
    expect([first.is, given.is, ann.room.status]).toEqual([
      { seq: expect.any(Number), value: 5 },
      "disconnected",
      "disconnected",
    ]);
    const before = ann.room.confirmed.meta.total;
    ann.room.connect();
    const next = watch(ann.room.do.add({ n: 100 }));
    await simulation.advance(500);
    expect(next.done!.value - before).toBeGreaterThanOrEqual(100);
    expect(ann.room.confirmed.meta.total).toBe(next.done?.value);
  });

  test("two actions in a rate's second, resent together after a cut, get their own answers", async () => {
    const simulation = boardSimulation({ latencyMs: 30 });
    const ann = await join(simulation, "ann");
    const first = watch(ann.room.do.rare());
    await simulation.advance(1050);
    const second = watch(ann.room.do.rare());
    const third = watch(ann.room.do.add({ n: 3 }));
    await simulation.advance(32);
    ann.wire.network.drop(); // the second and third ran; their answers are on the way
    await simulation.advance(10_000);
    expect([first.is, second.is, third.is]).toMatchObject([{ value: undefined }, { value: undefined }, { value: 3 }]);
    expect(ann.room.confirmed.meta.total).toBe(3);
  });

  test("the first action of all could not be stored, and those behind it came meanwhile: all run, once", async () => {
    const simulation = boardSimulation({ latencyMs: 40 });
    const ann = await join(simulation, "ann");
    simulation.store.failure = new Error("SQLITE_FULL");
    const calls = [watch(ann.room.do.add({ n: 1 }))];
    for (let n = 2; n < 6; n++) {
      await simulation.advance(34);
      calls.push(watch(ann.room.do.add({ n })));
    }
    await simulation.advance(5000);
    expect(calls.map(({ done }) => done?.value)).toEqual([1, 3, 6, 10, 15]);
  });

  test("a cut just before what could not be stored was to be sent again: nothing is under way twice, nobody refused for another", async () => {
    for (let cutAfter = 400; cutAfter < 640; cutAfter += 10) {
      const simulation = boardSimulation({ latencyMs: 40 });
      const ann = await join(simulation, "ann");
      simulation.store.failure = new Error("SQLITE_FULL");
      const calls: Outcome<unknown>[] = [watch(ann.room.do.add({ n: 1 }))];
      await simulation.advance(100);
      calls.push(watch(ann.room.do.rare()), watch(ann.room.do.rare()), watch(ann.room.do.add({ n: 2 })));
      await simulation.advance(cutAfter - 100);
      ann.wire.network.drop();
      await simulation.advance(5000);
      const ends = calls.map(({ is }) => (typeof is === "string" ? is : (is as { value?: number }).value));
      // Made before the socket of now, the second rare one may be sent again a second later instead.
      const [first, rare, again = "rate-limited", last] = ends;
      expect([cutAfter, first, rare, again, last]).toEqual([cutAfter, 1, undefined, "rate-limited", 3]);
    }
  });

  test("several refused at once take nobody else with them", async () => {
    const simulation = boardSimulation();
    const ann = await join(simulation, "ann");
    const calls = [1, 2, 3].map(() => watch(ann.room.do.rare()));
    const added = [1, 2, 3].map((n) => watch(ann.room.do.add({ n })));
    await simulation.advance(500);
    expect(calls.map(({ is }) => (typeof is === "string" ? is : "done"))).toEqual(["done", "rate-limited", "rate-limited"]);
    expect(added.map(({ is }) => (is as { value: number }).value)).toEqual([1, 3, 6]);
  });
});

test("[P2] answers whose change never came hold nobody up once the connection is new: they are given again", async () => {
  const nothing = (): void => {};
  const page = new GameClient(chat, {
    ...{
      me: () => 1,
      session: () => "s",
      serverNow: () => 0,
      now: () => 0,
      after: () => nothing,
      flush: nothing,
      changed: nothing,
    },
    ...{ event: nothing, resync: nothing, drifted: nothing, newSession: nothing },
  });
  const state = new GameState(chat["~rules"].state);
  state.table("rows").insert(0, [0]);
  page.receive({ kind: "state", seq: 900, snapshot: encode((to) => writeSnapshot(to, state)) });
  const set = watch(page.do["set"]!({ x: 1 }) as Promise<unknown>);
  const done = { kind: "done", json: "" } as const;
  page.receive({ kind: "answers", after: 1000, answers: [{ number: 1, seq: 1000, answer: done }] });
  page.settled();
  page.again(); // the room was made anew meanwhile, and counts from the beginning
  page.receive({ kind: "state", seq: 5, snapshot: encode((to) => writeSnapshot(to, state)) });
  page.receive({ kind: "answers", after: 5, answers: [{ number: 1, seq: 5, answer: done }] });
  page.settled();
  await Promise.resolve();
  expect([set.is, page.pending]).toEqual([{ seq: 5, value: undefined }, 0]);
});

describe("leaving", () => {
  test("what is done after destroy is refused at once, what was pending too", async () => {
    const simulation = boardSimulation();
    const ann = await join(simulation, "ann");
    const pending = watch(ann.room.do.add({ n: 1 }));
    ann.room.destroy();
    const late = watch(ann.room.do.add({ n: 1 }));
    await simulation.advance(100);
    expect([pending.is, late.is]).toEqual(["destroyed", "destroyed"]);
    expect(() => ann.room.connect()).toThrow("destroyed");
  });

  test("disconnect keeps what is pending for the next connect", async () => {
    const simulation = boardSimulation();
    const ann = await join(simulation, "ann");
    ann.room.disconnect();
    const added = watch(ann.room.do.add({ n: 4 }));
    await simulation.advance(60_000);
    expect([added.is, ann.room.sync]).toEqual([undefined, { state: "offline", pending: 1 }]);
    ann.room.connect();
    await simulation.advance(500);
    expect(added.is).toMatchObject({ value: 4 });
  });
});

test("with connect: false nothing is sent or listened to before connect(), and what was done until then is done then", async () => {
  const simulation = boardSimulation();
  const client = simulation.client("ann");
  const room = client.join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 3 }, connect: false });
  const added = watch(room.do.add({ n: 4 }));
  await simulation.advance(60_000);
  expect([room.status, room.diagnostics().timeline, room.self, [...room.state.pieces]]).toEqual(["connecting", [], null, []]);
  room.connect();
  await simulation.advance(500);
  expect([room.status, added.is, room.state.pieces.size]).toEqual(["connected", { seq: expect.any(Number), value: 4 }, 3]);
});

describe("[P6] presence", () => {
  test("what is changed while the room has not answered the greeting is said after it", async () => {
    const simulation = boardSimulation({ latencyMs: 40 });
    const ann = await join(simulation, "ann");
    const client = simulation.client("ben");
    const ben = client.join(boardRoom, "table", { presence: { cursor: null, mood: "new" } });
    await simulation.advance(140); // greeted, not welcomed
    expect(ben.status).toBe("connecting");
    ben.setPresence({ mood: "changed" });
    await simulation.advance(500);
    expect([ben.self?.presence.mood, ann.room.others[0]?.presence.mood]).toEqual(["changed", "changed"]);
  });

  test("a patch that does not fit changes nothing", async () => {
    const simulation = boardSimulation();
    const ann = await join(simulation, "ann");
    expect(() => ann.room.setPresence({ mood: "merry", cursor: { x: 1e6, y: 0 } })).toThrow(WireError);
    expect(() => ann.room.setPresence({ nope: 1 } as never)).toThrow("nope: received 1, expected one of cursor, mood");
    expect(ann.room.self?.presence).toEqual({ cursor: null, mood: "calm" });
  });
});

describe("the page's own mistakes", () => {
  test("a listener that throws keeps neither the room nor another listener from hearing, and rejects no action", async () => {
    const reported = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      const simulation = boardSimulation();
      const ann = await join(simulation, "ann");
      const heard: string[] = [];
      for (const type of ["frame", "sync", "others", "status", "event"] as const) {
        ann.room.on(type, () => {
          throw new Error(`listener of ${type}`);
        });
        ann.room.on(type, () => void heard.push(type));
      }
      const added = watch(ann.room.do.add({ n: 1 }));
      const ben = await join(simulation, "ben");
      ben.room.broadcast("wave", { hand: "left" });
      await simulation.advance(500);
      expect(added.is).toMatchObject({ value: 1 });
      expect([...new Set(heard)].sort()).toEqual(["event", "frame", "others", "sync"]);
      expect(reported.mock.calls.map(([error]) => String(error))).toContain("Error: listener of frame");
    } finally {
      reported.mockRestore();
    }
  });

  test("[P5] a guard that throws closes nobody, on either side", async () => {
    const { simulation, room } = await chatting();
    const ben = await chatting("ben", simulation);
    room.do.nudge({ id: 0, x: 5 });
    await simulation.advance(100);
    expect(ben.room.state.rows.get(0)?.x).toBe(5);
    const set = watch(ben.room.do.set({ x: 9 }));
    await simulation.advance(100);
    room.do.nudge({ id: 0, x: 6 });
    await simulation.advance(100);
    expect([set.is, room.status, room.state.rows.get(0)?.x]).toEqual([{ seq: expect.any(Number) }, "connected", 9]);
  });

  test("a schema that transforms does it once, and the prediction is what the room will say", async () => {
    const { simulation, room } = await chatting();
    const parsed = watch(room.do.parse("41"));
    expect(room.state.meta.length).toBe(42);
    await simulation.advance(200);
    expect([parsed.is, room.confirmed.meta.length]).toEqual([{ seq: expect.any(Number), value: 42 }, 42]);
  });

  test("a state that was held on to shows what came by a whole new state, as it does for single changes", async () => {
    const simulation = boardSimulation();
    const ann = await join(simulation, "ann");
    const { pieces } = ann.room.state;
    expect(pieces.get(1)?.heldBy).toBe(0);
    const ben = await join(simulation, "ben");
    ann.room.disconnect();
    void ben.room.do.grab({ id: 1 });
    await simulation.advance(100);
    simulation.store.oldest = () => 1e6; // what was missed is not kept: the whole state comes
    ann.room.connect();
    await simulation.advance(500);
    expect([pieces.get(1)?.heldBy, canonical(ann.room.state)]).toEqual([2, canonical(ben.room.state)]);
  });
});

test("[P4] a frame that cannot be read is said, and the client takes the whole state anew", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  const errors: string[] = [];
  ben.room.on("error", ({ code, reason }) => errors.push(`${code}: ${reason}`));
  const [, second] = [...simulation.room.connections];
  second!.socket.send(Uint8Array.of(16, 2, 0, 1)); // an answer cut short
  void ann.room.do.add({ n: 3 });
  await simulation.advance(2000);
  expect(errors).toEqual([expect.stringContaining("internal: a frame could not be read")]);
  expect(ben.room.status).toBe("connected");
  expect(canonical(ben.room.state)).toBe(canonical(ann.room.confirmed));
});
