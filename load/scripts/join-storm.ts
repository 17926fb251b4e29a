/** A link that everybody opens at once: people come to one table at a steady rate, whether or not those before them are in. */
import { check } from "k6";
import type { Options } from "k6/options";
import { newRun, number, type Setting } from "./lib/setting.ts";
import { enter, table } from "./lib/table.ts";
import { wait } from "./lib/time.ts";

const RATE = number("RATE", 20);

export const options: Options = {
  scenarios: {
    storm: {
      executor: "constant-arrival-rate",
      rate: RATE,
      timeUnit: "1s",
      duration: "20s",
      preAllocatedVUs: Math.max(1, RATE * 3),
      maxVUs: Math.max(1, RATE * 20),
    },
  },
  // Who could not even start is not in any time measured: so there must be nobody.
  thresholds: { checks: ["rate>0.99"], join_ms: ["p(95)<300", "p(99)<1000"], dropped_iterations: ["count==0"] },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
};

/** How long each stays, in ms, and how many pieces the table has. */
const STAY_MS = number("STAY", 2) * 1000;
const COLS = number("COLS", 40);
const ROWS = number("ROWS", 25);

export const setup = newRun;

export default async function (setting: Setting): Promise<void> {
  const params = { ...table(0), cols: COLS, rows: ROWS };
  const player = await enter(setting, { params, room: `load-${setting.run}`, seat: 0 });
  if (!player) return;
  check(player, { "was given the whole table": ({ piece }) => piece !== undefined });
  await wait(STAY_MS);
  player.socket.close();
  await player.socket.closed;
}
