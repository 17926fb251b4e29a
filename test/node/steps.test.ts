/**
 * One life of a room, told in steps, and disturbed once: at each event of it in turn, in each of four ways. Nothing is
 * drawn, so up to the disturbance every run is the same. By default every third event has its turn, which takes ten
 * seconds; `STEPS=all` gives it to all of them.
 */
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { StreamLane } from "../../server/parts/game/stream-lane.ts";
import { PresencePart } from "../../server/parts/presence.ts";
import { Sessions } from "../../server/room/sessions.ts";
import type { MemoryStore } from "../../server/storage/memory-store.ts";
import { boardSimulation } from "../kit/board.ts";
import { shownTooEarly } from "../kit/early.ts";
import type { Simulation } from "../kit/simulation.ts";
import { Broken, Witness } from "../kit/witness.ts";

const EVERY = process.env["STEPS"] === "all" ? 1 : 3;
const COMMITS_MS = [1, 30];
const PIECES = 8;
const LEAVE_GRACE_MS = 500;
/** A snapshot is cut after so many rows, and so many there are before: what follows takes it over that. */
const SNAPSHOT_ROWS = 30;
const ROWS_BEFORE = 22;

/** What may befall a room. False: not at this instant; the next is asked. */
const DISTURBANCES: Record<string, (simulation: Simulation) => boolean> = {
  "the object leaves memory and its sockets stay"(simulation) {
    if (!simulation.resting) return false; // the platform lets no busy one sleep
    simulation.evict();
    simulation.room.inspect(); // nothing is woken but by something
    return true;
  },
  "the process dies"(simulation) {
    simulation.crash();
    return true;
  },
  "the next write throws"(simulation) {
    simulation.store.failure = new Error("database or disk is full: SQLITE_FULL");
    return true;
  },
  "the next commit is lost"(simulation) {
    simulation.commitFailure = new Error("disk I/O error: SQLITE_IOERR");
    return true;
  },
};

/** A room with so many rows that what follows cuts a snapshot: the one place that knows how that comes about. */
async function makePast(): Promise<MemoryStore> {
  const simulation = boardSimulation({ snapshotRows: SNAPSHOT_ROWS });
  simulation.room.create({ pieces: PIECES });
  while (simulation.store.rows(0).length < ROWS_BEFORE) {
    void simulation.room.game.act("add", { n: 1 });
    await simulation.advance(40);
  }
  expect(simulation.store.snapshot()).toBe(0);
  return simulation.store;
}

/** Who does what, and when. */
async function act(simulation: Simulation, witness: Witness): Promise<void> {
  const wait = (ms: number): Promise<void> => simulation.advance(ms);
  const ann = witness.join("ann");
  const ben = witness.join("ben");
  await wait(60);
  witness.watch(ann.room.do.grab({ id: 1 }));
  witness.watch(ben.room.do.grab({ id: 1 })); // is refused
  witness.watch(ben.room.do.grab({ id: 2 }));
  witness.add(ann);
  witness.add(ben);
  for (let step = 1; step <= 4; step++) {
    ann.room.do.drag({ id: 1, x: 10 * step, y: step }); // the first in the frame that takes the piece
    ben.room.do.drag({ id: 2, x: 20 * step, y: -step });
    if (step % 2 === 0) witness.add(ben);
    await wait(35);
  }
  witness.watch(ann.room.do.drop({ id: 1, x: 50, y: 5 }));
  ben.room.setPresence({ cursor: { x: 1, y: 2 } });
  await wait(100); // nothing is under way
  witness.add(ann);
  const rows = (): number => simulation.store.rows(0).length;
  for (let [before, ms] = [rows(), 0]; rows() === before && ms < 50; ms++) await wait(1);
  ann.wire.network.drop(); // it has run, and its answer is on its way
  for (let step = 1; step <= 4; step++) {
    witness.add(ben);
    witness.add(ann);
    await wait(50);
  }
  witness.watch(ben.room.do.roll());
  witness.watch(ben.room.do.waver());
  const cleo = witness.join("cleo");
  await wait(70);
  witness.watch(cleo.room.do.grab({ id: 3 }));
  cleo.room.setPresence({ mood: "late" });
  ann.room.setPresence({ mood: "back", cursor: { x: 9, y: 9 } });
  for (let step = 1; step <= 6; step++) {
    witness.add([ann, ben, cleo][step % 3]!);
    cleo.room.do.drag({ id: 3, x: step, y: step });
    await wait(40);
  }
  witness.leave(ben); // with a piece in hand
  witness.watch(cleo.room.do.broken());
  await wait(300);
  witness.add(cleo);
  witness.add(ann);
  await wait(LEAVE_GRACE_MS - 100);
}

/** Lives once. Throws `Broken`; else returns how many events there were until all had been done. */
async function live(
  past: MemoryStore,
  commitMs: number,
  onEvent?: (simulation: Simulation, event: number) => void,
): Promise<number> {
  const simulation = boardSimulation({ store: past, snapshotRows: SNAPSHOT_ROWS, commitMs, leaveGraceMs: LEAVE_GRACE_MS });
  const witness = new Witness(simulation, { pieces: PIECES, past });
  const early = shownTooEarly(simulation, (user) => witness.open.find((page) => page.user === user)?.room);
  simulation.clock.onEvent = (event) => onEvent?.(simulation, event);
  await act(simulation, witness);
  simulation.clock.onEvent = undefined;
  const { events } = simulation.clock;
  await witness.quiet();
  if (early.length > 0) throw new Broken(early.join("; "));
  witness.check();
  if (simulation.store.snapshot() === 0) throw new Broken("[P9] no snapshot was cut");
  await witness.newcomer();
  return events;
}

/** Lives once for each event that has its turn, and says what was broken. */
async function disturbEach(past: MemoryStore, commitMs: number, disturb: (simulation: Simulation) => boolean): Promise<string[]> {
  const events = await live(past, commitMs);
  const broken: string[] = [];
  for (let turn = 1; turn <= events; turn += EVERY) {
    let disturbed = false;
    try {
      await live(past, commitMs, (simulation, event) => {
        if (!disturbed && event >= turn) disturbed = disturb(simulation);
      });
    } catch (error) {
      broken.push(`event ${turn} of ${events}: ${error instanceof Broken ? error.message : String(error)}`);
    }
  }
  return broken;
}

let past: MemoryStore;
beforeAll(async () => {
  past = await makePast();
});

describe.each(COMMITS_MS)("with commits that take %i ms", (commitMs) => {
  test.each(Object.keys(DISTURBANCES))(
    "[P1] [P2] [P3] [P5] [P6] whenever %s: nothing lost, nothing twice, nothing shown too early, everyone agrees",
    async (name) => {
      expect(await disturbEach(past, commitMs, DISTURBANCES[name]!)).toEqual([]);
    },
    120_000,
  );
});

// A harness that cannot see these mistakes proves nothing.
describe("the harness sees", () => {
  afterEach(() => vi.restoreAllMocks());

  test("[P1] a room that tells first and writes then", async () => {
    const writeLate = ({ store }: Simulation): void => {
      if (Object.hasOwn(store, "append")) return;
      const append = store.append.bind(store);
      store.append = (row) => queueMicrotask(() => append(row));
    };
    await expect(live(past, 1, writeLate)).rejects.toThrow("was durable");
  });

  test("[P1] a live value that comes before what it rests on", async () => {
    vi.spyOn(StreamLane.prototype, "volatile").mockImplementation(StreamLane.prototype.durable);
    await expect(live(past, 1)).rejects.toThrow("before it was shown who holds it");
  });

  test("[P2] a room that runs again what is sent again", async () => {
    vi.spyOn(Sessions.prototype, "admit").mockReturnValue({ kind: "run" });
    await expect(live(past, 30)).rejects.toThrow("[P2]");
  });

  test("[P6] a room that does not say who went", async () => {
    vi.spyOn(PresencePart.prototype, "left").mockReturnValue();
    await expect(live(past, 1)).rejects.toThrow("[P6]");
  });
});
