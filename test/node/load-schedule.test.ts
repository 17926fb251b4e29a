/** When the load runner starts what: the arithmetic of stages, and the executors on a clock that stands still. */
import { describe, expect, test } from "vitest";
import { runScenario, type Worker } from "../../load/runner/executors.ts";
import { readOptions } from "../../load/runner/options.ts";
import { arrivals, userSteps } from "../../load/runner/schedule.ts";
import { Clock } from "../kit/clock.ts";

describe("stages", () => {
  test("users come one by one along the line of a stage, and go along the next", () => {
    const steps = userSteps(0, [
      { durationMs: 4000, target: 4 },
      { durationMs: 1000, target: 4 },
      { durationMs: 2000, target: 2 },
    ]);
    expect(steps.map(({ at, users }) => [at, users])).toEqual([
      [0, 0],
      [1000, 1],
      [2000, 2],
      [3000, 3],
      [4000, 4],
      [6000, 3],
      [7000, 2],
    ]);
  });

  test("a stage without a length is a jump", () => {
    expect(userSteps(1, [{ durationMs: 0, target: 3 }])).toEqual([
      { at: 0, users: 1 },
      { at: 0, users: 2 },
      { at: 0, users: 3 },
    ]);
  });

  test("a constant rate starts iterations evenly, and none at its end", () => {
    expect([...arrivals(20, [{ durationMs: 250, target: 20 }], 1000)]).toEqual([0, 50, 100, 150, 200]);
  });

  test("a rate a minute is the same rate", () => {
    expect([...arrivals(120, [{ durationMs: 1000, target: 120 }], 60_000)]).toEqual([0, 500]);
  });

  test("a rising rate starts as many as lie under its line, each where the area reaches its number", () => {
    const times = [...arrivals(0, [{ durationMs: 10_000, target: 20 }], 1000)];
    expect(times).toHaveLength(100); // 10 s at 10 a second, the mean
    for (const [n, at] of times.entries()) expect((at / 1000) ** 2).toBeCloseTo(n, 6); // ∫ 2t dt = t²
  });

  test("a falling rate starts ever fewer, and the next stage goes on where it ended", () => {
    const times = [
      ...arrivals(
        10,
        [
          { durationMs: 2000, target: 0 },
          { durationMs: 1000, target: 10 },
        ],
        1000,
      ),
    ];
    expect(times).toHaveLength(15);
    expect(times.filter((at) => at < 2000)).toHaveLength(10);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(3000);
  });
});

/** Users whose iterations take so long, and what became of them. */
function crew(clock: Clock, iterationMs: number) {
  const seen = { starts: [] as number[], hired: 0, done: 0, interrupted: 0, dropped: 0, busy: 0 };
  const stop = new AbortController();
  const began = clock.now;
  const hire = (): Worker => {
    seen.hired++;
    let end: (() => void) | undefined;
    return {
      iterate() {
        seen.starts.push(clock.now - began);
        seen.busy++;
        return new Promise((resolve) => {
          const cancel = clock.after(iterationMs, () => {
            seen.done++;
            end!();
          });
          end = () => {
            end = undefined;
            cancel();
            seen.busy--;
            resolve();
          };
        });
      },
      interrupt() {
        if (!end) return;
        seen.interrupted++;
        end();
      },
    };
  };
  return { seen, stop, hire, dropped: () => void seen.dropped++ };
}

async function start(options: object, iterationMs: number) {
  const clock = new Clock();
  const { seen, stop, hire, dropped } = crew(clock, iterationMs);
  const [scenario] = readOptions(options).scenarios;
  let over = false;
  const running = runScenario(scenario!, { clock, hire, dropped, stop: stop.signal }).then(() => (over = true));
  await clock.advance(0);
  return { clock, seen, stop, running, isOver: () => over };
}

describe("executors", () => {
  test("constant-vus: each user begins again as soon as it is through; who is at it at the end may finish", async () => {
    const { clock, seen, isOver } = await start({ vus: 2, duration: "1s" }, 400);
    await clock.advance(1000);
    expect(seen.starts).toEqual([0, 0, 400, 400, 800, 800]);
    expect([seen.done, isOver()]).toEqual([4, false]);
    await clock.advance(200);
    expect([seen.done, seen.interrupted, isOver()]).toEqual([6, 0, true]);
  });

  test("gracefulStop: who is not through by then is cut off", async () => {
    const scenarios = { one: { executor: "constant-vus", vus: 1, duration: "1s", gracefulStop: "300ms" } };
    const { clock, seen, isOver } = await start({ scenarios }, 5000);
    await clock.advance(1299);
    expect([seen.interrupted, isOver()]).toEqual([0, false]);
    await clock.advance(1);
    expect([seen.interrupted, seen.done, isOver()]).toEqual([1, 0, true]);
  });

  test("ramping-vus: who is one too many finishes, or is cut off after gracefulRampDown", async () => {
    const stages = [
      { duration: "0s", target: 3 },
      { duration: "1s", target: 3 },
      { duration: "0s", target: 1 },
      { duration: "5s", target: 1 },
    ];
    const { clock, seen } = await start(
      { scenarios: { ramp: { executor: "ramping-vus", startVUs: 0, stages, gracefulRampDown: "500ms" } } },
      1600,
    );
    await clock.advance(999);
    expect(seen.busy).toBe(3);
    await clock.advance(600); // at 1.5 s the two had been too many for half a second
    expect([seen.busy, seen.interrupted, seen.done]).toEqual([1, 2, 0]);
    await clock.advance(4000);
    expect([seen.busy, seen.interrupted, seen.hired]).toEqual([1, 2, 3]);
  });

  test("constant-arrival-rate: iterations start by the clock whatever the others do, up to maxVUs; the rest are dropped, and counted", async () => {
    const scenarios = {
      open: { executor: "constant-arrival-rate", rate: 10, timeUnit: "1s", duration: "1s", preAllocatedVUs: 2, maxVUs: 3 },
    };
    const { clock, seen } = await start({ scenarios }, 10_000);
    await clock.advance(1000);
    expect(seen.starts).toEqual([0, 100, 200]);
    expect([seen.hired, seen.dropped]).toEqual([3, 7]);
  });

  test("constant-arrival-rate: a user that is free again is taken before another is made", async () => {
    const scenarios = {
      open: { executor: "constant-arrival-rate", rate: 10, timeUnit: "1s", duration: "1s", preAllocatedVUs: 1, maxVUs: 9 },
    };
    const { clock, seen, isOver } = await start({ scenarios }, 150);
    await clock.advance(1200);
    expect([seen.starts.length, seen.hired, seen.dropped, isOver()]).toEqual([10, 2, 0, true]);
  });

  test("per-vu-iterations: so many by each; shared-iterations: so many by all", async () => {
    const each = await start({ scenarios: { a: { executor: "per-vu-iterations", vus: 3, iterations: 2 } } }, 100);
    await each.clock.advance(300);
    expect([each.seen.done, each.isOver()]).toEqual([6, true]);
    const shared = await start({ vus: 3, iterations: 7 }, 100);
    await shared.clock.advance(300);
    expect([shared.seen.done, shared.isOver()]).toEqual([7, true]);
  });

  test("maxDuration ends iterations that take too long", async () => {
    const scenarios = { a: { executor: "shared-iterations", vus: 1, iterations: 9, maxDuration: "1s", gracefulStop: "0s" } };
    const { clock, seen, isOver } = await start({ scenarios }, 400);
    await clock.advance(1000);
    expect([seen.done, seen.interrupted, isOver()]).toEqual([2, 1, true]);
  });

  test("startTime: nothing before it", async () => {
    const { clock, seen } = await start(
      { scenarios: { late: { executor: "constant-vus", vus: 1, duration: "1s", startTime: "2s" } } },
      300,
    );
    await clock.advance(1999);
    expect(seen.starts).toEqual([]);
    await clock.advance(1);
    expect(seen.starts).toEqual([2000]);
  });

  test("a run that is stopped cuts everybody off at once", async () => {
    const { clock, seen, stop, isOver } = await start({ vus: 4, duration: "1m" }, 10_000);
    await clock.advance(500);
    stop.abort();
    await clock.advance(0);
    expect([seen.interrupted, seen.busy, isOver()]).toEqual([4, 0, true]);
  });
});

describe("options", () => {
  const refused = (options: object): string => {
    try {
      readOptions(options);
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing";
  };

  test("what this runner cannot do is refused by name", () => {
    expect(refused({ scenarios: { a: { executor: "externally-controlled" } } })).toContain("externally-controlled");
    expect(refused({ scenarios: { a: { executor: "constant-vus", vus: 1, duration: "1s", rate: 3 } } })).toContain("no rate");
    expect(refused({ ext: {} })).toContain("no ext");
    expect(refused({ vus: 1, duration: "soon" })).toContain("soon");
    expect(refused({ vus: 2.5, duration: "1s" })).toContain("2.5");
  });

  test("every run is bounded in users and time", () => {
    expect(refused({ vus: 5000, duration: "1s" })).toContain("5000");
    expect(refused({ vus: 1, duration: "2h" })).toContain("30 minutes");
  });

  test("what the command line says takes the place of the script's scenarios, as in k6", () => {
    const scenarios = { a: { executor: "per-vu-iterations", vus: 9, exec: "other" } };
    const [one, ...others] = readOptions({ scenarios }, { vus: "3", duration: "90s" }).scenarios;
    expect(others).toEqual([]);
    expect(one).toMatchObject({ name: "default", executor: "constant-vus", exec: "default" });
    expect(one!.plan).toMatchObject({ kind: "users", start: 3, stages: [{ durationMs: 90_000, target: 3 }] });
    const [ramp] = readOptions({ vus: 1 }, { stages: ["10s:50", "5s:0"] }).scenarios;
    expect(ramp!.plan).toMatchObject({
      stages: [
        { durationMs: 10_000, target: 50 },
        { durationMs: 5000, target: 0 },
      ],
    });
  });
});
