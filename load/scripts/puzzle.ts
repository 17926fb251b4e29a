/**
 * A table where everybody plays: people join, point about, take a piece, drag it at 30 movements a second, put it back, and
 * leave after a while. The figure that counts is `move_ms`: from a hand's movement until another player sees it.
 */
import { check } from "k6";
import type { Options } from "k6/options";
import { arrive } from "./lib/guest.ts";
import { newRun, number, ROOM_SIZE, type Setting } from "./lib/setting.ts";
import { enter, play, table } from "./lib/table.ts";
import { now, scenarioEnd } from "./lib/time.ts";

export const options: Options = {
  scenarios: { players: { executor: "constant-vus", vus: 30, duration: "30s", gracefulStop: "15s" } },
  thresholds: {
    checks: ["rate>0.99"],
    move_ms: ["p(95)<50", "p(99)<100"],
    action_ms: ["p(95)<150"],
    join_ms: ["p(95)<500"],
  },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
};

/** How long a visit is, in s, give or take a fifth; and within which time people come at the start. */
const VISIT_S = number("VISIT", 12);
const COME_WITHIN_S = number("COME_WITHIN", 3);

export const setup = newRun;

let visits = 0;

export default async function (setting: Setting): Promise<void> {
  if (visits++ === 0) await arrive(COME_WITHIN_S * 1000);
  const player = await enter(setting, { params: table(ROOM_SIZE) });
  if (!player) return;
  const ended = await play(player, Math.min(scenarioEnd(), now() + VISIT_S * (800 + Math.random() * 400)));
  check(ended, { "nobody was sent away": ({ code }) => code === 1000 || code === 1005 });
}
