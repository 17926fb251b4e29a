/** Snapshots taken step by step, and what is left of old rows. */
import { expect, test } from "vitest";
import { CompactionPlan } from "../../server/room/compaction-plan.ts";
import { Compaction } from "../../server/room/compaction.ts";
import { Journal } from "../../server/room/journal.ts";
import { MemoryStore } from "../../server/storage/memory-store.ts";
import { writeSections } from "../../server/storage/pieces.ts";
import { boardSimulation, canonical, join, type Player } from "../kit/board.ts";
import type { Simulation } from "../kit/simulation.ts";
import { piecesOf } from "../kit/store-contract.ts";

async function add(simulation: Simulation, { room }: Player, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    void room.do.add({ n: 1 });
    await simulation.advance(40);
  }
}

test("[P8] each step writes, reads or removes a bounded part, and only the last makes it count", () => {
  const store = new MemoryStore();
  const birth = { format: 2, room: "r", gameVersion: 0, params: new Uint8Array(), seed: 1, createdAt: 1 };
  store.create(birth, [{ section: 1, bytes: new Uint8Array(3) }]);
  for (let seq = 1; seq <= 2000; seq++) store.append({ seq, at: seq, bytes: new Uint8Array(10) });
  const pieces = Array.from({ length: 20 }, (_, n) => ({ section: 1, bytes: new Uint8Array(300_000).fill(n) }));
  let checked = 0;
  const compaction = new Compaction({ store, check: () => void checked++, adopted: () => 1500 });
  compaction.begin(2000, pieces);
  const written: number[] = [];
  const removed: number[] = [];
  while (!compaction.resting) {
    const before = { pieces: piecesOf(store, 2000).length, rows: store.rows(0).length, snapshot: store.snapshot() };
    if (before.snapshot === 2000) expect(checked).toBe(1);
    compaction.step();
    written.push(piecesOf(store, 2000).length - before.pieces);
    removed.push(before.rows - store.rows(0).length);
    if (written.at(-1)! > 0) expect(store.snapshot()).toBe(0);
  }
  expect([store.snapshot(), store.oldest(), piecesOf(store, 0).length]).toEqual([2000, 1500, 0]);
  expect(Math.max(...written)).toBe(3); // of 300 kB each
  expect(Math.max(...removed)).toBe(500);
  expect(piecesOf(store, 2000)).toEqual(pieces);
});

test("[P1] cut short at any step, by sleep or by death, nothing is lost, and what was left of it is swept", async () => {
  for (const end of ["evict", "crash"] as const)
    for (let step = 1; step <= 4; step++) {
      const simulation = boardSimulation({ snapshotRows: 10 });
      const ann = await join(simulation, "ann", 1000);
      let steps = 0;
      const { room } = simulation;
      const alarm = room.alarm.bind(room);
      room.alarm = () => {
        alarm();
        if (++steps === step) simulation[end]();
      };
      await add(simulation, ann, 15);
      await simulation.advance(5000);
      expect(steps).toBeGreaterThanOrEqual(step);
      const added = ann.room.do.add({ n: 1 });
      await simulation.advance(5000);
      expect(await added).toMatchObject({ value: 16 });
      await add(simulation, ann, 10);
      await simulation.advance(5000);
      const { store } = simulation;
      expect(store.snapshot()).toBeGreaterThan(0);
      expect(store.sweep(0, 1)).toBe(false);
      simulation.crash();
      const ben = await join(simulation, "ben");
      await simulation.advance(2000);
      expect(canonical(ben.room.state)).toBe(canonical(ann.room.confirmed));
    }
}, 60_000);

test("a snapshot lets who is being given the state finish, for two minutes; and waits longer after each failure, up to an hour", () => {
  const plan = new CompactionPlan();
  expect(plan.waits(false, 0)).toBeUndefined();
  expect([plan.waits(true, 1000), plan.waits(true, 120_999), plan.waits(true, 121_000)]).toEqual([6000, 125_999, undefined]);
  expect(plan.waits(true, 200_000)).toBeUndefined(); // until it is done
  plan.done();
  expect(plan.waits(true, 200_000)).toBe(205_000);
  expect(Array.from({ length: 10 }, () => plan.failed(0) / 1000)).toEqual([15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  plan.done();
  expect(plan.failed(0)).toBe(15_000);
});

test("rows behind a snapshot are kept for those who come back: by count, by bytes and by age", () => {
  const store = new MemoryStore();
  const journal = new Journal(store, 10);
  const at = (seq: number): number => seq * 1000;
  const birth = { format: 2, room: "r", gameVersion: 0, params: new Uint8Array(), seed: 1, createdAt: 1 };
  journal.create(birth, new Map([[1, new Uint8Array(3)]]));
  const append = (rows: number, bytes: number): void => {
    for (let n = 0; n < rows; n++) journal.append(at(journal.seq + 1), new Map([[2, new Uint8Array(bytes)]]));
  };
  append(30, 10);
  expect(journal.snapshotDue).toBe(true);
  journal.snapshotTaken(25, 100);
  expect(journal.snapshotDue).toBe(false);
  expect(journal.notKept(at(30))).toBe(15); // the last ten that are in it
  const week = 7 * 24 * 60 * 60 * 1000;
  expect(journal.notKept(at(20) + week + 1)).toBe(20);
  expect(journal.notKept(at(30) + 2 * week)).toBe(25); // never what is not in the snapshot
  append(1, 900_000);
  expect(journal.snapshotDue).toBe(false);
  append(1, 200_000);
  expect(journal.snapshotDue).toBe(true); // by bytes
  journal.snapshotTaken(32, 5_000_000);
  append(3, 1_500_000);
  expect(journal.snapshotDue).toBe(false); // a long snapshot is not written again for a short change
  append(6, 950_000);
  journal.snapshotTaken(41, 100);
  expect(journal.notKept(at(41))).toBe(34); // eight million bytes
});

test("[P8] of the rows that were missed no more is read than is asked for", () => {
  const store = new MemoryStore();
  const journal = new Journal(store, 1000);
  const birth = { format: 2, room: "r", gameVersion: 0, params: new Uint8Array(), seed: 1, createdAt: 1 };
  journal.create(birth, new Map([[1, new Uint8Array(3)]]));
  for (let n = 0; n < 20; n++) journal.append(1, new Map([[2, new Uint8Array(100_000)]]));
  expect([journal.lengthSince(0), journal.lengthSince(20), journal.lengthSince(21)]).toEqual([2_000_080, 0, undefined]);
  let read = 0;
  const rows = store.rows(3).map(({ bytes, ...row }) => ({
    ...row,
    get bytes() {
      read += bytes.length;
      return bytes;
    },
  }));
  store.rows = () => rows;
  expect(journal.since(3, 250_000)?.map(({ seq }) => seq)).toEqual([4, 5]);
  expect(read).toBeLessThan(400_000);
  expect(journal.since(3, 1)?.map(({ seq }) => seq)).toEqual([4]); // one at least, or nobody would get any further
});

test("a group longer than a row of storage is one row all the same", async () => {
  const simulation = boardSimulation({ journalMs: 2000 });
  const ann = await join(simulation, "ann", 10);
  const { seq } = simulation.room.inspect();
  const bytes = writeSections(new Map([[9, new Uint8Array(2_500_000)]])); // a section that nobody has
  simulation.store.append({ seq: seq + 1, at: simulation.now, bytes });
  simulation.evict();
  void ann.room.do.add({ n: 1 });
  await simulation.advance(3000);
  expect([ann.room.status, simulation.room.inspect().seq]).toEqual(["connected", seq + 2]);
});
