/** Kills a real workerd under load. The longer form: `npm run faults -- --kills 5000`. */
import { expect, test } from "vitest";
import { SEED } from "../kit/random.ts";
import { runCampaign } from "./campaign.ts";
import { breaches, inWords } from "./report.ts";
import type { Kind, Witness } from "./violations.ts";

test("[P1] [P2] [P3] after 100 kills every acknowledged action is there once, in one order without a gap", async () => {
  const report = await runCampaign({ seed: SEED, kills: 100 });
  console.log(`seed ${SEED}: ${inWords(report)}`);
  expect(breaches(report), `seed ${SEED}\n${report.printed.join("\n")}`).toEqual([]);
  expect(report.kills).toBe(100);
  expect(report.acknowledged).toBe(report.sent);
  expect(report.acknowledged).toBeGreaterThan(1000); // or nothing was tried
  expect(report.unheard).toBeGreaterThan(0);
});

// A harness that cannot see these mistakes proves nothing. The first needs one kill in three, the others fail at once.
const planted: readonly [mistake: string, worker: string, kind: Kind, by: readonly Witness[]][] = [
  ["rooms that tell first and write then", "planted/send-first.ts", "lost", []],
  ["rooms that write every 200 ms", "planted/debounced.ts", "lost", []],
  ["rooms that run an action again when it is sent again", "planted/no-dedupe.ts", "doubled", ["journal", "state"]],
];

test.each(planted)("the harness catches %s", async (_mistake, worker, kind, witnesses) => {
  const report = await runCampaign({ seed: SEED, kills: 100, worker, untilBroken: true });
  const broken = report.violations.filter((each) => each.kind === kind);
  console.log(`seed ${SEED}: ${worker} is caught after ${report.violations[0]?.kills} kills: ${breaches(report, 1).join()}`);
  expect(broken.length, breaches(report).join("\n")).toBeGreaterThan(0);
  for (const witness of witnesses) expect(broken.map((each) => each.witness)).toContain(witness);
});
