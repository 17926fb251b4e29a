/** The game kit: what happens later, what happens by itself, what is secret, and what a page does that has gone wrong. */
import { defineGame, defineRoom, t } from "coterie";
import type { Room } from "coterie/client";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { writeDelta } from "../../shared/game/delta.ts";
import { GameState } from "../../shared/game/tables.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { writeSecrets } from "../../shared/protocol/game.ts";
import { resimulate } from "../../server/parts/game/resimulate.ts";
import { readExport } from "../../server/storage/exported.ts";
import { play } from "../kit/play.ts";
import { Draw } from "../kit/random.ts";
import { frameOf } from "../kit/frames.ts";
import { simulate, type Simulation, type SimulatedClient } from "../kit/simulation.ts";

const rules = defineGame({
  name: "kit",
  version: 1,
  codes: ["no"],
  events: { rang: t.struct({ what: t.str(20) }) },
  state: {
    bells: t.table({ what: t.str(20), at: t.f64(), by: t.u16() }),
    cards: t.table({ holder: t.u16(), face: t.str(3000) }, { index: ["holder"], private: "holder" }),
    shown: t.table({ face: t.str(3000) }),
    balls: t.table({ x: t.i32(), speed: t.i32(), bounces: t.u32() }),
  },
  setup(c) {
    c.state.cards.add(0, { holder: 0, face: "secret-of-nobody" });
    c.state.balls.add(0, { x: 0, speed: 3, bounces: 0 });
  },
  tickHz: 10,
  tick(c) {
    for (const ball of c.state.balls) {
      ball.x += ball.speed;
      if (ball.x >= 30) c.after(0, "bounce", { id: ball.id });
    }
  },
});
const kit = rules.actions((a) => ({
  later: a(t.struct({ ms: t.f64(), what: t.str(20) }), (c, { ms, what }) => {
    c.after(ms, "ring", { what });
    if (what === "refused") c.reject("no");
  }),
  ring: a(
    t.struct({ what: t.str(20) }),
    (c, { what }) => {
      c.state.bells.add(c.state.bells.freeId(), { what, at: c.now, by: c.me });
      c.emit("rang", { what });
    },
    { predict: false },
  ),
  take: a(
    t.struct({ face: t.str(3000) }),
    (c, { face }) => c.state.cards.add(c.state.cards.freeId(), { holder: c.me, face }).id,
    {
      predict: false,
    },
  ),
  give: a(t.struct({ id: t.id(), to: t.u16() }), (c, { id, to }) => void (c.state.cards.get(id)!.holder = to), {
    predict: false,
  }),
  rename: a(t.struct({ id: t.id(), face: t.str(3000) }), (c, { id, face }) => void (c.state.cards.get(id)!.face = face), {
    predict: false,
  }),
  reveal: a(
    t.struct({ id: t.id() }),
    (c, { id }) => {
      c.state.shown.add(id, { face: c.state.cards.get(id)!.face });
      c.state.cards.delete(id);
    },
    { predict: false },
  ),
  peek: a((c) => c.state.cards.size),
  bounce: a(t.struct({ id: t.id() }), (c, { id }) => void c.state.balls.get(id)!.bounces++, { predict: false }),
  speed: a.stream("balls", ["speed"], () => true),
  roll: a.stream("balls", ["x"], () => false),
  zodded: a(z.object({ n: z.coerce.number().int().max(9), note: z.string().trim().optional() }), (_c, input) => input),
  valibotted: a(v.object({ when: v.pipe(v.string(), v.isoDate()) }), (_c, { when }) => when),
  reset: a((c) => c.state.bells.size, { scope: "admin" }),
}));
const kitRoom = defineRoom({ name: "kit", game: kit });
type KitRoom = Room<typeof kitRoom>;

async function enter(simulation: Simulation, name: string): Promise<{ room: KitRoom; wire: SimulatedClient }> {
  const wire = simulation.client(name);
  const room = wire.join(kitRoom, "table");
  await simulation.advance(300);
  await simulation.until(room.ready);
  return { room, wire };
}

const bells = (room: KitRoom): string[] => [...room.confirmed.bells].map(({ what, by }) => `${what} by ${by}`);
const hand = (room: KitRoom): string[] => [...room.state.cards].map(({ id, face }) => `${id} ${face}`);

/** Has the page hold what the room does not: as if there were a bug in how it applies changes. */
function corrupt({ wire }: { wire: SimulatedClient }): void {
  const state = new GameState({ bells: t.table({ what: t.str(20), at: t.f64(), by: t.u16() }) }); // table 0, as in the kit
  state.draft.bells.add(0, { what: "true", at: 0, by: 1 });
  state.log.clear();
  state.draft.bells.get(0)!.what = "false";
  const changes = encode((to) => void writeDelta(to, state, state.log.since(0)));
  wire.network.hears(frameOf([DOWN.secrets, writeSecrets(0, false, changes)]));
}

describe("[P1] [P2] an action that is to run later", () => {
  test.each(["awake", "asleep", "killed"])("runs once, at its time, as the room: the object %s meanwhile", async (how) => {
    const simulation = simulate(kitRoom);
    const { room } = await enter(simulation, "ann");
    void room.do.later({ ms: 60_000, what: "tea" });
    void room.do.later({ ms: 20_000, what: "egg" });
    await simulation.advance(1000);
    room.destroy();
    await simulation.advance(10_000);
    if (how === "asleep") simulation.evict();
    if (how === "killed") simulation.crash();
    await simulation.advance(45_000);
    const ben = await enter(simulation, "ben");
    expect(bells(ben.room)).toEqual(["egg by 0"]);
    await simulation.advance(10_000);
    if (how === "killed") simulation.crash();
    await simulation.advance(200_000);
    const { room: late } = await enter(simulation, "cleo");
    expect(bells(late)).toEqual(["egg by 0", "tea by 0"]);
    const [egg, tea] = [...late.confirmed.bells];
    expect(tea!.at - egg!.at).toBeGreaterThanOrEqual(40_000);
    expect(tea!.at - egg!.at).toBeLessThan(41_000);
  });

  test("is forgotten where the action that asked for it is refused, and refused where it is no action or too late", async () => {
    const simulation = simulate(kitRoom);
    const { room } = await enter(simulation, "ann");
    const ends = [
      { ms: 1000, what: "refused" },
      { ms: 366 * 86_400_000, what: "never" },
    ].map((input) => room.do.later(input).catch((error: { code: string }) => error.code));
    await simulation.advance(60_000);
    expect([await Promise.all(ends), bells(room)]).toEqual([["no", "internal"], []]);
  });

  test("is told of to pages and to the server's own code when it runs", async () => {
    const heard: string[] = [];
    const simulation = simulate(kitRoom, { hooks: { event: ({ type }) => void heard.push(`hook ${type}`) } });
    const { room } = await enter(simulation, "ann");
    room.on("event", ({ type }) => heard.push(type));
    void room.do.later({ ms: 5000, what: "tea" });
    await simulation.advance(6000);
    expect(heard.sort()).toEqual(["hook rang", "rang"]);
  });

  test("stays in snapshots", async () => {
    const simulation = simulate(kitRoom, { snapshotRows: 5 });
    const { room } = await enter(simulation, "ann");
    void room.do.later({ ms: 120_000, what: "tea" });
    for (let n = 0; n < 20; n++) {
      void room.do.ring({ what: `n${n}` });
      await simulation.advance(300);
    }
    expect(simulation.room.inspect().counters.snapshots).toBeGreaterThan(0);
    room.destroy();
    await simulation.advance(30_000);
    simulation.crash();
    await simulation.advance(120_000);
    const ben = await enter(simulation, "ben");
    expect(bells(ben.room).at(-1)).toBe("tea by 0");
  });
});

test("[P1] a timer that cannot be run, since storage takes nothing, is tried again after a while, and not at once and for ever", async () => {
  const simulation = simulate(kitRoom);
  const { room } = await enter(simulation, "ann");
  void room.do.later({ ms: 1000, what: "tea" });
  await simulation.advance(500);
  room.destroy();
  await simulation.advance(100);
  const { append } = simulation.store;
  let tries = 0;
  simulation.store.append = () => {
    tries++;
    throw new Error("SQLITE_FULL");
  };
  await simulation.advance(21_000);
  expect([tries > 1, tries < 10]).toEqual([true, true]);
  simulation.store.append = append;
  await simulation.advance(60_000);
  expect(bells((await enter(simulation, "ben")).room)).toEqual(["tea by 0"]);
});

test("[P7] in a room that cannot be read a timer rings ever more seldom", async () => {
  const simulation = simulate(kitRoom);
  const { room } = await enter(simulation, "ann");
  void room.do.later({ ms: 1000, what: "tea" });
  await simulation.advance(500);
  room.destroy();
  await simulation.advance(100);
  simulation.evict();
  const { section } = simulation.store;
  simulation.store.section = () => {
    throw new Error("SQLITE_CORRUPT");
  };
  const before = simulation.clock.events;
  await simulation.advance(3_600_000);
  expect(simulation.clock.events - before).toBeLessThan(40);
  simulation.store.section = section;
  simulation.evict();
  await simulation.advance(3_600_000);
  expect(bells((await enter(simulation, "ben")).room)).toEqual(["tea by 0"]);
});

test("a timer that a room sets when it is made rings though nobody comes", async () => {
  const game = defineGame({
    name: "alarm",
    version: 1,
    state: { rang: t.value({ at: t.f64() }) },
    setup: (c) => c.after(60_000, "ring"),
  }).actions((a) => ({ ring: a((c) => void (c.state.rang.at = c.now)) }));
  const alarmRoom = defineRoom({ name: "alarm", game });
  const simulation = simulate(alarmRoom);
  simulation.room.create({});
  const made = simulation.now;
  await simulation.advance(120_000);
  const room = simulation.client("ann").join(alarmRoom, "alarm");
  await simulation.advance(500);
  expect(room.state.rang.at - made).toBeGreaterThanOrEqual(60_000);
  expect(room.state.rang.at - made).toBeLessThan(61_000);
});

test("a timer's now is never before the time that it was set for, though its group was opened before", async () => {
  const game = defineGame({
    name: "clock",
    version: 1,
    state: { count: t.value({ rang: t.u16(), early: t.u16(), busy: t.u16() }) },
    setup() {},
  }).actions((a) => ({
    later: a((c) => c.after(40, "ring", { due: c.now + 40 })),
    ring: a(t.struct({ due: t.f64() }), (c, { due }) => {
      c.state.count.rang++;
      if (c.now < due) c.state.count.early++;
    }),
    busy: a((c) => void c.state.count.busy++),
  }));
  const clockRoom = defineRoom({ name: "clock", game });
  const simulation = simulate(clockRoom);
  const room = simulation.client("ann").join(clockRoom, "c");
  await simulation.advance(300);
  for (let n = 0; n < 300; n++) {
    void simulation.room.game.act(n % 10 === 0 ? "later" : "busy", undefined);
    await simulation.advance(1 + (n % 5));
  }
  await simulation.advance(2000);
  expect([room.confirmed.count.rang, room.confirmed.count.early]).toEqual([30, 0]);
  expect(resimulate(game, simulation.store).divergence).toBeUndefined();
});

test("bytes in a cell are handed out as copies: changed in place they would change without a trace", async () => {
  const game = defineGame({
    name: "bits",
    version: 1,
    state: { rows: t.table({ bits: t.bytes(8), deep: t.struct({ bits: t.bytes(8) }) }) },
    setup: (c) => void c.state.rows.add(0, { bits: Uint8Array.of(0, 0), deep: { bits: Uint8Array.of(0) } }),
  }).actions((a) => ({
    spoil: a((c) => {
      const row = c.state.rows.get(0)!;
      row.bits[0] = 9;
      row.deep.bits[0] = 9;
    }),
    set: a((c) => {
      const row = c.state.rows.get(0)!;
      row.bits = row.bits.with(1, 5);
    }),
  }));
  const bitsRoom = defineRoom({ name: "bits", game });
  const simulation = simulate(bitsRoom);
  const [ann, ben] = ["ann", "ben"].map((name) => simulation.client(name).join(bitsRoom, "b"));
  await simulation.advance(300);
  void ann!.do.spoil();
  ann!.state.rows.get(0)!.bits[1] = 7; // nor can the page
  await simulation.advance(300);
  void ann!.do.set();
  await simulation.advance(300);
  ben!.disconnect();
  ben!.connect();
  await simulation.advance(2000);
  for (const room of [ann!, ben!]) {
    const { bits, deep } = room.confirmed.rows.get(0)!;
    expect([[...bits], [...deep.bits]]).toEqual([[0, 5], [0]]);
  }
  expect(simulation.room.inspect().counters.drifts).toBe(0);
});

test("[P10] [P8] secrets go to pages of the SDK alone, and not to one that reads nothing", async () => {
  const bothRoom = defineRoom({ name: "kit", game: kit, document: true });
  const simulation = simulate(bothRoom);
  const ann = simulation.client("ann").join(bothRoom, "table");
  const still = simulation.client("ann");
  const reader = still.join(bothRoom, "table");
  await simulation.advance(500);
  const heard: number[] = [];
  const stock = simulation.stock("ann", {
    opened: () => {},
    received: (data) => void (typeof data !== "string" && heard.push(data[0]!)),
    closed: () => {},
  });
  stock.open("", []);
  await simulation.advance(100);
  stock.send(Uint8Array.of(0, 0, 1, 0)); // what it has: nothing
  await simulation.advance(500);
  expect(reader.status).toBe("connected");
  still.network.stall();
  for (let n = 0; n < 400; n++) {
    void ann.do.take({ face: "x".repeat(3000) });
    await simulation.advance(30);
  }
  await simulation.advance(500);
  expect([...ann.state.cards].length).toBe(400);
  const stages = [...simulation.room.connections].map(({ stage, facts }) => `${facts.stock ?? "sdk"} ${stage}`);
  expect(stages.sort()).toEqual(["sdk lagging", "sdk open", "y-websocket open"]);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.every((type) => type < 4)).toBe(true); // y-protocols: sync, awareness, auth, query
});

describe("[P5] rows of private tables", () => {
  test("are seen by whom they belong to, come and go with their owner, and are told to nobody else", async () => {
    const simulation = simulate(kitRoom);
    const ann = await enter(simulation, "ann");
    const ben = await enter(simulation, "ben");
    const eve = simulation.client("eve", { scopes: ["read", "presence"] });
    const reader = eve.join(kitRoom, "table");
    const take = async (who: typeof ann, face: string): Promise<number> => {
      const taken = who.room.do.take({ face });
      await simulation.advance(300);
      return (await taken).value;
    };
    const [a, b] = [await take(ann, "secret-a"), await take(ben, "secret-b")];
    expect([hand(ann.room), hand(ben.room), hand(reader)]).toEqual([[`${a} secret-a`], [`${b} secret-b`], []]);
    void ann.room.do.rename({ id: a, face: "secret-A" });
    await simulation.advance(300);
    void ann.room.do.give({ id: a, to: ben.room.self!.id });
    await simulation.advance(300);
    expect([hand(ann.room), hand(ben.room)]).toEqual([[], [`${a} secret-A`, `${b} secret-b`]]);
    expect([...ben.room.confirmed.cards].length).toBe(2);

    const told = (who: string): string =>
      simulation.sent
        .filter(({ to }) => to === who)
        .map(({ bytes }) => Buffer.from(bytes).toString("latin1"))
        .join();
    expect(told("ben")).toContain("secret-A");
    expect([told("ann").includes("secret-b"), told("ben").includes("secret-a"), told("eve").includes("secret-")]).toEqual([
      false,
      false,
      false,
    ]);
    expect(told("ann") + told("ben")).not.toContain("secret-of-nobody");
    void ben.room.do.reveal({ id: a });
    await simulation.advance(300);
    expect([hand(ben.room), [...ann.room.state.shown].map(({ face }) => face)]).toEqual([[`${b} secret-b`], ["secret-A"]]);
    expect([...reader.state.shown].length).toBe(1);
  });

  test.each(["with what it missed", "with the whole state", "after a sleep", "after a crash"])(
    "are there again for who comes back %s",
    async (how) => {
      const simulation = simulate(kitRoom, how === "with the whole state" ? { snapshotRows: 3 } : {});
      const ann = await enter(simulation, "ann");
      void ann.room.do.take({ face: "kept" });
      void ann.room.do.take({ face: "given" });
      const ben = await enter(simulation, "ben");
      await simulation.advance(300);
      const given = [...ann.room.state.cards].find(({ face }) => face === "given")!.id;
      ann.room.disconnect();
      await simulation.advance(300);
      const server = simulation.room.game.act("give", { id: given, to: ben.room.self!.id });
      for (let n = 0; n < 10; n++) {
        void ben.room.do.ring({ what: `n${n}` });
        await simulation.advance(300);
      }
      await server;
      if (how === "after a sleep") simulation.evict();
      if (how === "after a crash") simulation.crash();
      ann.room.connect();
      await simulation.advance(20_000);
      expect([hand(ann.room).map((card) => card.split(" ")[1]), hand(ben.room).map((card) => card.split(" ")[1])]).toEqual([
        ["kept"],
        ["given"],
      ]);
      expect(simulation.room.inspect().counters.drifts).toBe(0);
    },
  );

  test("are no business of an action that a browser predicts", async () => {
    const simulation = simulate(kitRoom);
    const { room } = await enter(simulation, "ann");
    const peeked = room.do.peek().catch((error: { code: string }) => error.code);
    await simulation.advance(300);
    expect(await peeked).toBe("internal");
    expect(simulation.logged.join()).toContain("cards is private");
  });

  test("are streamed by no game", () => {
    const secret = defineGame({
      name: "leak",
      version: 1,
      state: { cards: t.table({ holder: t.u16(), x: t.u8() }, { private: "holder" }) },
      setup() {},
    });
    expect(() => secret.actions((a) => ({ move: a.stream("cards", ["x"], () => true) }))).toThrow("private table cards");
    const state = { cards: t.table({ holder: t.str(3) }, { private: "holder" }) };
    expect(() => defineGame({ name: "leak", version: 1, state, setup() {} })).toThrow('private by "holder"');
  });
});

const LIVES = Number(process.env["LIVES"] ?? 100);

test(`[P3] [P5] ${LIVES} random lives with secrets and timers, cuts, sleeps, crashes and full disks: each ends with its own rows, and all with the same others`, async () => {
  await play(LIVES, async (seed) => {
    const draw = new Draw("secrets", seed);
    const simulation = simulate(kitRoom, { snapshotRows: 10, commitMs: 1 + draw.below(30) });
    const pages = [];
    for (const name of ["ann", "ben", "cleo"]) pages.push(await enter(simulation, name));
    for (let step = 0; step < 60; step++) {
      const { room, wire } = draw.one(pages);
      const mine = [...room.state.cards].map(({ id }) => id);
      const id = mine.length > 0 ? draw.one(mine) : 0;
      const acts = [
        () => room.do.take({ face: `${seed}-${step}` }),
        () => room.do.give({ id, to: 1 + draw.below(3) }),
        () => room.do.rename({ id, face: `renamed ${step}` }),
        () => room.do.reveal({ id }),
        () => room.do.later({ ms: draw.below(5000), what: `${step}` }),
        () => room.do.ring({ what: `${step}` }),
      ];
      draw
        .one(acts)()
        .catch(() => {}); // many are refused: the card was given away meanwhile
      await simulation.advance(draw.below(200));
      const trouble = draw.below(24);
      if (trouble === 0) wire.network.drop();
      if (trouble === 1) simulation.crash();
      if (trouble === 2 && (await simulation.comesToRest())) simulation.evict();
      if (trouble === 3) simulation.store.failure = new Error("SQLITE_FULL");
      if (trouble === 4) simulation.commitFailure = new Error("SQLITE_IOERR");
    }
    await simulation.advance(20_000);
    const late = await enter(simulation, "late");
    const { logged } = simulation;
    const past = readExport(simulation.room.care.export());
    expect(resimulate(kit, past).divergence).toBeUndefined();
    for (const { room } of pages) {
      expect([room.status, room.sync.state]).toEqual(["connected", "saved"]);
      const cards = [...room.state.cards];
      expect(cards.every(({ holder }) => holder === room.self!.id)).toBe(true);
      expect(cards).toEqual([...room.confirmed.cards]);
      expect([...room.state.bells]).toEqual([...late.room.state.bells]);
      expect([...room.state.shown]).toEqual([...late.room.state.shown]);
      const again = await enter(simulation, room.self!.user.id); // another page of hers is given the same
      expect([...again.room.state.cards]).toEqual(cards);
      again.room.destroy();
    }
    expect(logged.filter((line) => /differed/.test(line))).toEqual([]);
  });
});

describe("[P3] a page whose state has gone wrong", () => {
  test.each(["at once when it comes back", "while it plays"])("takes the room's, and it is counted: %s", async (when) => {
    const simulation = simulate(kitRoom);
    const ann = await enter(simulation, "ann");
    const errors: string[] = [];
    ann.room.on("error", ({ code }) => errors.push(code));
    void ann.room.do.ring({ what: "true" });
    await simulation.advance(300);
    corrupt(ann);
    expect(bells(ann.room)).toEqual(["false by 1"]);
    if (when === "while it plays")
      for (let n = 0; n < 64; n++) {
        void simulation.room.game.act("reset", undefined);
        void ann.room.do.later({ ms: 1e9, what: "x" });
        void simulation.room.game.act("ring", { what: `${n}` });
        await simulation.advance(100);
      }
    else {
      ann.room.disconnect();
      ann.room.connect();
    }
    await simulation.advance(5000);
    expect(bells(ann.room)[0]).toBe("true by 1");
    expect([errors, simulation.room.inspect().counters.drifts]).toEqual([["drifted"], 1]);
  });
});

describe("what moves by itself", () => {
  const rows = (simulation: Simulation): number => simulation.room.inspect().seq;

  test("moves in fixed steps while somebody is there, is seen and not kept; what lasts is an action of the room", async () => {
    const simulation = simulate(kitRoom);
    const { room } = await enter(simulation, "ann");
    await simulation.advance(1000);
    const [seq, x] = [rows(simulation), room.state.balls.get(0)!.x];
    await simulation.advance(300);
    expect(room.state.balls.get(0)!.x - x).toBe(9);
    expect([room.confirmed.balls.get(0)!.x, rows(simulation)]).toEqual([0, seq]);
    await simulation.advance(1500);
    expect(rows(simulation)).toBeGreaterThan(seq); // it has bounced
    room.do.speed({ id: 0, speed: 5 });
    await simulation.advance(200);
    const before = room.state.balls.get(0)!.x;
    await simulation.advance(200);
    expect(room.state.balls.get(0)!.x - before).toBe(10);
  });

  test("[P7] stands still when nobody is there: no timer, no row, and the object may sleep", async () => {
    const simulation = simulate(kitRoom);
    const { room } = await enter(simulation, "ann");
    await simulation.advance(500);
    room.destroy();
    await simulation.advance(20_000);
    const seq = rows(simulation);
    expect(await simulation.comesToRest()).toBe(true);
    await simulation.advance(600_000);
    expect([rows(simulation), simulation.clock.timers]).toEqual([seq, 0]);
  });

  test("goes on for those who are still there when the object comes back", async () => {
    const simulation = simulate(kitRoom);
    const { room } = await enter(simulation, "ann");
    simulation.evict();
    void room.do.ring({ what: "wake" });
    await simulation.advance(500);
    const { x } = room.state.balls.get(0)!;
    await simulation.advance(300);
    expect(room.state.balls.get(0)!.x).not.toBe(x);
  });
});

test("an action's input may be a schema of zod or valibot: what it makes of it is what runs, and what it refuses is told as it tells it", async () => {
  const simulation = simulate(kitRoom);
  const { room } = await enter(simulation, "ann");
  const done = [room.do.zodded({ n: "7", note: " hi " }), room.do.zodded({ n: 3 }), room.do.valibotted({ when: "2026-11-25" })];
  const refused = [room.do.zodded({ n: 10 }), room.do.valibotted({ when: "today" })].map((each) =>
    each.catch((error: Error) => error.message),
  );
  await simulation.advance(300);
  expect((await Promise.all(done)).map(({ value }) => value)).toEqual([{ n: 7, note: "hi" }, { n: 3 }, "2026-11-25"]);
  const [first, second] = await Promise.all(refused);
  expect(first).toContain("zodded.n: received");
  expect(second).toContain("valibotted.when: received");
});

test("the server's own code hears of each user's first socket and last, and not of a sleep between them", async () => {
  const heard: string[] = [];
  const hear =
    (what: string) =>
    ({ id, user }: { id: number; user: { id: string } }): void =>
      void heard.push(`${what} ${user.id} ${id}`);
  const simulation = simulate(kitRoom, {
    hooks: { join: hear("join"), leave: hear("leave"), empty: () => void heard.push("empty") },
  });
  const first = await enter(simulation, "ann");
  const second = await enter(simulation, "ann");
  const ben = await enter(simulation, "ben");
  first.room.destroy();
  await simulation.advance(500);
  simulation.evict();
  void ben.room.do.ring({ what: "wake" });
  await simulation.advance(500);
  second.room.destroy();
  await simulation.advance(500);
  ben.room.destroy();
  await simulation.advance(500);
  expect(heard).toEqual(["join ann 1", "join ben 2", "leave ann 1", "leave ben 2", "empty"]);
});

test("[P5] an action may ask for a scope that the token must have", async () => {
  const simulation = simulate(kitRoom);
  const { room } = await enter(simulation, "ann");
  const root = simulation.client("root", { scopes: ["read", "presence", "write", "create", "admin"] }).join(kitRoom, "table");
  await simulation.advance(300);
  const ends = [room, root].map((each) =>
    each.do.reset().then(
      () => "done",
      (error: { code: string }) => error.code,
    ),
  );
  await simulation.advance(300);
  expect(await Promise.all(ends)).toEqual(["forbidden", "done"]);
});
