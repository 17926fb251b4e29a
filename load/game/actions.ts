/**
 * `npm run bench -- actions`: what an action costs, by the number of rows in its table: it must not grow with them. In this
 * process, without a room or a wire: the rules' runner, the bytes of the change, and a page that applies and reads them.
 */
import * as decoding from "lib0/decoding";
import { defineGame, t, type Draft } from "coterie";
import { StateView } from "../../client/parts/view.ts";
import { applyDelta, writeDelta } from "../../shared/game/delta.ts";
import { run, type AnyGame, type Caller } from "../../shared/game/run.ts";
import { readSnapshot, writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState, type Rows } from "../../shared/game/tables.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { round } from "../statistics.ts";

const SIZES = [1000, 100_000];
/** The least of them counts: other work on the machine only adds. */
const ROUNDS = 15;
const CALLS = 400;
/** Of DESIGN.md: an action at 100,000 rows, to one at 1,000. */
const BUDGET = 1.2;

const state = { rows: t.table({ x: t.i16(), y: t.i16(), kind: t.u16(), heldBy: t.u16() }, { index: ["heldBy", "kind"] }) };
const game = defineGame({ name: "rows", version: 1, state, setup() {} }).actions(() => ({}));
const rules = (game as AnyGame)["~rules"];
type Table = Draft<typeof state>["rows"];
const caller: Caller = { me: 1, now: 0, seed: 1 };

/** A room's state, and what a page has of it. */
class Bench {
  readonly state = new GameState(state);
  readonly copy = new GameState(state);
  readonly view = new StateView(this.copy);
  readonly rows: number;
  #turn = 1;

  constructor(rows: number) {
    this.rows = rows;
    for (let id = 0; id < rows; id++) this.state.draft.rows.add(id, { x: 1, y: 1, kind: id >> 4, heldBy: 0 });
    this.state.log.clear();
    const bytes = encode((to) => writeSnapshot(to, this.state));
    readSnapshot(decoding.createDecoder(bytes), this.copy);
  }

  /** Some row; the same rows at every size, so that the ratio is not that of the machine's caches. */
  get some(): number {
    this.#turn = (this.#turn * 7919) % 997;
    return this.#turn;
  }

  act(rule: (rows: Table) => unknown): void {
    run(rules, this.state, undefined, caller, () => rule(this.state.draft.rows));
  }

  /** As a room does with a group. */
  change(): Uint8Array {
    const bytes = encode((to) => writeDelta(to, this.state, this.state.log.since(0)));
    this.state.log.clear();
    return bytes;
  }
}

const WORK: Readonly<Record<string, (bench: Bench) => void>> = {
  "write two cells": (bench) => {
    const id = bench.some;
    bench.act((rows) => {
      const row = rows.get(id)!;
      row.x = (row.x + 1) % 1000;
      row.y = (row.y + 3) % 1000;
    });
    bench.change();
  },
  "take a row, find it by its holder, let go": (bench) => {
    const id = bench.some;
    bench.act((rows) => {
      rows.get(id)!.heldBy = 1;
      for (const row of rows.where("heldBy", 1)) row.heldBy = 0;
    });
    bench.change();
  },
  "find 16 rows by a column": (bench) => {
    const id = bench.some;
    bench.act((rows) => {
      let sum = 0;
      for (const row of rows.where("kind", id >> 4)) sum += row.x;
      return sum;
    });
  },
  "add at the lowest free id, delete": (bench) => {
    bench.act((rows) => {
      const id = rows.freeId();
      rows.add(id, { x: 1, y: 1, kind: 9, heldBy: 0 });
      rows.delete(id);
    });
    bench.change();
  },
  "delete the first, add two, delete the last": (bench) => {
    bench.act((rows) => {
      rows.delete(0);
      for (let n = 0; n < 2; n++) rows.add(rows.freeId(), { x: 1, y: 1, kind: 9, heldBy: 0 });
      rows.delete(bench.rows);
    });
    bench.change();
  },
  "a gap in the middle, and everything taken back": (bench) => {
    bench.act((rows) => {
      rows.delete(bench.rows >> 1);
      rows.add(rows.freeId(), { x: 2, y: 2, kind: 9, heldBy: 0 });
      rows.delete((bench.rows >> 1) + 1);
    });
    bench.state.rollback(0);
  },
  "a page: one cell comes, the row is read": (bench) => {
    const id = bench.some;
    bench.act((rows) => {
      const row = rows.get(id)!;
      row.x = (row.x + 1) % 1000;
    });
    const from = decoding.createDecoder(bench.change());
    applyDelta(from, bench.copy, (table, row) => bench.view.touch(table, row));
    bench.copy.log.clear();
    const { rows } = bench.view.view as { rows: Rows<{ x: number }, { x: number }> };
    if (rows.size !== bench.rows || rows.get(id) === undefined) throw new Error("the page has not what the room has");
  },
};

const benches = SIZES.map((rows) => new Bench(rows));
for (const [name, work] of Object.entries(WORK)) {
  const took = benches.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++)
    for (const [index, bench] of benches.entries()) {
      const start = performance.now();
      for (let call = 0; call < CALLS; call++) work(bench);
      if (round > 0) took[index]!.push(((performance.now() - start) * 1000) / CALLS);
    }
  const [few, many] = took.map((each) => Math.min(...each)) as [number, number];
  const ratio = many / few;
  console.log(
    `${name.padEnd(46)} ${round(few, 2)} µs at ${SIZES[0]} rows, ${round(many, 2)} µs at ${SIZES[1]}: ${round(ratio, 2)} × (budget ${BUDGET}: ${ratio <= BUDGET ? "met" : "missed"})`,
  );
}
