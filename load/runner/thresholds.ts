/**
 * Thresholds: `metric{tag:value}` → expressions such as `p(95)<200`. Looked at while the run goes on where they may end it, and
 * at its end. One difference to k6, on purpose: a trend without a single value crosses every threshold, since a run that
 * measured nothing has shown nothing.
 */
import { durationMs } from "./duration.ts";
import { configError } from "./exit-code.ts";
import { statistic, type Metrics, type Sink, type Tags } from "./metrics.ts";

export interface Threshold {
  /** As it was written. */
  readonly source: string;
  readonly aggregate: string;
  readonly operator: keyof typeof OPERATORS;
  readonly bound: number;
  readonly abortOnFail: boolean;
  /** It ends nothing before the run is this old. */
  readonly delayAbortEvalMs: number;
}

/** By what it is written for: a metric's name, with tags or without. */
export type Thresholds = ReadonlyMap<string, readonly Threshold[]>;

const OPERATORS = {
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
  "==": (a: number, b: number) => a === b,
  "===": (a: number, b: number) => a === b,
  "!=": (a: number, b: number) => a !== b,
} as const;

/** Kind of a metric → what may be said of it. */
const AGGREGATES: Readonly<Record<Sink["kind"], RegExp>> = {
  counter: /^(count|rate)$/,
  gauge: /^value$/,
  rate: /^rate$/,
  trend: /^(avg|min|med|max|p\(\d+(\.\d+)?\))$/,
};

const EXPRESSION = /^\s*(count|rate|value|avg|min|med|max|p\(\d+(?:\.\d+)?\))\s*(<=|>=|===|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/;
const NAME = /^([A-Za-z_]\w*)(?:\{(.*)\})?$/;

export function parseThreshold(said: unknown, of: string): Threshold {
  const { threshold, abortOnFail, delayAbortEval } = (typeof said === "object" && said !== null ? said : { threshold: said }) as {
    threshold: unknown;
    abortOnFail?: boolean;
    delayAbortEval?: unknown;
  };
  const [, aggregate, operator, bound] = EXPRESSION.exec(String(threshold)) ?? [];
  if (aggregate === undefined || operator === undefined)
    throw configError(`threshold of ${of}: ${JSON.stringify(threshold)}, expected such as "p(95)<200" or "rate>0.99"`);
  return {
    source: String(threshold),
    aggregate,
    operator: operator as keyof typeof OPERATORS,
    bound: Number(bound),
    abortOnFail: abortOnFail ?? false,
    delayAbortEvalMs: durationMs(delayAbortEval ?? 0, `delayAbortEval of ${of}`),
  };
}

export function parseThresholds(said: Readonly<Record<string, unknown>>): Thresholds {
  return new Map(
    Object.entries(said).map(([name, list]) => [
      name,
      (Array.isArray(list) ? list : [list]).map((each: unknown) => parseThreshold(each, name)),
    ]),
  );
}

/** One threshold as it stands. */
export interface Verdict {
  readonly name: string;
  readonly threshold: Threshold;
  readonly value: number;
  readonly passed: boolean;
}

/** The thresholds of a run, bound to what they are of. Made once the script has been loaded, so that its metrics exist. */
export class Judge {
  readonly #bound: { readonly name: string; readonly sink: Sink; readonly thresholds: readonly Threshold[] }[] = [];

  constructor(thresholds: Thresholds, metrics: Metrics) {
    for (const [name, list] of thresholds) {
      const [, of, tags] = NAME.exec(name) ?? [];
      const metric = of === undefined ? undefined : metrics.get(of);
      if (!metric) throw configError(`threshold of ${name}: there is no such metric`);
      for (const { aggregate, source } of list)
        if (!AGGREGATES[metric.sink.kind].test(aggregate))
          throw configError(`threshold of ${name}: ${source}, but ${metric.name} is a ${metric.sink.kind}`);
      const sink = tags === undefined ? metric.sink : metrics.sub(metric, name, tagsOf(tags, name));
      this.#bound.push({ name, sink, thresholds: list });
    }
  }

  /** `ms`: how long the run has lasted, for rates of counters. */
  verdicts(ms: number): Verdict[] {
    return this.#bound.flatMap(({ name, sink, thresholds }) =>
      thresholds.map((threshold) => {
        const value = valueOf(sink, threshold.aggregate, ms);
        return { name, threshold, value, passed: OPERATORS[threshold.operator](value, threshold.bound) };
      }),
    );
  }

  /** The threshold that ends the run now. A trend that is still empty ends nothing. */
  aborting(ms: number): Verdict | undefined {
    return this.verdicts(ms).find(
      ({ passed, value, threshold }) =>
        !passed && threshold.abortOnFail && !Number.isNaN(value) && ms >= threshold.delayAbortEvalMs,
    );
  }
}

function valueOf(sink: Sink, aggregate: string, ms: number): number {
  if (sink.kind === "trend") return statistic(aggregate)(sink);
  if (sink.kind === "rate") return sink.rate;
  if (sink.kind === "gauge") return sink.value;
  return aggregate === "count" ? sink.count : sink.count / (ms / 1000);
}

function tagsOf(text: string, name: string): Tags {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const at = pair.indexOf(":");
      if (at < 1) throw configError(`threshold of ${name}: the tag ${JSON.stringify(pair)}, expected name:value`);
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}
