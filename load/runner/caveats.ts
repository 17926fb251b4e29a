/** What has to be known of a run's figures before they are believed: who else had the cores. */
import type { TestResult } from "./run-test.ts";

/** A generator that takes more of a core than this measures itself. */
const FULL = 0.9;
/** Below this share of the time with work nothing needs to be said. */
const HARDLY = 0.05;

export function caveats({ timeline: { waited, seconds }, run }: Pick<TestResult, "timeline" | "run">): string[] {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const kept = (["server", "generator"] as const).flatMap((who) => {
    const share = waited[who];
    return share === null || share < HARDLY ? [] : [`for the ${who} ${percent(share)}`];
  });
  const full = seconds.filter(({ generator }) => generator > FULL).length;
  const dropped = run.builtin.dropped_iterations.sink;
  return [
    ...(kept.length > 0
      ? [
          `Other programs had the cores while there was work to do: ${kept.join(", ")} of that time. The latencies are theirs, too.`,
        ]
      : []),
    ...(full > 0 ? [`The generator was full in ${full} of ${seconds.length} seconds: what it measured then is itself.`] : []),
    ...(dropped.kind === "counter" && dropped.count > 0
      ? [`${dropped.count} iterations could not start, since all users were busy: they are in no latency.`]
      : []),
  ];
}
