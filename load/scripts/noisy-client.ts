/**
 * A table at which some shout: each sends frames as fast as a socket takes them, is closed for it, and comes back. It must be
 * nobody else's trouble: the players' own figures are those of a quiet table.
 */
import { check } from "k6";
import { Counter, Rate } from "k6/metrics";
import type { Options } from "k6/options";
import { setInterval, clearInterval } from "k6/timers";
import { UP } from "../../shared/protocol/up.ts";
import { arrive } from "./lib/guest.ts";
import { newRun, number, ROOM_SIZE, type Setting } from "./lib/setting.ts";
import { enter, play, table, writeCursor } from "./lib/table.ts";
import { now, scenarioEnd, wait } from "./lib/time.ts";

export const options: Options = {
  scenarios: {
    players: { executor: "constant-vus", vus: 20, duration: "30s", gracefulStop: "15s", exec: "player" },
    shouters: { executor: "constant-vus", vus: 2, duration: "25s", startTime: "5s", gracefulStop: "15s", exec: "shouter" },
  },
  thresholds: {
    "checks{scenario:players}": ["rate>0.99"],
    "move_ms{scenario:players}": ["p(95)<75", "p(99)<150"],
    shouters_closed: ["rate>0.99"],
  },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
};

/** Frames a second, of each shouter, in lots of so many ms. */
const SHOUTS_HZ = number("SHOUTS", 2000);
const LOT_MS = 20;
const VISIT_S = number("VISIT", 12);
/** A shouter that is not closed gives up after this, in ms; one that was comes back after that. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 2000;
const RATE_LIMITED = 4529;

/** Whether a shouter was sent away for it. */
const shoutersClosed = new Rate("shouters_closed");
const shouts = new Counter("shouts");

export const setup = newRun;

let visits = 0;

export async function player(setting: Setting): Promise<void> {
  if (visits++ === 0) await arrive(2000);
  const player = await enter(setting, { params: table(ROOM_SIZE) });
  if (!player) return;
  const ended = await play(player, Math.min(scenarioEnd(), now() + VISIT_S * 1000));
  check(ended, { "nobody was sent away": ({ code }) => code === 1000 || code === 1005 });
}

export async function shouter(setting: Setting): Promise<void> {
  const shouter = await enter(setting, { params: table(ROOM_SIZE), took: () => {} });
  if (!shouter) return wait(PAUSE_MS);
  const { socket } = shouter;
  const frame = writeCursor({ x: 1, y: 1 });
  const lot = Math.ceil((SHOUTS_HZ * LOT_MS) / 1000);
  const timer = setInterval(() => {
    for (let n = 0; n < lot; n++) socket.say([UP.presence, frame]);
    shouts.add(lot);
  }, LOT_MS);
  const closed = await Promise.race([socket.closed, wait(PATIENCE_MS)]);
  clearInterval(timer);
  shoutersClosed.add(closed?.code === RATE_LIMITED);
  socket.close();
  await socket.closed;
  await wait(PAUSE_MS);
}

/** For `--vus`, which runs only the default: players without shouters. */
export default player;
