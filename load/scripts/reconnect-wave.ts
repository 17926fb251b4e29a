/**
 * A deploy, or a network that blinks: all sockets of a table end at the same moment, and everybody is back at once, with what
 * they had. `reconnect_ms` is from that moment until everything that was missed is there.
 */
import { check } from "k6";
import exec from "k6/execution";
import { Trend } from "k6/metrics";
import type { Options } from "k6/options";
import { newRun, number, placeOf, ROOM_SIZE, type Setting } from "./lib/setting.ts";
import { enter, table } from "./lib/table.ts";
import { now, wait } from "./lib/time.ts";

/** Everybody comes within this time, in ms; then a wave this often, so many times. */
const COME_WITHIN_MS = 3000;
const EVERY_MS = number("EVERY", 4) * 1000;
const WAVES = number("WAVES", 5);

export const options: Options = {
  scenarios: { people: { executor: "per-vu-iterations", vus: 50, iterations: 1, maxDuration: "5m" } },
  thresholds: { checks: ["rate>0.99"], reconnect_ms: ["p(95)<500", "p(99)<1000"] },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
};

const reconnectMs = new Trend("reconnect_ms", true);

export const setup = newRun;

export default async function (setting: Setting): Promise<void> {
  const { seat } = placeOf(exec.vu.idInTest);
  const session = `${setting.run}-${exec.vu.idInTest}`;
  const params = table(ROOM_SIZE);
  await wait((COME_WITHIN_MS * seat) / ROOM_SIZE);
  let player = await enter(setting, { params, session });
  for (let wave = 1; player && wave <= WAVES; wave++) {
    const at = setting.at + COME_WITHIN_MS + wave * EVERY_MS;
    await wait(at - now());
    const { seq, epoch } = player.socket;
    player.socket.close();
    player = await enter(setting, { params, session, from: { seq, epoch }, at, took: (ms) => reconnectMs.add(ms) });
    check(player, { "was sent only what it had missed": (back) => back?.resumed === true });
  }
  await wait(EVERY_MS / 2);
  player?.socket.close();
  await player?.socket.closed;
}
