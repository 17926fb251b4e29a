/** People who look for a table: they come at a steady rate, are matched to one, sit at it for a while and go. */
import { check } from "k6";
import http from "k6/http";
import { Rate, Trend } from "k6/metrics";
import type { Options } from "k6/options";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { REFUSED_MS, token } from "./lib/guest.ts";
import { BASE, newRun, number, type Setting } from "./lib/setting.ts";
import { enter, table } from "./lib/table.ts";
import { now, wait } from "./lib/time.ts";

const RATE = number("RATE", 10);

export const options: Options = {
  scenarios: {
    visitors: {
      executor: "ramping-arrival-rate",
      startRate: 1,
      timeUnit: "1s",
      stages: [
        { duration: "10s", target: RATE },
        { duration: "15s", target: RATE },
      ],
      preAllocatedVUs: Math.max(1, RATE * 5),
      maxVUs: Math.max(1, RATE * 20),
    },
  },
  thresholds: {
    checks: ["rate>0.99"],
    match_ms: ["p(95)<100", "p(99)<300"],
    seated_ms: ["p(95)<500"],
    dropped_iterations: ["count==0"],
  },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
};

const STAY_MS = number("STAY", 3) * 1000;

/** From asking until the table's id is there; and until one sits at it. */
const matchMs = new Trend("match_ms", true);
const seatedMs = new Trend("seated_ms", true);
/** Whether a match had to make a new table. */
const made = new Rate("tables_made");

export const setup = newRun;

export default async function (setting: Setting): Promise<void> {
  const params = table(0);
  const headers = { authorization: `Bearer ${await token()}`, "content-type": "application/json" };
  const at = now();
  const body = JSON.stringify({ where: {}, create: params });
  const response = await http.asyncRequest("POST", `${BASE}/lobby/${puzzleRoom.name}/match`, body, { headers });
  const matched = check(response, { "was matched": ({ status }) => status === 200 || status === 201 });
  if (!matched || typeof response.body !== "string") return wait(REFUSED_MS);
  matchMs.add(now() - at);
  const { id, created } = JSON.parse(response.body) as { id: string; created: boolean };
  made.add(created);
  const player = await enter(setting, { params, room: id, seat: 0, at, took: (ms) => seatedMs.add(ms) });
  if (!player) return;
  await wait(STAY_MS);
  player.socket.close();
  await player.socket.closed;
}
