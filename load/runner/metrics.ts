/**
 * Metrics as k6 has them: counters, gauges, rates and trends, with tags, and a sub-metric wherever a threshold names tags.
 * All virtual users add to the same ones. A trend keeps every value: percentiles are exact, and can be had for any second.
 */
import { configError } from "./exit-code.ts";

export type Kind = "counter" | "gauge" | "rate" | "trend";
export type Tags = Readonly<Record<string, string>>;

export const DEFAULT_STATISTICS = ["avg", "min", "med", "max", "p(90)", "p(95)"];

export class Counter {
  readonly kind = "counter";
  count = 0;
  add(value: number): void {
    this.count += value;
  }
}

export class Gauge {
  readonly kind = "gauge";
  value = 0;
  min = Infinity;
  max = -Infinity;
  add(value: number): void {
    this.value = value;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }
}

export class Rate {
  readonly kind = "rate";
  passes = 0;
  total = 0;
  add(value: number): void {
    this.total++;
    if (value !== 0) this.passes++;
  }
  /** 0 of 0 is 0, as in k6. */
  get rate(): number {
    return this.total === 0 ? 0 : this.passes / this.total;
  }
}

export class Trend {
  readonly kind = "trend";
  #values = new Float64Array(256);
  #length = 0;
  #sum = 0;
  #sorted: Float64Array | undefined;

  add(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
    this.#sum += value;
    this.#sorted = undefined;
  }

  get count(): number {
    return this.#length;
  }

  /** In the order in which they came. */
  values(from = 0, to: number = this.#length): Float64Array {
    return this.#values.subarray(from, to);
  }

  /** NaN where there is no value. */
  get avg(): number {
    return this.#sum / this.#length;
  }

  /** `share`: 0 to 1. */
  percentile(share: number): number {
    this.#sorted ??= this.#values.slice(0, this.#length).sort();
    return interpolated(this.#sorted, share);
  }
}

export type Sink = Counter | Gauge | Rate | Trend;
const SINKS = { counter: Counter, gauge: Gauge, rate: Rate, trend: Trend } as const;

/** A percentile of ascending values; between two of them it lies on the straight line, as in k6. NaN of none. */
export function interpolated(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + ((sorted[below + 1] ?? low) - low) * (at - below);
}

/** What reads `avg`, `med`, `p(95)`, … of a trend. Throws a config error for another name. */
export function statistic(name: string): (trend: Trend) => number {
  if (name === "avg") return (trend) => trend.avg;
  if (name === "count") return (trend) => trend.count;
  const share = { min: 0, med: 0.5, max: 1 }[name] ?? Number(/^p\((\d+(?:\.\d+)?)\)$/.exec(name)?.[1] ?? Number.NaN) / 100;
  if (!(share >= 0 && share <= 1))
    throw configError(`${name}: expected one of avg, min, med, max, count, p(N) with an N from 0 to 100`);
  return (trend) => trend.percentile(share);
}

interface SubMetric {
  /** As the threshold writes it: `checks{kind:read}`. */
  readonly name: string;
  readonly tags: Tags;
  readonly sink: Sink;
}

export class Metric {
  readonly name: string;
  readonly sink: Sink;
  /** Its values are times, in ms. */
  readonly isTime: boolean;
  readonly subs: SubMetric[] = [];

  constructor(name: string, kind: Kind, isTime: boolean) {
    this.name = name;
    this.sink = new SINKS[kind]();
    this.isTime = isTime;
  }

  /** `more`: tags of this one sample, before those of its user. */
  add(value: number, tags: Tags, more?: Tags): void {
    this.sink.add(value);
    for (const sub of this.subs)
      if (Object.entries(sub.tags).every(([key, wanted]) => (more?.[key] ?? tags[key]) === wanted)) sub.sink.add(value);
  }
}

export type TrendMetric = Metric & { readonly sink: Trend };
/** A trend that has a value. */
export const isTrend = (metric: Metric): metric is TrendMetric => metric.sink.kind === "trend" && metric.sink.count > 0;

export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  /** The metric of that name: every user's script makes its own, and it is the same one. Throws when it is of another kind. */
  define(name: string, kind: Kind, isTime = false): Metric {
    const known = this.#metrics.get(name);
    if (known) {
      if (known.sink.kind !== kind) throw configError(`the metric ${name} is a ${known.sink.kind}, and cannot be a ${kind} too`);
      return known;
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) throw configError(`${name} is no name of a metric`);
    const metric = new Metric(name, kind, isTime);
    this.#metrics.set(name, metric);
    return metric;
  }

  get(name: string): Metric | undefined {
    return this.#metrics.get(name);
  }

  /** From now on what is added with these tags is counted by itself, too. */
  sub(metric: Metric, name: string, tags: Tags): Sink {
    const sink = new SINKS[metric.sink.kind]();
    metric.subs.push({ name, tags, sink });
    return sink;
  }

  *[Symbol.iterator](): Generator<Metric> {
    yield* this.#metrics.values();
  }
}
