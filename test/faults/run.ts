/**
 * `npm run faults -- [--kills 1000] [--seed N] [--worker planted/….ts]`: kills a server under load again and again. Fails
 * when a promise was broken. The seed decides what is done and when; the machine still decides how far it gets.
 */
import { parseArgs } from "node:util";
import { SEED } from "../kit/random.ts";
import { runCampaign } from "./campaign.ts";
import { breaches, inWords, NOTHING, sum, type Report } from "./report.ts";

/** Each campaign has rooms of its own: long enough for some snapshots, short enough for states to stay small. */
const KILLS_PER_CAMPAIGN = 250;
const KILLS_PER_LINE = 50;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string", default: process.env["SEED"] ? String(SEED) : String(Date.now() % 1_000_000) },
    worker: { type: "string", default: "worker.ts" },
  },
});
const kills = whole("kills", values.kills);
const seed = whole("seed", values.seed);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1)); // takes the server with it

const startedAt = Date.now();
const seconds = (): string => `${Math.round((Date.now() - startedAt) / 1000)} s`;
console.log(`${values.worker}, ${kills} kills from seed ${seed}`);

let total: Report = NOTHING;
for (let at = seed; total.kills < kills && total.violations.length === 0; at++) {
  const before = total;
  const report = await runCampaign({
    seed: at,
    kills: Math.min(KILLS_PER_CAMPAIGN, kills - before.kills),
    worker: values.worker,
    untilBroken: true,
    progress: (now) => now.kills % KILLS_PER_LINE === 0 && console.log(`${seconds()}  seed ${at}  ${inWords(sum(before, now))}`),
  });
  total = sum(before, report);
  if (report.violations.length > 0) console.log([`broken with --seed ${at}:`, ...breaches(report), ...report.printed].join("\n"));
}
console.log(`${inWords(total)}; ${seconds()}`);
process.exitCode = total.violations.length === 0 ? 0 : 1;

function whole(name: string, given: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} ${given}: expected a whole number from 1`);
  return value;
}
