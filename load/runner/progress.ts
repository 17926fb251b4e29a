/** One line that says how far a run is. */
import { durationText } from "./duration.ts";
import type { Run } from "./run.ts";

const BAR = 20;

export function progressLine(run: Run, plannedMs: number): string {
  const share = Math.min(1, run.ms / plannedMs);
  const bar = "=".repeat(Math.round(share * BAR)).padEnd(BAR, "-");
  const { completed, interrupted, activeUsers, users, errors } = run;
  return [
    `running (${durationText(run.ms)} of ${durationText(plannedMs)}) [${bar}]`,
    `${activeUsers}/${users} VUs`,
    `${run.openSockets} sockets`,
    `${completed} complete and ${interrupted} interrupted iterations`,
    ...(errors > 0 ? [`${errors} errors`] : []),
  ].join(", ");
}
