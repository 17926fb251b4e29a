/** Tables against a plain Map: reads, indexes, the undo log, deltas and snapshots, under random operations. */
import { t, WireError, type Draft } from "coterie";
import * as decoding from "lib0/decoding";
import { describe, expect, test } from "vitest";
import { applyDelta, writeDelta } from "../../shared/game/delta.ts";
import { readSnapshot, writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { Draw, SEED } from "../kit/random.ts";
import { play } from "../kit/play.ts";

const declared = {
  pieces: t.table({ x: t.i16(), kind: t.u8(), name: t.str(8), at: t.nullable(t.f64()) }, { index: ["kind", "name"] }),
  flags: t.table({ on: t.bool() }),
  meta: t.value({ total: t.u32(), title: t.str(20) }),
};
type State = typeof declared;
interface Piece {
  x: number;
  kind: number;
  name: string;
  at: number | null;
}
type Model = { pieces: Map<number, Piece>; flags: Map<number, { on: boolean }>; meta: { total: number; title: string } };

const make = (): GameState<State> => new GameState(declared);
const snapshot = (state: GameState<State>): string => Buffer.from(encode((to) => writeSnapshot(to, state))).toString("hex");
const restored = (bytes: string): GameState<State> => {
  const state = make();
  readSnapshot(decoding.createDecoder(Buffer.from(bytes, "hex")), state);
  return state;
};
const plain = ({ x, kind, name, at }: Piece): Piece => ({ x, kind, name, at });
const piece = (draw: Draw): Piece => ({
  x: draw.below(65_536) - 32_768,
  kind: draw.below(4),
  name: draw.one(["", "a", "Zoë"]),
  at: draw.chance(0.5) ? null : draw.next(),
});

/** One random write, to the draft and to the model. Few ids, so that rows come and go again. */
function step(draw: Draw, draft: Draft<State>, model: Model): void {
  const id = draw.chance(0.05) ? 1000 + draw.below(50) : draw.below(24);
  const live = draft.pieces.get(id);
  const known = model.pieces.get(id);
  switch (draw.below(8)) {
    case 0:
    case 1: {
      const free = draft.pieces.freeId();
      const row = piece(draw);
      draft.pieces.add(free, row);
      model.pieces.set(free, { ...row });
      break;
    }
    case 2:
      expect(draft.pieces.delete(id)).toBe(model.pieces.delete(id));
      break;
    case 3:
      if (!live || !known) break;
      known.x = live.x = draw.below(100);
      known.kind = live.kind = draw.below(4);
      break;
    case 4:
      if (!live || !known) break;
      Object.assign(live, plain(piece(draw)));
      Object.assign(known, plain(live));
      break;
    case 5:
      if (known || live) break;
      model.pieces.set(id, plain(draft.pieces.add(id, piece(draw))));
      break;
    case 6: {
      const on = draw.chance(0.5);
      if (model.flags.has(id)) model.flags.get(id)!.on = draft.flags.get(id)!.on = on;
      else model.flags.set(id, { on: draft.flags.add(id, { on }).on });
      break;
    }
    default:
      model.meta.total = draft.meta.total += draw.below(9);
      model.meta.title = draft.meta.title = draw.one(["", "one", "two"]);
  }
}

function lowestFree(ids: ReadonlyMap<number, unknown>): number {
  for (let id = 0; ; id++) if (!ids.has(id)) return id;
}

function agrees(draft: Draft<State>, model: Model): void {
  const ids = [...model.pieces.keys()].sort((a, b) => a - b);
  expect([...draft.pieces].map(({ id }) => id)).toEqual(ids);
  expect([...draft.pieces].map(plain)).toEqual(ids.map((id) => model.pieces.get(id)));
  expect([draft.pieces.size, draft.flags.size]).toEqual([model.pieces.size, model.flags.size]);
  expect([draft.pieces.freeId(), draft.flags.freeId()]).toEqual([lowestFree(model.pieces), lowestFree(model.flags)]);
  for (const kind of [0, 1, 2, 3])
    expect([...draft.pieces.where("kind", kind)].map(({ id }) => id)).toEqual(
      ids.filter((id) => model.pieces.get(id)!.kind === kind),
    );
  const x = model.pieces.get(ids[0] ?? 0)?.x ?? 1; // not indexed
  expect([...draft.pieces.where("x", x)].map(({ id }) => id)).toEqual(ids.filter((id) => model.pieces.get(id)!.x === x));
  expect([...draft.pieces.where("name", "a")].length).toBe(ids.filter((id) => model.pieces.get(id)!.name === "a").length);
  expect([draft.meta.total, draft.meta.title]).toEqual([model.meta.total, model.meta.title]);
}

const emptyModel = (): Model => ({ pieces: new Map(), flags: new Map(), meta: { total: 0, title: "" } });
/** `steps` random writes on a new state. */
function scrambled(draw: Draw, steps: number): { state: GameState<State>; model: Model } {
  const state = make();
  const model = emptyModel();
  for (let n = 0; n < steps; n++) step(draw, state.draft, model);
  return { state, model };
}

/** Runs a test for so many seeds. */
function seeds(name: string, count: number, run: (draw: Draw) => void): void {
  test(name, () => play(count, async (seed) => run(new Draw(name, seed))));
}

describe("reads", () => {
  seeds("a table holds what a map would, in ascending order, whatever came before", 60, (draw) => {
    const state = make();
    const model = emptyModel();
    for (let n = 0; n < 200; n++) {
      step(draw, state.draft, model);
      if (n % 20 === 0) agrees(state.draft, model);
    }
    agrees(state.draft, model);
  });

  test("rows found by a column may be written while they are walked", () => {
    const { draft } = make();
    for (let id = 0; id < 5; id++) draft.pieces.add(id, { x: id, kind: 1, name: "", at: null });
    for (const row of draft.pieces.where("kind", 1)) row.kind = 2;
    for (const row of draft.pieces) draft.pieces.delete(row.id);
    expect([[...draft.pieces.where("kind", 2)].length, draft.pieces.size]).toEqual([0, 0]);
  });

  test("rows found by a column are those there were, whatever comes while they are walked", () => {
    const { draft } = make();
    const row = { x: 0, kind: 1, name: "", at: null };
    for (const id of [7, 3, 5]) draft.pieces.add(id, row);
    const walked: number[] = [];
    for (const { id } of draft.pieces.where("kind", 1)) {
      walked.push(id);
      if (id < 100) draft.pieces.add(100 + id, row);
    }
    expect(walked).toEqual([3, 5, 7]);
    expect([...draft.pieces.where("kind", 1)].map(({ id }) => id)).toEqual([3, 5, 7, 103, 105, 107]);
  });

  test("rows are found by a column that has held thousands of values, each for a while", () => {
    const draft = new GameState({ rows: t.table({ key: t.u32() }, { index: ["key"] }) }).draft.rows;
    const kept = draft.add(0, { key: 77 });
    const moving = draft.add(1, { key: 0 });
    for (let key = 0; key < 5000; key++) {
      moving.key = key;
      expect([...draft.where("key", key)].map(({ id }) => id)).toEqual(key === 77 ? [0, 1] : [1]);
    }
    expect([...draft.where("key", kept.key)].map(({ id }) => id)).toEqual([0]);
    expect([...draft.where("key", 4998)]).toEqual([]);
  });

  seeds("the lowest free id is found in a table of forty thousand, and again when all is taken back", 3, (draw) => {
    const rows = 40_000;
    const state = new GameState({ rows: t.table({ x: t.u8() }) });
    const table = state.draft.rows;
    const taken = new Set<number>();
    const free = (): number => {
      let id = 0;
      while (taken.has(id)) id++;
      return id;
    };
    for (let id = 0; id < rows; id++) taken.add(table.add(table.freeId(), { x: 1 }).id);
    expect([taken.size, Math.max(...taken), table.freeId()]).toEqual([rows, rows - 1, rows]);
    const mark = state.log.length;
    for (let n = 0; n < 60; n++) {
      const id = draw.below(rows);
      if (table.delete(id)) taken.delete(id);
      expect(table.freeId()).toBe(free());
      if (draw.chance(0.4)) taken.add(table.add(table.freeId(), { x: 1 }).id);
      expect(table.freeId()).toBe(free());
    }
    expect([...table].map(({ id }) => id)).toEqual([...taken].sort((a, b) => a - b));
    state.rollback(mark);
    expect([table.size, table.freeId()]).toEqual([rows, rows]);
  });

  test("a record starts as zeros", () => {
    const { draft } = make();
    expect([draft.meta.total, draft.meta.title]).toEqual([0, ""]);
  });
});

describe("mistakes of a rule", () => {
  const { draft } = make();
  const row = { x: 0, kind: 0, name: "", at: null };
  const error = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (thrown) {
      return thrown;
    }
  };

  test("an id that is none is named", () => {
    for (const id of [-1, 0.5, Number.NaN, 1_048_576, Infinity]) {
      const thrown = error(() => draft.pieces.add(id, row));
      expect(thrown).toBeInstanceOf(WireError);
      expect((thrown as WireError).mismatch).toEqual({
        path: ["pieces", "id"],
        received: String(id),
        expected: "an integer from 0 to 1048575",
      });
      expect([draft.pieces.get(id), draft.pieces.delete(id), draft.pieces.size]).toEqual([undefined, false, 0]);
    }
    draft.pieces.add(1_048_575, row);
    expect(draft.pieces.delete(1_048_575)).toBe(true);
  });

  test("a value that does not fit is named by its cell, and nothing is written", () => {
    const live = draft.pieces.add(3, row);
    expect(() => (live.x = 40_000)).toThrow("pieces.3.x: received 40000, expected an integer from -32768 to 32767");
    expect(() => (draft.meta.title = "x".repeat(21))).toThrow("meta.0.title: received");
    expect(() => draft.pieces.add(4, { ...row, kind: 256 })).toThrow("pieces.4.kind: received 256");
    expect(() => draft.pieces.add(4, {} as never)).toThrow("pieces.4.x: received undefined");
    expect([live.x, draft.meta.title, draft.pieces.size]).toEqual([0, "", 1]);
    draft.pieces.delete(3);
  });

  test("an id that is taken, a row that is gone and a column nobody declared are named", () => {
    const live = draft.pieces.add(5, row);
    expect(() => draft.pieces.add(5, row)).toThrow("pieces: row 5 is there already");
    expect(() => draft.pieces.where("colour" as never, 1 as never)).toThrow(
      'pieces has no column "colour"; it has x, kind, name, at',
    );
    draft.pieces.delete(5);
    expect(() => (live.x = 1)).toThrow("pieces: row 5 is gone, so x cannot be set");
    expect(() => make().table("nope")).toThrow('no table "nope"; there are pieces, flags, meta');
  });

  test("a struct in a cell changes as a whole or not at all", () => {
    const state = new GameState({ meta: t.value({ at: t.struct({ x: t.u8() }) }) });
    expect(() => (state.draft.meta.at.x = 1)).toThrow(TypeError);
    const given = { x: 2 };
    state.draft.meta.at = given;
    given.x = 3;
    expect(state.draft.meta.at.x).toBe(2);
  });
});

describe("the undo log", () => {
  seeds("a rollback leaves no trace: snapshot, indexes and free ids are as before", 60, (draw) => {
    const { state, model } = scrambled(draw, 60);
    const before = snapshot(state);
    const mark = state.log.length;
    const copy: Model = structuredClone(model);
    for (let n = draw.below(80); n >= 0; n--) step(draw, state.draft, copy);
    state.rollback(mark);
    expect(snapshot(state)).toBe(before);
    agrees(state.draft, model);
    expect(state.log.length).toBe(mark);
  });

  seeds("marks nest: each takes back what came after it", 30, (draw) => {
    const { state, model } = scrambled(draw, 20);
    const marks: [number, string][] = [];
    for (let depth = 0; depth < 6; depth++) {
      marks.push([state.log.length, snapshot(state)]);
      for (let n = draw.below(20); n >= 0; n--) step(draw, state.draft, model);
    }
    for (const [mark, bytes] of marks.toReversed()) {
      state.rollback(mark);
      expect(snapshot(state)).toBe(bytes);
    }
  });

  test("[P9] it grows with the writes, and a value set to what it was writes nothing", () => {
    const { state } = scrambled(new Draw("log", SEED), 50);
    const { length } = state.log;
    Object.assign(state.draft.meta, { total: state.draft.meta.total });
    for (const row of state.draft.pieces) Object.assign(row, { name: row.name });
    expect(state.log.length).toBe(length);
    state.draft.meta.total++;
    expect(state.log.length).toBe(length + 1);
  });
});

/** The changes since the log was last cleared. */
const deltaOf = (state: GameState<State>): { bytes: Uint8Array; something: boolean } => {
  let something = false;
  const bytes = encode((to) => {
    something = writeDelta(to, state, state.log.since(0));
  });
  return { bytes, something };
};

describe("deltas and snapshots", () => {
  seeds("[P4] a delta brings a copy to the same state, byte for byte, row by row touched", 60, (draw) => {
    const { state, model } = scrambled(draw, 40);
    const copy = restored(snapshot(state));
    for (let group = 0; group < 8; group++) {
      state.log.clear();
      const before = new Map([...state.draft.pieces].map((row) => [row.id, JSON.stringify(plain(row))]));
      for (let n = draw.below(12); n >= 0; n--) step(draw, state.draft, model);
      const touched = new Set<number>();
      applyDelta(decoding.createDecoder(deltaOf(state).bytes), copy, (table, id) => void (table === 0 && touched.add(id)));
      expect(snapshot(copy)).toBe(snapshot(state));
      agrees(copy.draft, model); // indexes too
      for (let id = 0; id < 1100; id++) {
        const row = state.draft.pieces.get(id);
        if ((row && JSON.stringify(plain(row))) !== before.get(id)) expect(touched.has(id)).toBe(true);
      }
    }
  });

  seeds("the same change has the same bytes, however it was made", 30, (draw) => {
    const { state } = scrambled(draw, 40);
    const bytes = snapshot(state);
    const ids = [...state.draft.pieces].map(({ id }) => id);
    const variant = (order: readonly number[], detour: boolean): Uint8Array => {
      const copy = restored(bytes);
      for (const id of order) {
        if (detour) copy.draft.pieces.get(id)!.x = 7;
        copy.draft.pieces.get(id)!.x = 1234;
      }
      return deltaOf(copy).bytes;
    };
    expect(variant(ids.toReversed(), true)).toEqual(variant(ids, true));
    expect(Buffer.from(variant(ids, true)).length).toBeLessThanOrEqual(3 + ids.length * 5);
  });

  test("[P9] a delta costs what changed, whatever the size of the table", () => {
    const length = (rows: number): number => {
      const state = make();
      for (let id = 0; id < rows; id++) state.draft.pieces.add(id, { x: 1, kind: 0, name: "", at: null });
      state.log.clear();
      state.draft.pieces.get(3)!.x = 9;
      return deltaOf(state).bytes.length;
    };
    expect(length(20_000)).toBe(length(10));
  });

  test("a row that came and went within a group is nobody's business", () => {
    const state = make();
    state.draft.pieces.add(1, { x: 1, kind: 1, name: "", at: null });
    state.draft.pieces.delete(1);
    expect(deltaOf(state).something).toBe(false);
  });

  seeds("[P4] equal states have equal bytes, whatever their history", 40, (draw) => {
    const { state } = scrambled(draw, 150);
    const fresh = make();
    for (const row of [...state.draft.pieces].toReversed()) fresh.draft.pieces.add(row.id, plain(row));
    for (const { id, on } of state.draft.flags) fresh.draft.flags.add(id, { on });
    Object.assign(fresh.draft.meta, { total: state.draft.meta.total, title: state.draft.meta.title });
    expect(snapshot(fresh)).toBe(snapshot(state));
    expect(snapshot(restored(snapshot(state)))).toBe(snapshot(state));
  });

  seeds("every truncation of a snapshot and of a delta throws; flipped bits throw or are some other state", 6, (draw) => {
    const { state, model } = scrambled(draw, 30);
    const whole = Buffer.from(snapshot(state), "hex");
    for (let length = 0; length < whole.length; length++)
      expect(() => readSnapshot(decoding.createDecoder(whole.subarray(0, length)), make())).toThrow();
    const before = snapshot(state);
    state.log.clear();
    for (let n = 0; n < 12; n++) step(draw, state.draft, model);
    const { bytes } = deltaOf(state);
    for (let length = 0; length < bytes.length; length++)
      expect(() => applyDelta(decoding.createDecoder(bytes.subarray(0, length)), restored(before))).toThrow();
    for (let n = 0; n < 400; n++) {
      const copy = restored(before);
      const bad = Uint8Array.from(bytes);
      bad[draw.below(bad.length)]! ^= 1 << draw.below(8);
      try {
        applyDelta(decoding.createDecoder(bad), copy);
      } catch {
        continue;
      }
      expect(snapshot(restored(snapshot(copy)))).toBe(snapshot(copy));
    }
  });

  test("bytes that name what this game does not have are refused by name", () => {
    const apply =
      (...bytes: number[]) =>
      (): void =>
        applyDelta(decoding.createDecoder(Uint8Array.from(bytes)), make());
    expect(apply(1, 9, 0, 0)).toThrow("a table this game does not have");
    expect(apply(1, 0, 1, 4, 0)).toThrow("deletes row 4 of pieces, which is not there");
    expect(apply(1, 0, 0, 1, 4, 1, 0, 0)).toThrow("writes row 4 of pieces, which is not there");
    expect(apply(1, 0, 0, 1, 4, 0x1f, 0, 0)).toThrow("columns that pieces does not have");
    expect(apply(1, 0, 0, 1, 0xff, 0xff, 0xff, 0x7f, 1)).toThrow("is above 1048575");
    expect(apply(1, 0, 0, 1, ...Array.from({ length: 200 }, () => 0x80), 0, 15, 0, 0, 0, 0, 0)).toThrow("row id NaN");
    expect(apply(1, 2, 1, 0, 0)).toThrow("deletes row 0 of meta"); // a record is always there
    const read =
      (...bytes: number[]) =>
      (): void =>
        readSnapshot(decoding.createDecoder(Uint8Array.from(bytes)), make());
    expect(read(0, 0, 0)).toThrow("0 rows of meta, which is one record");
    expect(read(0, 0, 2, 0, 0, 0, 0, 0, 0)).toThrow("2 rows of meta");
    expect(read(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f)).toThrow();
  });
});
