/** When a room speaks: the cool-downs of frames and rows, with a clock that stands still within an event and a slow disk. */
import { describe, expect, test } from "vitest";
import { Beat, type BeatOptions } from "../../server/room/beat.ts";
import { Bucket } from "../../shared/bucket.ts";
import { Clock } from "../kit/clock.ts";

type Told = "volatile" | "durable" | "nothing" | `lost: ${string}`;

/** A beat with what it said and when, in ms since the start. */
function make({ commitMs = 1, ...options }: BeatOptions & { commitMs?: number } = {}) {
  const clock = new Clock(0);
  const told: [at: number, what: Told][] = [];
  const say = (what: Told): void => void told.push([clock.now, what]);
  let rows = 0;
  /** The most rows that were on their way at once. */
  let most = 0;
  const parts = {
    /** Whether the group holds anything to write. */
    writes: true,
    /** Set to make the next commit fail. */
    failure: undefined as Error | undefined,
  };
  const beat = new Beat(
    {
      after: clock.after,
      now: () => clock.now,
      volatile: () => say("volatile"),
      durable: () => {
        say(parts.writes ? "durable" : "nothing");
        return parts.writes;
      },
      settled: () => {
        most = Math.max(most, ++rows);
        const { failure } = parts;
        parts.failure = undefined;
        return new Promise((resolve, reject) =>
          clock.after(commitMs, () => {
            rows--;
            if (failure) reject(failure);
            else resolve();
          }),
        );
      },
      late: () => {},
      stored: () => {},
      lost: (error) => say(`lost: ${(error as Error).message}`),
    },
    options,
  );
  /** An event: things happen, and then it ends. */
  const event = (...marks: ("shown" | "group")[]): void => {
    for (const mark of marks) {
      if (mark === "shown") beat.mark();
      else beat.markGroup();
    }
    beat.endOfEvent();
  };
  return {
    beat,
    clock,
    parts,
    told,
    event,
    mostRows: () => most,
    at: (what: Told) => told.filter(([, it]) => it === what).map(([at]) => at),
  };
}

describe("a quiet room", () => {
  test("answers in its own event, the transient first: before the write, so that the disk does not hold it", () => {
    const { told, event } = make();
    event("group", "shown");
    expect(told).toEqual([
      [0, "volatile"],
      [0, "durable"],
    ]);
  });

  test("says nothing until the event ends, and once however often it was marked", () => {
    const { beat, told, event } = make();
    for (let n = 0; n < 9; n++) beat.mark();
    for (let n = 0; n < 9; n++) beat.markGroup();
    expect(told).toEqual([]);
    event();
    expect(told.map(([, what]) => what)).toEqual(["volatile", "durable"]);
  });

  test("[P7] has no timer, before and after it spoke", async () => {
    const { clock, event, told } = make();
    event();
    expect([clock.timers, told]).toEqual([0, []]);
    event("shown", "group");
    await clock.advance(100);
    expect(clock.timers).toBe(0);
  });

  test("an event that marks nothing costs nothing, during a cool-down too", async () => {
    const { clock, event, told } = make();
    event("shown");
    for (let n = 0; n < 50; n++) {
      event();
      await clock.advance(1);
    }
    expect([told.length, clock.timers]).toEqual([1, 0]);
  });
});

describe("a busy room", () => {
  test("shows one frame per beat, whatever the number of messages, though no time passes within an event", async () => {
    const { clock, event, at } = make();
    for (let ms = 0; ms < 319; ms++) {
      for (let n = 0; n < 20; n++) event("shown");
      await clock.advance(1);
    }
    expect(at("volatile")).toEqual(Array.from({ length: 20 }, (_, n) => n * 16));
  });

  test("shows the last mark too: nothing waits for the next event", async () => {
    const { clock, event, at } = make();
    event("shown");
    await clock.advance(3);
    event("shown");
    await clock.advance(100);
    expect([at("volatile"), clock.timers]).toEqual([[0, 16], 0]);
  });

  test("writes no more often than journalMs, and the transient is not held by that", async () => {
    const { clock, event, at } = make();
    for (let ms = 0; ms < 319; ms++) {
      event("shown", "group");
      await clock.advance(1);
    }
    expect(at("volatile")).toHaveLength(20);
    const rows = at("durable");
    expect(rows.length).toBeGreaterThanOrEqual(7);
    for (let row = 1; row < rows.length; row++) expect(rows[row]! - rows[row - 1]!).toBeGreaterThanOrEqual(32);
    expect(Math.max(...rows.slice(1).map((row, n) => row - rows[n]!))).toBeLessThanOrEqual(48); // a beat after it is due
  });

  test("keeps to the intervals it is given", async () => {
    const { clock, event, at } = make({ beatMs: 5, journalMs: 5 });
    for (let ms = 0; ms < 49; ms++) {
      event("shown", "group");
      await clock.advance(1);
    }
    expect(at("volatile")).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45]);
    expect(at("durable").length).toBeGreaterThanOrEqual(9);
  });

  test.each([1, 30, 33, 100, 500])("has one row in flight at most, with a disk that takes %i ms", async (commitMs) => {
    const { clock, event, at, mostRows } = make({ commitMs });
    for (let ms = 0; ms < 2000; ms++) {
      event("group");
      await clock.advance(1);
    }
    expect(mostRows()).toBe(1);
    const rows = at("durable");
    expect(rows.length).toBeGreaterThanOrEqual(Math.floor(2000 / (Math.max(commitMs, 32) + 16)));
    for (let row = 1; row < rows.length; row++)
      expect(rows[row]! - rows[row - 1]!).toBeGreaterThanOrEqual(Math.max(commitMs, 32));
    await clock.advance(2000);
    expect(clock.timers).toBe(0);
  });

  test("what came while a row was on its way is written when it is there", async () => {
    const { clock, event, at } = make({ commitMs: 200 });
    event("group");
    await clock.advance(150);
    event("group");
    await clock.advance(49);
    expect(at("durable")).toEqual([0]);
    await clock.advance(1);
    expect(at("durable")).toEqual([0, 200]);
  });

  test("a group with nothing to write is answered, and holds nobody up", async () => {
    const { clock, event, parts, at } = make();
    parts.writes = false;
    event("group");
    await clock.advance(16);
    parts.writes = true;
    event("group");
    expect([at("nothing"), at("durable")]).toEqual([[0], [16]]);
  });
});

describe("a loaded room", () => {
  /** The times of the frames of a room whose timers are late. */
  async function frames(lateMs: number): Promise<number[]> {
    const { clock, event, at } = make();
    clock.lateMs = lateMs;
    for (let ms = 0; ms < 1500; ms++) {
      event("shown");
      await clock.advance(1);
    }
    const times = at("volatile");
    return times.slice(1).map((time, n) => time - times[n]!);
  }

  test("stretches the interval by as much as the timer was late", async () => {
    const [, ...gaps] = await frames(10); // 16 + 10 asked for, 10 late
    expect(new Set(gaps)).toEqual(new Set([36]));
  });

  test("up to 50 ms and no further", async () => {
    const [, ...gaps] = await frames(300); // 50 asked for, 300 late
    expect(new Set(gaps)).toEqual(new Set([350]));
  });

  test("and is back to its pace as soon as timers are on time", async () => {
    const { clock, event, at } = make();
    const busy = async (ms: number): Promise<void> => {
      for (let n = 0; n < ms; n++) {
        event("shown");
        await clock.advance(1);
      }
    };
    clock.lateMs = 40;
    await busy(300);
    clock.lateMs = 0;
    await busy(100);
    const times = at("volatile");
    expect(times.at(-1)! - times.at(-2)!).toBe(16);
  });
});

describe("flush", () => {
  test("closes the group at once, whatever the cool-downs say, the transient first", async () => {
    const { beat, clock, event, told } = make({ commitMs: 100 });
    event("group");
    await clock.advance(5);
    beat.mark();
    beat.markGroup();
    beat.flush();
    expect(told).toEqual([
      [0, "durable"],
      [5, "volatile"],
      [5, "durable"],
    ]);
  });

  test("with nothing marked it does nothing", () => {
    const { beat, clock, told } = make();
    beat.flush();
    expect([told, clock.timers]).toEqual([[], 0]);
  });

  test("the beat waits for the rows of both", async () => {
    const { beat, clock, event, at } = make({ commitMs: 100 });
    event("group"); // durable at 100
    await clock.advance(60);
    beat.markGroup();
    beat.flush(); // durable at 160
    event("group");
    await clock.advance(300);
    expect(at("durable")).toEqual([0, 60, 160]);
  });
});

test("[P1] a row that the disk lost is reported, and the room goes on", async () => {
  const { clock, event, parts, told } = make({ commitMs: 20 });
  parts.failure = new Error("SQLITE_IOERR");
  event("group");
  await clock.advance(100);
  event("group");
  expect(told).toEqual([
    [0, "durable"],
    [20, "lost: SQLITE_IOERR"],
    [100, "durable"],
  ]);
  await clock.advance(100);
  expect(clock.timers).toBe(0);
});

describe("a rate", () => {
  const taken = (bucket: Bucket, times: readonly number[]): number => times.filter((at) => bucket.take(at)).length;
  const every = (ms: number, count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => from + n * ms);

  test("allows as many at once as in a second, and no more in a clock that stands still", () => {
    expect(taken(new Bucket(5), every(0, 100))).toBe(5);
  });

  test("allows that many a second in the long run, and does not save up more than a second", () => {
    const bucket = new Bucket(10);
    expect(taken(bucket, every(5, 2000))).toBe(10 + 99);
    expect(taken(bucket, every(0, 100, 1e9))).toBe(10);
  });

  test("below one a second it still allows one", () => {
    const bucket = new Bucket(0.5);
    expect([0, 1999, 2000, 2001, 4000].map((at) => bucket.take(at))).toEqual([true, false, true, false, true]);
  });

  test("a clock that goes back does not stop it for good", () => {
    const bucket = new Bucket(1);
    expect([1e6, 0, 1000, 2000].map((at) => bucket.take(at))).toEqual([true, false, true, true]);
  });
});
