/** People who only point: a cursor each, 20 movements a second. `cursor_ms` is from a hand's movement until another sees it. */
import { check } from "k6";
import { Counter, Trend } from "k6/metrics";
import type { Options } from "k6/options";
import { UP } from "../../shared/protocol/up.ts";
import { arrive } from "./lib/guest.ts";
import { looks, newRun, number, ROOM_SIZE, type Setting } from "./lib/setting.ts";
import { enter, readCursor, table, writeCursor } from "./lib/table.ts";
import { now, pulse, scenarioEnd, Sightings, stampOf } from "./lib/time.ts";

export const options: Options = {
  scenarios: { pointers: { executor: "constant-vus", vus: 50, duration: "30s", gracefulStop: "20s" } },
  thresholds: { checks: ["rate>0.99"], cursor_ms: ["p(95)<50", "p(99)<100"] },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
};

/** Movements a second, of each. */
const EVERY_MS = 1000 / number("CURSORS", 20);
const VISIT_S = number("VISIT", 12);

const cursorMs = new Trend("cursor_ms", true);
const cursors = new Counter("cursors");

export const setup = newRun;

let visits = 0;

export default async function (setting: Setting): Promise<void> {
  if (visits++ === 0) await arrive(2000);
  const player = await enter(setting, { params: table(ROOM_SIZE) });
  if (!player) return;
  const { socket, seat, connection } = player;
  if (looks(seat)) {
    const sightings = new Sightings(EVERY_MS, (ms) => cursorMs.add(ms));
    socket.watch = {
      presence(other, fields) {
        const cursor = readCursor(fields);
        if (cursor && other !== connection) sightings.see(other, cursor);
      },
    };
  }
  const end = Math.min(scenarioEnd(), now() + VISIT_S * 1000);
  let said = -1;
  await pulse(
    EVERY_MS,
    (at, count) => {
      socket.say([UP.presence, writeCursor(stampOf(at, count))]);
      cursors.add(count - said);
      said = count;
      return socket.isOpen && at < end;
    },
    { paceMs: () => socket.paceMs },
  );
  socket.close();
  const ended = await socket.closed;
  check(ended, { "nobody was sent away": ({ code }) => code === 1000 || code === 1005 });
}
