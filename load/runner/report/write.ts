/** Writes what a run came to: a page for people, and JSON for machines where that is asked for. */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isTrend } from "../metrics.ts";
import type { TestResult } from "../run-test.ts";
import { reportPage } from "./page.ts";

export interface About {
  /** Of the script. */
  readonly name: string;
  readonly url: string;
  /** Whether the server was started for this run. */
  readonly ownServer: boolean;
  readonly date: Date;
}

/** Of each trend, in each second. */
const SHARES = [0.5, 0.95, 0.99];
const PAGE = fileURLToPath(new URL("../../report.html", import.meta.url));

/** `report`: path of the page, load/report.html if not said; `out`: of the JSON, none if not said. Returns where the page is. */
export function writeReport(
  result: TestResult,
  about: About,
  { report = PAGE, out }: { report?: string | undefined; out?: string | undefined },
): string {
  writeFileSync(report, reportPage(result, about));
  if (out !== undefined) writeFileSync(out, `${JSON.stringify(reportData(result, about), null, 1)}\n`);
  return relative(process.cwd(), report);
}

/** The shape of `--out`: the summary is k6's, the rest is what a page of charts is made of. */
export function reportData({ exitCode, reason, summary, verdicts, timeline, run }: TestResult, about: About): object {
  return {
    about: { ...about, node: process.versions.node },
    exitCode,
    reason: reason ?? null,
    thresholds: verdicts.map(({ name, threshold, value, passed }) => ({ name, threshold: threshold.source, value, passed })),
    summary,
    errors: run.errors,
    waited: timeline.waited,
    seconds: timeline.seconds,
    percentiles: {
      shares: SHARES,
      seconds: Object.fromEntries(
        [...run.metrics].filter(isTrend).map((trend) => [trend.name, timeline.percentiles(trend, SHARES)]),
      ),
    },
  };
}
