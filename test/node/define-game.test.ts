/** Running the rules: all of an action or nothing, what it may say, and the same randomness for the same draw. */
import { defineGame, defineRoom, t, type Context } from "coterie";
import { describe, expect, test } from "vitest";
import { random, seedOf } from "../../shared/game/random.ts";
import { may, run, type AnyGame, type Outcome } from "../../shared/game/run.ts";
import { writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { board } from "../kit/board-game.ts";

type Board = (typeof board)["~types"];
/** The rules' context, that also takes names nobody declared. */
type C = Context<Board["state"], Board["params"], Record<keyof Board["events"] | (string & {}), never>, string>;

const rules = board["~rules"];
const caller = { me: 7, now: 1_700_000_000_000, seed: 42 };

function filled(): GameState {
  const state = new GameState(rules.state);
  run(rules, state, { pieces: 4 }, caller, (c) => rules.setup(c));
  state.log.clear();
  return state;
}
const bytes = (state: GameState): string => Buffer.from(encode((to) => writeSnapshot(to, state))).toString("hex");
const rule = (state: GameState, of: (c: C) => unknown): Outcome => run(rules, state, { pieces: 4 }, caller, of);
/** Writes of every kind. */
const scribble = ({ state }: C): void => {
  state.pieces.get(1)!.x = 99;
  state.pieces.delete(2);
  state.pieces.add(2, { x: 5, y: 5, heldBy: 3 });
  state.pieces.delete(3);
  state.seen.add(9, { joins: 1, leaves: 0 });
  state.meta.total = 12;
};

describe("run", () => {
  test("[P5] a rejection takes everything back, and names its code", () => {
    const state = filled();
    const before = bytes(state);
    const outcome = rule(state, (c) => (scribble(c), c.emit("landed", { piece: 1, by: 2 }), c.reject("gone")));
    expect(outcome).toEqual({ kind: "rejected", code: "gone" });
    expect([bytes(state), state.log.length]).toEqual([before, 0]);
    expect([...state.table("pieces").where(2, 3)]).toEqual([]);
  });

  test("[P5] a throw takes everything back, and is told from a rejection", () => {
    const state = filled();
    const before = bytes(state);
    const error = new Error("a bug");
    expect(rule(state, (c) => (scribble(c), Promise.reject(error).catch(() => {}), raise(error)))).toEqual({
      kind: "broke",
      error,
    });
    expect(rule(state, (c) => (scribble(c), raise("no error at all")))).toEqual({ kind: "broke", error: "no error at all" });
    expect(bytes(state)).toBe(before);
  });

  test("only the writes of the rule itself are taken back", () => {
    const state = filled();
    rule(state, ({ state: draft }) => void (draft.meta.total = 5));
    rule(state, (c) => (scribble(c), c.reject("gone")));
    expect(bytes(state)).toBe(bytes(filledWith(5)));
  });

  test("a rejection caught by the rule itself is its own affair", () => {
    const state = filled();
    const outcome = rule(state, (c) => {
      try {
        c.reject("gone");
      } catch {
        c.state.meta.total = 5;
      }
      return "went on";
    });
    expect(outcome).toEqual({ kind: "done", value: "went on", events: [], timers: [] });
    expect(bytes(state)).toBe(bytes(filledWith(5)));
  });

  test("a code, an event or data that was not declared breaks the rule, by name", () => {
    const message = (of: (c: C) => unknown): string => {
      const outcome = rule(filled(), of);
      return outcome.kind === "broke" ? String(outcome.error) : outcome.kind;
    };
    expect(message((c) => c.reject("lost"))).toBe(
      'RangeError: reject("lost") is none of the declared codes: held, gone, not-yours',
    );
    for (const name of ["nope", "constructor", "__proto__", "toString"])
      expect(message((c) => c.emit(name, {}))).toBe(`RangeError: emit("${name}") is none of the declared events: landed`);
    expect(message((c) => c.emit("landed", { piece: -1, by: 0 }))).toContain("landed.piece: received -1");
  });

  test("events come in order, as they were when they were told", () => {
    const data = { piece: 1, by: 2, more: "dropped" };
    const outcome = rule(filled(), (c) => {
      c.emit("landed", data);
      data.piece = 3;
      c.emit("landed", data);
    });
    expect(outcome).toMatchObject({
      events: [
        { type: "landed", data: { piece: 1, by: 2 } },
        { type: "landed", data: { piece: 3, by: 2 } },
      ],
    });
  });

  test("c.me, c.now and c.params are the caller's and the room's", () => {
    expect(rule(filled(), ({ me, now, params }) => [me, now, params])).toMatchObject({
      value: [7, 1_700_000_000_000, { pieces: 4 }],
    });
  });
});

describe("a stream's guard", () => {
  const lane = rules.streams[0]!;
  const asks = (of: (c: C, row: never) => unknown, row = 1): boolean =>
    may(rules, { ...lane, may: of as never }, filled(), {}, caller, row);

  test("says who may; for a row that is not there nobody may", () => {
    expect([asks(() => true), asks(() => false), asks(() => true, 99), asks(() => true, Number.NaN)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test("one that throws or rejects lets nobody, and nobody pays for it", () => {
    expect([asks(() => raise(new Error("a bug"))), asks((c) => c.reject("gone"))]).toEqual([false, false]);
  });
});

describe("c.random", () => {
  const draws = (seed: number): unknown => {
    const outcome = run(rules, filled(), {}, { ...caller, seed }, (c) => [c.random(), c.random(), c.random()]);
    return outcome.kind === "done" && outcome.value;
  };

  test("the same seed gives the same draws, another one others", () => {
    expect(draws(1)).toEqual(draws(1));
    expect(draws(1)).not.toEqual(draws(2));
  });

  test("draws are pinned: a journal row of last year must run again to the same state", () => {
    expect([random(1)(), random(0xffffffff)(), seedOf("session", 12), seedOf(1, "setup")]).toEqual([
      0.6270739405881613, 0.8964226141106337, 2054665174, 2930356989,
    ]);
  });

  test("draws spread over [0, 1), whatever the seeds of neighbouring actions", () => {
    const first = Array.from({ length: 20_000 }, (_, number) => random(seedOf("0b54-session", number))());
    expect([Math.min(...first) >= 0, Math.max(...first) < 1]).toEqual([true, true]);
    const buckets = Array.from({ length: 10 }, (_, tenth) => first.filter((draw) => Math.floor(draw * 10) === tenth).length);
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(250); // over five standard deviations
  });
});

describe("a declaration", () => {
  const base = { name: "g", version: 1, setup: () => {} };

  test("a table of no columns, of too many, with a stray index or a column id is refused by name", () => {
    const columns = (n: number): Record<string, ReturnType<typeof t.u8>> =>
      Object.fromEntries(Array.from({ length: n }, (_, index) => [`c${index}`, t.u8()]));
    expect(() => defineGame({ ...base, state: { a: t.table(columns(0)) } })).toThrow("g: a has 0 columns, expected 1 to 31");
    expect(() => defineGame({ ...base, state: { a: t.table(columns(32)) } })).toThrow("g: a has 32 columns");
    expect(() => defineGame({ ...base, state: { a: t.table(columns(31)) } })).not.toThrow();
    for (const index of ["y", "constructor"])
      expect(() => defineGame({ ...base, state: { a: t.table({ x: t.u8() }, { index: [index as never] }) } })).toThrow(
        `g: a has no column "${index}" to index`,
      );
    expect(() => defineGame({ ...base, state: { a: t.table({ id: t.u8() }) } })).toThrow("g: a declares a column id");
  });

  test("what is no action is refused by name", () => {
    const game = defineGame({ ...base, state: {} });
    expect(() => game.actions(() => ({ jump: (() => 1) as never }))).toThrow("g: action jump is a value of type function");
  });

  test("actions and streams are numbered apart, in the order of declaration", () => {
    expect(rules.actions.map(({ name, number }) => `${number} ${name}`)).toEqual(
      ["grab", "drop", "add", "roll", "broken", "waver", "rare"].map((name, number) => `${number} ${name}`),
    );
    expect(rules.streams.map(({ name, number }) => `${number} ${name}`)).toEqual(["0 drag"]);
  });

  test("an action may take any Standard Schema, or nothing", () => {
    const upper = { "~standard": { version: 1 as const, vendor: "x", validate: (value: unknown) => ({ value: [value] }) } };
    const game: AnyGame = defineGame({ ...base, state: {} }).actions((a) => ({
      say: a(upper, (_c, text) => text),
      stop: a(() => 1),
    }));
    const [say, stop] = game["~rules"].actions;
    expect([say!.input!.wire, stop!.input]).toEqual(["json(x)", undefined]);
  });

  test("a room's name is kebab-case, its presence a struct of at most 31 fields", () => {
    for (const name of ["Big", "a b", "", "9", "x".repeat(33), "__proto__"])
      expect(() => defineRoom({ name })).toThrow(/room name/);
    expect(() => defineRoom({ name: "a", presence: t.nullable(t.struct({})) as never })).toThrow("a: presence is nullable");
    const wide = t.struct(Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`f${n}`, t.bool()])));
    expect(() => defineRoom({ name: "a", presence: wide })).toThrow("a: presence has 32 fields, expected at most 31");
  });
});

function raise(error: unknown): never {
  throw error;
}
function filledWith(total: number): GameState {
  const state = filled();
  rule(state, ({ state: draft }) => void (draft.meta.total = total));
  return state;
}
