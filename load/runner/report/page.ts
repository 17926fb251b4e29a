/** The report of a run as one page: the verdict first, then what was promised, then how it went second by second. */
import { durationText } from "../duration.ts";
import { caveats } from "../caveats.ts";
import { isTrend, type Metric } from "../metrics.ts";
import type { TestResult } from "../run-test.ts";
import { bytesText, valueText } from "../summary.ts";
import type { Second } from "../timeline.ts";
import { chartSvg, escaped, type Chart } from "./chart.ts";
import { STYLE } from "./style.ts";
import type { About } from "./write.ts";

const SHARES = [
  { name: "p99", share: 0.99, aggregate: "p(99)", colour: "--share-3" },
  { name: "p95", share: 0.95, aggregate: "p(95)", colour: "--share-2" },
  { name: "p50", share: 0.5, aggregate: "med", colour: "--share-1" },
] as const;
/** Of k6's own: they say less than what a script measures itself. */
const BUILT_IN = /^(iteration_duration|ws_|http_|data_)/;

export function reportPage(result: TestResult, about: About): string {
  const { exitCode, reason, summary, run, timeline } = result;
  const passed = exitCode === 0;
  const lasted = durationText(summary.state.testRunDurationMs);
  const title = `${passed ? "Passed" : "Failed"}: ${about.name}, ${run.users} users, ${lasted}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${passed ? "✓" : "✗"} ${escaped(title)}</title>
<style>${STYLE}</style>
<header class="${passed ? "passed" : "failed"}">
<p class="mark">${passed ? "✓" : "✗"}</p>
<div><h1>${escaped(title)}</h1>
<p>${escaped(reason ?? "All thresholds held.")}</p>
<p class="about">${escaped(aboutText(about))}</p></div>
</header>
<main>
${notes(result)}
<h2>What was asked for</h2>
<div class="tiles">${tiles(result)}</div>
<h2>What people felt</h2>
<div class="charts">${latencies(result).map(chartSvg).join("\n")}</div>
<h2>What it took</h2>
<div class="charts">${costs(result).map(chartSvg).join("\n")}</div>
<details><summary>All metrics</summary><table>${rows(result)}</table></details>
<details><summary>Checks</summary><table>${run.checks.size === 0 ? "<tr><td>none</td></tr>" : checks(result)}</table></details>
</main>
<footer>${escaped(`${timeline.seconds.length} seconds, written by npm run load`)}</footer>
</html>
`;
}

const aboutText = ({ url, date, ownServer }: About): string =>
  `${date.toISOString().slice(0, 16).replace("T", " ")} UTC, ${ownServer ? "a workerd on this machine" : url}, Node ${process.versions.node}`;

function tiles({ verdicts, run, summary }: TestResult): string {
  if (verdicts.length === 0) return "<p>No thresholds.</p>";
  return verdicts
    .map(({ name, threshold, value, passed }) => {
      const metric = summary.metrics[name];
      const said =
        metric?.type === "rate" ? `${Math.round(value * 10_000) / 100}%` : valueText(value, metric?.contains ?? "default");
      return `<div class="tile ${passed ? "passed" : "failed"}"><b>${escaped(name)}</b><strong>${escaped(said)}</strong><span>${passed ? "✓" : "✗"} ${escaped(threshold.source)}</span></div>`;
    })
    .concat(
      run.errors > 0
        ? `<div class="tile failed"><b>errors of the script</b><strong>${run.errors}</strong><span>✗ see its output</span></div>`
        : "",
    )
    .join("");
}

/** Every trend that the script measures itself, those with thresholds first. */
function latencies({ timeline, run, verdicts }: TestResult): Chart[] {
  const judged = (metric: Metric): boolean => verdicts.some(({ name }) => name.replace(/\{.*/, "") === metric.name);
  return [...run.metrics]
    .filter(isTrend)
    .filter(({ name }) => !BUILT_IN.test(name))
    .sort((a, b) => Number(judged(b)) - Number(judged(a)))
    .map((metric) => {
      const percentiles = timeline.percentiles(
        metric,
        SHARES.map(({ share }) => share),
      );
      const contains = metric.isTime ? "time" : "default";
      const bounds = verdicts
        .filter(({ name, threshold }) => name.replace(/\{.*/, "") === metric.name && threshold.operator.startsWith("<"))
        .map(({ threshold }) => ({ label: threshold.source, value: threshold.bound }));
      return {
        title: metric.name,
        hint: `${metric.sink.count.toLocaleString("en-US")} values${metric.isTime ? ", lower is better" : ""}`,
        format: (value: number) => valueText(value, contains),
        at: timeline.seconds.map(({ at }) => at),
        series: SHARES.map(({ name, colour }, index) => ({
          name,
          colour,
          values: timeline.seconds.map((_, second) => percentiles[second]?.[index] ?? null),
        })),
        bounds,
      };
    });
}

function costs({ timeline: { seconds } }: TestResult): Chart[] {
  const at = seconds.map((second) => second.at);
  const lengths = at.map((end, index) => Math.max(0.05, end - (at[index - 1] ?? 0)));
  const each = (value: (second: Second, index: number) => number | null): (number | null)[] => seconds.map(value);
  const perSecond = (value: (second: Second) => number): (number | null)[] =>
    each((second, index) => value(second) / lengths[index]!);
  const [one, two] = ["--series-1", "--series-2"];
  const count = (value: number): string => Math.round(value).toLocaleString("en-US");
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  const onMachine = seconds.some(({ server }) => server !== null);
  return [
    {
      title: "CPU, of a core",
      hint: onMachine ? "a generator near 100 % measures itself" : "the server is not on this machine",
      format: percent,
      at,
      series: [
        ...(onMachine ? [{ name: "server", colour: one, values: each(({ server }) => server?.cpu ?? null) }] : []),
        { name: "generator", colour: two, values: each(({ generator }) => generator) },
      ],
    },
    ...(onMachine
      ? [
          {
            title: "Memory of the server",
            hint: "resident",
            format: bytesText,
            at,
            series: [{ name: "server", colour: one, values: each(({ server }) => server?.memory ?? null) }],
          },
        ]
      : []),
    {
      title: "Frames a second, of all sockets",
      format: count,
      at,
      series: [
        { name: "received", colour: one, values: perSecond(({ received }) => received) },
        { name: "sent", colour: two, values: perSecond(({ sent }) => sent) },
      ],
    },
    {
      title: "Bytes a second, of all sockets",
      format: bytesText,
      at,
      series: [
        { name: "received", colour: one, values: perSecond(({ receivedBytes }) => receivedBytes) },
        { name: "sent", colour: two, values: perSecond(({ sentBytes }) => sentBytes) },
      ],
    },
    {
      title: "Bytes of a frame that came",
      hint: "a busy room says more in each, not in more of them",
      format: bytesText,
      at,
      series: [
        {
          name: "mean",
          colour: one,
          values: each(({ received, receivedBytes }) => (received === 0 ? null : receivedBytes / received)),
        },
      ],
    },
    {
      title: "Connections",
      format: count,
      at,
      series: [
        { name: "sockets", colour: one, values: each(({ sockets }) => sockets) },
        { name: "users", colour: two, values: each(({ users }) => users) },
      ],
    },
  ];
}

function notes(result: TestResult): string {
  const lines = caveats(result);
  return lines.length === 0 ? "" : `<p class="notes">${lines.map(escaped).join("<br>")}</p>`;
}

function rows({ summary, run }: TestResult): string {
  return Object.entries(summary.metrics)
    .map(([name, { values, contains, type }]) => {
      const text = Object.entries(values)
        .map(
          ([key, value]) =>
            `${key} ${type === "rate" && key === "rate" ? `${Math.round(value * 10_000) / 100}%` : key === "count" && type === "trend" ? String(value) : valueText(value, contains)}`,
        )
        .join(", ");
      return `<tr><th>${escaped(name)}</th><td>${escaped(text)}</td></tr>`;
    })
    .concat(`<tr><th>iterations</th><td>${run.completed} complete, ${run.interrupted} interrupted</td></tr>`)
    .join("");
}

function checks({ run }: TestResult): string {
  return [...run.checks]
    .map(
      ([name, { passes, fails }]) =>
        `<tr><th>${fails === 0 ? "✓" : "✗"} ${escaped(name)}</th><td>${passes} held, ${fails} did not</td></tr>`,
    )
    .join("");
}
