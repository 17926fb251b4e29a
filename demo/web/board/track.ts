/**
 * Where somebody else's hand was, as a smooth path: values come in about 30 times a second and are shown a moment late,
 * at the display's own rate, along a curve through them.
 */
import type { Point } from "../../puzzle/grid.ts";

/** How late others are shown, in ms: three values at 30 Hz, so that one may be missed. */
export const DELAY = 100;
const KEEP = 24;

interface Sample extends Point {
  readonly at: number;
}

export class Track {
  readonly #samples: Sample[] = [];

  constructor(at: number, start: Point) {
    this.#samples.push({ at, x: start.x, y: start.y });
  }

  push(at: number, { x, y }: Point): void {
    const last = this.#samples.at(-1)!;
    // All was shown, and nothing new for a while: the next move starts from here and now, or it would begin with a jump.
    const shown = at - DELAY;
    if (shown > last.at) this.#samples.push({ at: shown, x: last.x, y: last.y });
    this.#samples.push({ at: Math.max(at, last.at + 1), x, y });
    if (this.#samples.length > KEEP) this.#samples.splice(0, this.#samples.length - KEEP);
  }

  /** Whether all of it has been shown by `now`. */
  doneBy(now: number): boolean {
    return now - DELAY >= this.#samples.at(-1)!.at;
  }

  /** Since when nothing has moved, in the same time as `push`. */
  get lastAt(): number {
    return this.#samples.at(-1)!.at;
  }

  /** What to show at `now`. */
  show(now: number): Point {
    const time = now - DELAY;
    const samples = this.#samples;
    const next = samples.findIndex((sample) => sample.at > time);
    if (next === -1) return samples.at(-1)!;
    if (next === 0) return samples[0]!;
    const [p, a, b, q] = [samples[next - 2], samples[next - 1]!, samples[next]!, samples[next + 1]];
    const s = (time - a.at) / (b.at - a.at);
    return { x: curve("x", s, p, a, b, q), y: curve("y", s, p, a, b, q) };
  }
}

/** A cubic through a and b whose slopes never make it swing past either: a hand that stops, stops. */
function curve(axis: "x" | "y", s: number, p: Sample | undefined, a: Sample, b: Sample, q: Sample | undefined): number {
  const span = b.at - a.at;
  const chord = (b[axis] - a[axis]) / span;
  const before = p ? (a[axis] - p[axis]) / (a.at - p.at) : 0;
  const after = q ? (q[axis] - b[axis]) / (q.at - b.at) : chord;
  const from = slope(before, chord) * span;
  const to = slope(chord, after) * span;
  const s2 = s * s;
  const s3 = s2 * s;
  return a[axis] * (2 * s3 - 3 * s2 + 1) + from * (s3 - 2 * s2 + s) + b[axis] * (3 * s2 - 2 * s3) + to * (s3 - s2);
}

/** The harmonic mean of two slopes, or none where they disagree (Fritsch and Butland). */
const slope = (a: number, b: number): number => (a * b <= 0 ? 0 : (2 * a * b) / (a + b));
