/** What a load test measured, and whether it was good enough: percentiles on known data, thresholds that fail when they should. */
import { expect, test } from "vitest";
import { interpolated, Metrics, statistic, Trend } from "../../load/runner/metrics.ts";
import { Judge, parseThresholds } from "../../load/runner/thresholds.ts";

const trendOf = (values: readonly number[]): Trend => {
  const trend = new Trend();
  for (const value of values) trend.add(value);
  return trend;
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test("percentiles lie on the straight line between two values, as in k6", () => {
  expect(interpolated([10, 20, 30, 40], 0.5)).toBe(25);
  expect(interpolated([10, 20, 30, 40], 0.95)).toBeCloseTo(38.5);
  expect(interpolated([7], 0.99)).toBe(7);
  expect(interpolated([], 0.5)).toBeNaN();
});

test("a trend knows its statistics however its values came, also where there are many", () => {
  const trend = trendOf(upTo(1001).toSorted((a, b) => ((a * 7919) % 1001) - ((b * 7919) % 1001)));
  const said = Object.fromEntries(
    ["min", "med", "avg", "p(90)", "p(75)", "max", "count"].map((name) => [name, statistic(name)(trend)]),
  );
  expect(said).toEqual({ min: 1, med: 501, avg: 501, "p(90)": 901, "p(75)": 751, max: 1001, count: 1001 });
});

test("a value that comes after a look counts in the next", () => {
  const trend = trendOf([1, 2, 3]);
  expect(trend.percentile(1)).toBe(3);
  trend.add(9);
  expect(trend.percentile(1)).toBe(9);
  expect([...trend.values(1, 3)]).toEqual([2, 3]);
});

/** Everything there is, with these thresholds. */
function judge(thresholds: Record<string, unknown>) {
  const metrics = new Metrics();
  const made = {
    time: metrics.define("time_ms", "trend", true),
    checks: metrics.define("checks", "rate"),
    errors: metrics.define("errors", "counter"),
    here: metrics.define("here", "gauge"),
  };
  const judge = new Judge(parseThresholds(thresholds), metrics);
  const failed = (ms = 1000): string[] =>
    judge
      .verdicts(ms)
      .filter(({ passed }) => !passed)
      .map(({ threshold }) => threshold.source);
  return { ...made, judge, failed };
}

test("thresholds of a trend: each statistic is compared with its bound", () => {
  const { time, failed } = judge({
    time_ms: ["p(95)<95", "p(95)<96", "avg<=50.5", "med<50", "min>=1", "max<100", "p(99)>99"],
  });
  for (const value of upTo(100)) time.add(value, {});
  expect(failed()).toEqual(["p(95)<95", "med<50", "max<100"]); // p(95) is 95.05, p(99) 99.01
});

test("thresholds of rates, counters and gauges", () => {
  const { checks, errors, here, failed } = judge({
    checks: ["rate>0.99", "rate>=0.9"],
    errors: ["count==0", "count<5", "rate<2", "rate<1"],
    here: "value===3",
  });
  for (let n = 0; n < 10; n++) checks.add(n === 0 ? 0 : 1, {});
  errors.add(3, {});
  here.add(7, {});
  here.add(3, {});
  expect(failed(2000)).toEqual(["rate>0.99", "count==0", "rate<1"]); // 1.5 a second
});

test("a threshold with tags counts only what bears all of them", () => {
  const { time, failed } = judge({ "time_ms{kind:read,scenario:a}": ["max<10"], "time_ms{kind:write}": ["max<10"] });
  time.add(5, { scenario: "a" }, { kind: "read" });
  time.add(99, { scenario: "b" }, { kind: "read" });
  time.add(7, { scenario: "a" }, { kind: "write" });
  expect(failed()).toEqual([]);
  time.add(11, { scenario: "a", kind: "read" });
  expect(failed()).toEqual(["max<10"]);
});

test("a trend without a value crosses every threshold: a run that measured nothing has shown nothing", () => {
  const { failed, judge: judged } = judge({ time_ms: [{ threshold: "p(95)<1000", abortOnFail: true }, "avg>=0"] });
  expect(failed()).toEqual(["p(95)<1000", "avg>=0"]);
  expect(judged.aborting(10_000)).toBeUndefined(); // not yet, while it goes on
});

test("abortOnFail ends the run once delayAbortEval is over, and only what says so does", () => {
  const { time, judge: judged } = judge({
    time_ms: ["avg<1", { threshold: "max<10", abortOnFail: true, delayAbortEval: "5s" }],
  });
  time.add(11, {});
  expect(judged.aborting(4999)).toBeUndefined();
  expect(judged.aborting(5000)?.threshold.source).toBe("max<10");
});

test("a threshold that means nothing is refused: no such metric, no such statistic, no expression", () => {
  expect(() => judge({ nothing: ["count>0"] })).toThrow("nothing");
  expect(() => judge({ checks: ["p(95)<3"] })).toThrow("checks is a rate");
  expect(() => judge({ time_ms: ["p95<3"] })).toThrow("p95<3");
  expect(() => judge({ "time_ms{oops}": ["avg<3"] })).toThrow("oops");
});
