/** What a run came to: as data in the shape of k6's `handleSummary`, and as the text that k6 ends with. */
import { durationText } from "./duration.ts";
import { statistic, type Metric, type Sink } from "./metrics.ts";
import type { Run } from "./run.ts";
import type { Verdict } from "./thresholds.ts";

export interface MetricSummary {
  readonly type: Sink["kind"];
  readonly contains: "time" | "data" | "default";
  /** By name: of a counter count and rate; of a gauge value, min, max; of a rate rate, passes, fails; of a trend its statistics. */
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

export interface Summary {
  readonly root_group: {
    readonly name: "";
    readonly checks: readonly { readonly name: string; readonly passes: number; readonly fails: number }[];
  };
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly state: { readonly testRunDurationMs: number };
}

/** What is always in the data, whatever the script asks to be printed. */
const ALWAYS = ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"];

export function summarize(run: Run, verdicts: readonly Verdict[]): Summary {
  const statistics = [...new Set([...ALWAYS, ...run.options.statistics])];
  const metrics: Record<string, MetricSummary> = {};
  const add = (name: string, sink: Sink, metric: Metric): void => {
    const own = verdicts.filter((verdict) => verdict.name === name);
    if (own.length === 0 && isEmpty(sink)) return;
    metrics[name] = {
      type: sink.kind,
      contains: metric.isTime ? "time" : metric.name.startsWith("data_") ? "data" : "default",
      values: valuesOf(sink, [...statistics, ...own.map(({ threshold }) => threshold.aggregate)], run.ms),
      ...(own.length > 0 && {
        thresholds: Object.fromEntries(own.map(({ threshold, passed }) => [threshold.source, { ok: passed }])),
      }),
    };
  };
  for (const metric of [...run.metrics].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    add(metric.name, metric.sink, metric);
    for (const { name, sink } of metric.subs) add(name, sink, metric);
  }
  return {
    root_group: { name: "", checks: [...run.checks].map(([name, { passes, fails }]) => ({ name, passes, fails })) },
    metrics,
    state: { testRunDurationMs: run.ms },
  };
}

function isEmpty(sink: Sink): boolean {
  if (sink.kind === "trend" || sink.kind === "counter") return sink.count === 0;
  return sink.kind === "rate" ? sink.total === 0 : sink.max === -Infinity;
}

function valuesOf(sink: Sink, statistics: readonly string[], ms: number): Record<string, number> {
  switch (sink.kind) {
    case "counter":
      return { count: sink.count, rate: sink.count / (ms / 1000) };
    case "gauge":
      return { value: sink.value, min: sink.min, max: sink.max };
    case "rate":
      return { rate: sink.rate, passes: sink.passes, fails: sink.total - sink.passes };
    case "trend":
      return Object.fromEntries([...statistics.map((name) => [name, statistic(name)(sink)] as const), ["count", sink.count]]);
  }
}

/** A number in the unit of its metric, with two digits behind the point at the most. */
export function valueText(value: number, contains: MetricSummary["contains"]): string {
  if (Number.isNaN(value)) return "none";
  if (contains === "data") return bytesText(value);
  if (contains !== "time") return String(Math.round(value * 100) / 100);
  if (value >= 60_000) return durationText(value);
  if (value >= 1000) return `${Math.round(value / 10) / 100}s`;
  return value === 0 || value >= 1 ? `${Math.round(value * 100) / 100}ms` : `${Math.round(value * 1000)}µs`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e5) / 10} MB`;
}

const GROUPS: readonly (readonly [title: string, of: (name: string) => boolean])[] = [
  ["HTTP", (name) => name.startsWith("http_")],
  ["EXECUTION", (name) => /^(iterations|iteration_duration|dropped_iterations|vus|vus_max)$/.test(name)],
  ["NETWORK", (name) => name.startsWith("data_")],
  ["WEBSOCKET", (name) => name.startsWith("ws_")],
];

export function summaryText({ metrics, root_group: { checks } }: Summary, statistics: readonly string[]): string {
  const lines: string[] = [];
  const judged = Object.entries(metrics).filter(([, { thresholds }]) => thresholds);
  if (judged.length > 0) {
    lines.push("  █ THRESHOLDS", "");
    for (const [name, { thresholds, values, contains }] of judged) {
      lines.push(`    ${name}`);
      for (const [source, { ok }] of Object.entries(thresholds!)) {
        const [aggregate] = /^[a-z]+(\([\d.]+\))?/.exec(source.trim())!;
        const value = values[aggregate] ?? Number.NaN;
        lines.push(
          `    ${ok ? "✓" : "✗"} '${source}' ${aggregate}=${isShare(name, metrics) ? percent(value) : valueText(value, contains)}`,
        );
      }
      lines.push("");
    }
  }
  lines.push("  █ TOTAL RESULTS", "");
  const total = checks.reduce((sum, { passes, fails }) => sum + passes + fails, 0);
  if (total > 0) {
    const passed = checks.reduce((sum, { passes }) => sum + passes, 0);
    lines.push(`    checks: ${percent(passed / total)}, ${passed} out of ${total}`);
    for (const { name, passes, fails } of checks)
      lines.push(`    ${fails === 0 ? "✓" : "✗"} ${name}${fails === 0 ? "" : ` (✓ ${passes} / ✗ ${fails})`}`);
    lines.push("");
  }
  const rest = Object.entries(metrics).filter(([name]) => name !== "checks" && !name.startsWith("checks{"));
  const width = Math.max(...rest.map(([name]) => name.length)) + 3;
  const grouped = [
    ["CUSTOM", rest.filter(([name]) => !GROUPS.some(([, of]) => of(name)))] as const,
    ...GROUPS.map(([title, of]) => [title, rest.filter(([name]) => of(name))] as const),
  ];
  for (const [title, entries] of grouped) {
    if (entries.length === 0) continue;
    lines.push(`    ${title}`);
    for (const [name, metric] of entries) lines.push(`    ${name.padEnd(width, ".")}: ${metricText(metric, statistics)}`);
    lines.push("");
  }
  return lines.join("\n");
}

const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`;
const isShare = (name: string, metrics: Summary["metrics"]): boolean => metrics[name]!.type === "rate";

function metricText({ type, contains, values }: MetricSummary, statistics: readonly string[]): string {
  const text = (name: string): string => valueText(values[name]!, contains);
  switch (type) {
    case "counter":
      return `${text("count").padEnd(10)} ${text("rate")}/s`;
    case "gauge":
      return `${text("value").padEnd(10)} min=${text("min")} max=${text("max")}`;
    case "rate":
      return `${percent(values["rate"]!).padEnd(10)} ${values["passes"]} out of ${values["passes"]! + values["fails"]!}`;
    case "trend":
      return statistics.map((name) => `${name}=${text(name)}`).join(" ");
  }
}
