/** Rooms that older rules have stored, and pages that were built with them. */
import { defineGame, defineRoom, t } from "coterie";
import { expect, test } from "vitest";
import { simulate, type Simulation } from "../kit/simulation.ts";

const oldState = { marks: t.table({ at: t.u8() }), secrets: t.table({ of: t.u16(), word: t.str(20) }, { private: "of" }) };
const first = defineGame({
  name: "log",
  version: 1,
  state: oldState,
  setup: (c) => void c.state.marks.add(7, { at: 1 }),
  join: (c) => void c.state.secrets.add(c.me, { of: c.me, word: `word-${c.me}` }),
}).actions((a) => ({
  mark: a(t.struct({ at: t.u8() }), (c, { at }) => c.state.marks.add(c.state.marks.freeId(), { at }).id),
  later: a((c) => c.after(60_000, "mark", { at: 99 })),
}));
const firstRoom = defineRoom({ name: "log", game: first, document: true });

/** What a later declaration may say of the first. */
type Way = "carries" | "throws" | "says nothing" | "is compatible";

function secondRoom(way: Way) {
  const rules = defineGame({
    name: "log",
    version: 2,
    ...(way === "is compatible" && { compatible: [1] }),
    state: way === "is compatible" ? oldState : { ...oldState, marks: t.table({ at: t.u16(), note: t.str(9) }) },
    setup() {},
  });
  if (way === "carries" || way === "throws")
    rules.migrate(1, oldState, (old, c) => {
      for (const { id, at } of old.marks) c.state.marks.add(id, { at: at * 100, note: "old" });
      for (const { id, ...row } of old.secrets) c.state.secrets.add(id, row);
      if (way === "throws") throw new Error("a mistake in the migration");
    });
  const game = rules.actions((a) => ({
    mark: a(t.struct({ at: t.u8() }), (c, { at }) => c.state.marks.add(c.state.marks.freeId(), { at, note: "new" }).id),
    later: a(() => {}),
  }));
  return defineRoom({ name: "log", game, document: true });
}

/** A room that ran by the first rules: marks 1 and 5, a document, a timer, a secret of each of two users. */
async function stored(): Promise<Simulation> {
  const simulation = simulate(firstRoom, { snapshotRows: 4 });
  const ann = simulation.client("ann").join(firstRoom, "log");
  const ben = simulation.client("ben").join(firstRoom, "log");
  await simulation.advance(500);
  for (const at of [5, 6, 7, 8]) void ann.do.mark({ at });
  void ann.do.later();
  await simulation.advance(500);
  for (const at of [9, 10]) {
    void ben.do.mark({ at });
    await simulation.advance(500);
  }
  ann.doc.getText("body").insert(0, "kept");
  await simulation.advance(500);
  ann.destroy();
  ben.destroy();
  await simulation.advance(10_000);
  return simulation;
}

const MARKS = [1, 5, 6, 7, 8, 9, 10].map((at) => at * 100).sort((a, b) => a - b);

async function open(way: Way, before: Simulation) {
  const room = secondRoom(way);
  const simulation = simulate(room, { store: before.durable });
  const wire = simulation.client("ben");
  const joined = wire.join(room, "log");
  const end = joined.ready.then(
    () => "ready",
    (error: { code: string }) => error.code,
  );
  await simulation.advance(2000);
  return { simulation, room: joined, end };
}

test("a room that older rules have stored is carried over when it is opened: state, secrets, users, timers and document", async () => {
  const before = await stored();
  const { simulation, room, end } = await open("carries", before);
  expect(await end).toBe("ready");
  expect([...room.state.marks].map(({ at }) => at).sort((a, b) => a - b)).toEqual(MARKS);
  const notes = (): unknown[] => [...room.state.marks].map((row) => ("note" in row ? row.note : undefined));
  expect(new Set(notes())).toEqual(new Set(["old"]));
  expect([room.self!.id, [...room.state.secrets].map(({ word }) => word), room.doc.getText("body").toJSON()]).toEqual([
    2,
    ["word-2"],
    "kept",
  ]);
  expect(simulation.store.birth()!.gameVersion).toBe(2);
  void room.do.mark({ at: 3 });
  await simulation.advance(70_000);
  const fresh = [...room.state.marks].flatMap((row) => ("note" in row && row.note === "new" ? [row.at] : []));
  expect(fresh).toEqual([3, 99]); // and the timer of then
  expect(simulation.logged.filter((line) => line.includes("carried over")).length).toBe(1);

  simulation.crash();
  await simulation.advance(5000);
  expect([...room.confirmed.marks].length).toBe(MARKS.length + 2);
  expect(simulation.logged.filter((line) => line.includes("carried over")).length).toBe(1); // once a room
});

test.each<[way: Way, says: string]>([
  ["throws", "a mistake in the migration"],
  ["says nothing", "stored by rules of version 1, these are version 2 and say no way from there"],
])("[P1] where the migration %s nobody gets in, and what is stored stays as it is", async (way, says) => {
  const before = await stored();
  const { simulation, room } = await open(way, before);
  expect(room.status).not.toBe("connected");
  expect(simulation.room.inspect().content).toBe("broken");
  expect(simulation.logged.join()).toContain(says);
  expect([simulation.store.birth(), simulation.store.rows(0), simulation.store.snapshot()]).toEqual([
    before.store.birth(),
    before.store.rows(0),
    before.store.snapshot(),
  ]);
  const mended = await open("carries", simulation);
  expect([await mended.end, [...mended.room.state.marks].length]).toEqual(["ready", MARKS.length]);
});

test("[P1] storage that does not take what was carried over keeps what it had, and takes it later", async () => {
  const before = await stored();
  const room = secondRoom("carries");
  const simulation = simulate(room, { store: before.durable });
  const { carryOver } = simulation.store;
  simulation.store.carryOver = () => {
    throw new Error("SQLITE_FULL");
  };
  const joined = simulation.client("ben").join(room, "log");
  for (let ms = 0; ms < 1000 && simulation.logged.length === 0; ms++) await simulation.advance(1);
  expect(simulation.logged.join()).toContain("SQLITE_FULL");
  expect([joined.status, simulation.store.birth()]).toEqual(["connecting", before.store.birth()]);
  simulation.store.carryOver = carryOver;
  await simulation.advance(60_000);
  expect([joined.status, simulation.store.birth()!.gameVersion]).toEqual(["connected", 2]);
  expect([...joined.state.marks].map(({ at }) => at)).toEqual(expect.arrayContaining(MARKS));
});

test("[P1] a crash right after it was carried over finds it as it was, or carried over", async () => {
  const before = await stored();
  for (const commitMs of [1, 500]) {
    const room = secondRoom("carries");
    const simulation = simulate(room, { store: before.durable, commitMs });
    const joined = simulation.client("ben").join(room, "log");
    for (let ms = 0; ms < 1000 && simulation.store.birth()!.gameVersion === 1; ms++) await simulation.advance(1);
    expect(simulation.store.birth()!.gameVersion).toBe(2);
    await simulation.advance(10);
    simulation.crash();
    expect(simulation.store.birth()!.gameVersion).toBe(commitMs === 500 ? 1 : 2);
    await simulation.advance(10_000);
    expect([joined.status, joined.state.marks.size]).toEqual(["connected", MARKS.length]);
  }
});

test("a page built with older rules is told to load again; one whose version is compatible is served, and its room opened as it is", async () => {
  const before = await stored();
  for (const [way, code] of [
    ["carries", "version"],
    ["is compatible", "ready"],
  ] as const) {
    const simulation = simulate(secondRoom(way), { store: before.durable });
    const old = simulation.client("ann").join(firstRoom, "log");
    const end = old.ready.then(
      () => "ready",
      (error: { code: string }) => error.code,
    );
    await simulation.advance(2000);
    expect(await end).toBe(code);
    if (way === "carries") continue;
    const done = old.do.mark({ at: 77 });
    await simulation.advance(500);
    await done;
    expect([[...old.confirmed.marks].some(({ at }) => at === 77), simulation.store.birth()!.gameVersion]).toEqual([true, 1]);
  }
});

test("a migration is for an older version, once", () => {
  const rules = (compatible: number[] = []) => defineGame({ name: "log", version: 3, compatible, state: oldState, setup() {} });
  for (const from of [3, 4, 1.5]) expect(() => rules().migrate(from, oldState, () => {})).toThrow(`migrate(${from})`);
  expect(() => rules([1]).migrate(1, oldState, () => {})).toThrow("migrate(1)");
  const twice = rules().migrate(1, oldState, () => {});
  expect(() => twice.migrate(1, oldState, () => {})).toThrow("migrate(1)");
  expect(() => rules([3])).toThrow("compatible with 3");
});
