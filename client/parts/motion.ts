/**
 * The rows of one stream on their way, as others move them: each value bears the room's time, and is shown as late as the
 * latest of late ones, so that an uneven network is not seen. Nothing is kept before it is first asked for.
 */
import { Path } from "../path.ts";

/** Values at the stream's rate that are held back, so that one may be missed. */
const HELD_BACK = 2;
/** How fast it is forgotten that values came late: the share of the difference, per value. */
const FORGETS = 0.01;
/** A clock that goes back by more than this, in ms, was set anew. */
const CLOCK_SET_MS = 1000;

interface Way {
  readonly path: Path;
  /** Nobody moves it any more: it goes to where it lies, and no further. */
  ended: boolean;
}

export class Motion {
  readonly #holdMs: number;
  readonly #ways = new Map<number, Way>();
  #lateMs = 0;
  #shownAt = -Infinity;
  #asked = false;

  /** `hz`: how often the stream says a value at the most. */
  constructor(hz: number) {
    this.#holdMs = (HELD_BACK * 1000) / hz;
  }

  get size(): number {
    return this.#ways.size;
  }

  /** A value of the room's time `at`, heard at its time `now`; before it the row lay at `start`. */
  heard(row: number, at: number, now: number, start: () => readonly number[], values: readonly number[]): void {
    if (!this.#asked) return;
    const late = Math.max(0, now - at);
    this.#lateMs = Math.max(late, this.#lateMs + (late - this.#lateMs) * FORGETS);
    let way = this.#ways.get(row);
    if (!way) this.#ways.set(row, (way = { path: new Path(at - this.#holdMs / HELD_BACK, start()), ended: false }));
    way.ended = false;
    way.path.push(at, values, this.#time(now));
  }

  /** Nobody moves it any more. `values`: where it lies; undefined: it is gone. */
  ended(row: number, now: number, values: readonly number[] | undefined): void {
    const way = this.#ways.get(row);
    if (!way || way.ended) return;
    way.ended = true;
    if (values) way.path.push(now - this.#lateMs, values, this.#time(now));
  }

  /** This page moves it now. */
  forget(row: number): void {
    this.#ways.delete(row);
  }

  clear(): void {
    this.#ways.clear();
  }

  /** Where it is shown at the room's time `now`; undefined: where it lies. */
  at(row: number, now: number): readonly number[] | undefined {
    this.#asked = true;
    const way = this.#ways.get(row);
    if (!way) return undefined;
    const time = this.#time(now);
    if (way.ended && time >= way.path.lastAt) this.#ways.delete(row);
    return way.path.show(time);
  }

  /** Forgets those that have arrived, though nobody has looked. */
  sweep(now: number): void {
    const time = this.#time(now);
    for (const [row, { ended, path }] of this.#ways) if (ended && time >= path.lastAt) this.#ways.delete(row);
  }

  /** Up to when it is shown: it never goes back. */
  #time(now: number): number {
    const time = now - this.#lateMs - this.#holdMs;
    return (this.#shownAt = time < this.#shownAt && this.#shownAt - time < CLOCK_SET_MS ? this.#shownAt : time);
  }
}
