/**
 * People who type in one document, each a sentence of their own. `edit_ms` is from the moment a key was due until another
 * person has the letter, `saved_ms` until it is durable.
 */
import { check } from "k6";
import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import type { Options } from "k6/options";
import { documentRoom } from "../../demo/document/room.ts";
import { arrive, REFUSED_MS, token } from "./lib/guest.ts";
import { beganAt, clientOf, readLetters, writeLetter } from "./lib/letters.ts";
import { RoomSocket } from "./lib/room-socket.ts";
import { looks, newRun, number, placeOf, type Setting } from "./lib/setting.ts";
import { now, pulse, scenarioEnd, wait } from "./lib/time.ts";

export const options: Options = {
  scenarios: { typists: { executor: "constant-vus", vus: 20, duration: "30s", gracefulStop: "20s" } },
  thresholds: {
    checks: ["rate>0.99"],
    edit_ms: ["p(95)<100", "p(99)<200"],
    saved_ms: ["p(95)<150"],
    join_ms: ["p(95)<500"],
  },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
};

/** Letters a second, of each. */
const LETTERS_HZ = number("LETTERS", 5);
const VISIT_S = number("VISIT", 12);
const EVERY_MS = 1000 / LETTERS_HZ;
const TEXT = "the quick brown fox jumps over the lazy dog ";
/** The text of the document that is typed in. */
const NAME = "body";
/** For how long the last letters may be on their way, in ms. */
const DRAIN_MS = 500;

const editMs = new Trend("edit_ms", true);
const savedMs = new Trend("saved_ms", true);
const joinMs = new Trend("join_ms", true);
const edits = new Counter("edits");

export const setup = newRun;

let visits = 0;

export default async function ({ run }: Setting): Promise<void> {
  if (visits++ === 0) await arrive(2000);
  const { room, seat } = placeOf(exec.vu.idInTest);
  const pass = await token();
  const asked = now();
  const socket = new RoomSocket({
    party: documentRoom.name,
    room: `load-${run}-${room}`,
    token: pass,
    session: `${run}-${exec.vu.idInTest}-${visits}`,
    gameVersion: 0,
    presence: new Uint8Array(),
    create: new Uint8Array(),
  });
  const entered = await socket.entered.catch(() => undefined);
  check(entered, { "entered the room": (seated) => seated !== undefined });
  if (!entered) return wait(REFUSED_MS);
  joinMs.add(now() - asked);

  const start = now();
  const own = clientOf(start, seat);
  let saved = 0;
  let typed = 0;
  socket.watch = {
    edited(number) {
      const at = now();
      for (; saved < number; saved++) savedMs.add(at - (start + saved * EVERY_MS));
    },
    ...(looks(seat) && { edits: (update) => see(update, own) }),
  };
  const end = Math.min(scenarioEnd(), start + VISIT_S * 1000);
  await pulse(
    EVERY_MS,
    (at, count) => {
      // Every key counts: where several are due they are all typed, and go in one frame.
      const letters = Array.from({ length: count + 1 - typed }, (_, more) => typed + more);
      socket.edit(letters.map((clock) => writeLetter(own, clock, TEXT[clock % TEXT.length]!, NAME)));
      typed = count + 1;
      return socket.isOpen && at < end;
    },
    { start, paceMs: () => socket.paceMs },
  );
  edits.add(typed);
  await wait(DRAIN_MS);
  check(saved, { "every letter was saved": (number) => number === typed });
  socket.close();
  const ended = await socket.closed;
  check(ended, { "nobody was sent away": ({ code }) => code === 1000 || code === 1005 });
}

function see(update: Uint8Array, own: number): void {
  const at = now();
  for (const [client, from, to] of readLetters(update)) {
    if (client === own) continue;
    const began = beganAt(client, at);
    for (let clock = from; clock < to; clock++) editMs.add(at - (began + clock * EVERY_MS));
  }
}
