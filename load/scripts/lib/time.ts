/**
 * Time that can be trusted under load. What a user does is due at moments that were fixed beforehand, and is measured from
 * then on: a server or a generator that stalls is not spared what waited meanwhile ("coordinated omission"). Users share no
 * memory, so a position on the wire says itself when its hand moved: x is that time, y the number of the movement.
 */
import exec from "k6/execution";
import { setTimeout } from "k6/timers";

/** Half a millisecond: 16 bits of them are 32 seconds, far longer than anything may take. */
const UNIT_MS = 0.5;
const RANGE = 65_536;
const HALF = RANGE / 2;

interface Precise {
  readonly timeOrigin: number;
  now(): number;
}
const { performance } = globalThis as { readonly performance?: Precise };

/** ms since 1970, with fractions where the runtime has them (k6 has whole ones). */
export const now: () => number = performance ? () => performance.timeOrigin + performance.now() : () => Date.now();

export interface Stamp {
  readonly x: number;
  readonly y: number;
}

/** The position of a hand that moved at this time for the `count`th time (from 0). */
export const stampOf = (at: number, count: number): Stamp => ({
  x: (Math.floor(at / UNIT_MS) % RANGE) - HALF,
  y: count % HALF,
});

/** When the hand moved, seen at `seen`, in ms since 1970. */
export function timeOf(x: number, seen: number): number {
  const whole = Math.floor(seen / UNIT_MS);
  return (whole - ((whole - (x + HALF)) & (RANGE - 1))) * UNIT_MS;
}

/**
 * Measures what one user sees of others' hands. A movement that was never shown, since a later one took its place on the way,
 * was out of date until that one came: it is measured too, from its own time.
 */
export class Sightings {
  readonly #everyMs: number;
  readonly #measured: (ms: number) => void;
  readonly #since = now();
  readonly #last = new Map<number, number>();

  constructor(everyMs: number, measured: (ms: number) => void) {
    this.#everyMs = everyMs;
    this.#measured = measured;
  }

  /** `hand`: whose. What comes again says nothing. */
  see(hand: number, { x, y }: Stamp, at: number = now()): void {
    const last = this.#last.get(hand);
    this.#last.set(hand, y);
    if (last === y) return;
    const moved = timeOf(x, at);
    const ms = at - moved;
    // A hand that had begun before one came is not missed by one who was not there.
    const began = moved - y * this.#everyMs >= this.#since;
    const skipped = last !== undefined && y > last ? y - last - 1 : began ? y : 0;
    for (let before = 0; before <= skipped; before++) this.#measured(ms + before * this.#everyMs);
  }
}

/** A pace that is longer by less than this share of the interval changes nothing. */
const SLACK = 0.05;

/**
 * Calls `due` for what is due every `everyMs`, until it answers false: with the moment at which it was due, and its number from
 * 0. Resolves then. Where several have become due at once only the last is called, as a page that is late says only where the
 * hand is now; and where `paceMs` is longer than `everyMs` only every second, third, … is.
 */
export function pulse(
  everyMs: number,
  due: (at: number, count: number) => boolean,
  { start = now(), paceMs = () => 0 }: { start?: number; paceMs?: () => number } = {},
): Promise<void> {
  return new Promise((resolve) => {
    /** The number of what is due next. */
    let coming = 0;
    const next = (): void => {
      const early = start + coming * everyMs - now(); // timers may come a little before their time
      if (early > 0) return void setTimeout(next, early);
      const count = Math.max(coming, Math.floor((now() - start) / everyMs));
      if (!due(start + count * everyMs, count)) return resolve();
      coming = count + Math.max(1, Math.ceil(paceMs() / everyMs - SLACK));
      setTimeout(next, Math.max(0, start + coming * everyMs - now()));
    };
    next();
  });
}

/** When the scenario that this user is in starts nothing more, in ms since 1970: visits end with it. */
export function scenarioEnd(): number {
  const { startTime, progress, executor } = exec.scenario;
  if (executor.endsWith("iterations") || progress === 0) return Infinity; // it ends by count, or has only just begun
  return startTime + (now() - startTime) / progress;
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
