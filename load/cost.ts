/**
 * `npm run cost -- --players 10000 --hours 2 --rate 30 [--kind document] [--client y-websocket] [--roomSize 20] [--actions 0.33] [--idle 0.25]
 * [--stateMB 4] [--json]`: what a month costs on Durable Objects with Coterie, on functions with a database, and on rented machines, line by line,
 * from the prices in load/cost/prices.ts and the measured use in load/measured.json (`npm run bench -- cost` measures it anew).
 */
import { parseArgs } from "node:util";
import { assumptionsOf, estimate } from "./cost/estimate.ts";
import { MEASURED as measured } from "./cost/measured.ts";
import { SOURCES } from "./cost/prices.ts";
import { CLIENTS, DEFAULTS, KINDS, RANGES, scenarioOf } from "./cost/scenario.ts";
import { table } from "./cost/show.ts";

const USAGE = `npm run cost -- [--kind ${KINDS.join("|")}] [--client ${CLIENTS.join("|")}] ${Object.keys(RANGES)
  .map((name) => `[--${name} N]`)
  .join(" ")} [--json]`;
const options = Object.fromEntries(Object.keys(DEFAULTS.game).map((name) => [name, { type: "string" as const }]));

try {
  const { json, ...said } = parseArgs({ options: { ...options, json: { type: "boolean" } } }).values;
  const result = estimate(scenarioOf(said), measured);
  const full = { ...result, assumptions: assumptionsOf(result.scenario, measured), measured, sources: SOURCES };
  console.log(json ? JSON.stringify(full, null, 2) : table(result, measured));
} catch (error) {
  if (!(error instanceof RangeError || error instanceof TypeError)) throw error; // a flag that is unknown, or out of its range
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}
