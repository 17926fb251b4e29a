/**
 * Where something of somebody else's has been, as a smooth path: values come some thirty times a second, and unevenly. Shown
 * a moment late, there is a value behind the one that is shown, and a curve between them at the display's own rate.
 */

/** Values that are too old to matter are forgotten beyond this many. */
const KEPT = 24;

interface Sample {
  /** In ms, of whichever clock the caller goes by. */
  readonly at: number;
  readonly values: readonly number[];
}

export class Path {
  readonly #samples: Sample[];

  /** `start`: where it was before the first value, one number per dimension; `at`: when that was, in ms. */
  constructor(at: number, start: readonly number[]) {
    this.#samples = [{ at, values: start }];
  }

  /** A value, as of `at`. `shown`: up to when the path is shown by now. Both in ms. */
  push(at: number, values: readonly number[], shown: number): void {
    const last = this.#samples.at(-1)!;
    // All was shown, and nothing new for a while: the next move starts from here and now, or it would begin with a jump.
    if (shown > last.at) this.#samples.push({ at: shown, values: last.values });
    this.#samples.push({ at: Math.max(at, this.#samples.at(-1)!.at + 1), values });
    if (this.#samples.length > KEPT) this.#samples.splice(0, this.#samples.length - KEPT);
  }

  /** When the last value was, in ms. */
  get lastAt(): number {
    return this.#samples.at(-1)!.at;
  }

  /** Where it was at this time, in ms. */
  show(at: number): readonly number[] {
    const samples = this.#samples;
    const next = samples.findIndex((sample) => sample.at > at);
    if (next === -1) return samples.at(-1)!.values;
    if (next === 0) return samples[0]!.values;
    const [p, a, b, q] = [samples[next - 2], samples[next - 1]!, samples[next]!, samples[next + 1]];
    const s = (at - a.at) / (b.at - a.at);
    return a.values.map((_, axis) => curve(axis, s, p, a, b, q));
  }
}

/** A cubic through a and b whose slopes never make it swing past either: what stops, stops. */
function curve(axis: number, s: number, p: Sample | undefined, a: Sample, b: Sample, q: Sample | undefined): number {
  const [from, to] = [a.values[axis]!, b.values[axis]!];
  const span = b.at - a.at;
  const chord = (to - from) / span;
  const before = p ? (from - p.values[axis]!) / (a.at - p.at) : 0;
  const after = q ? (q.values[axis]! - to) / (q.at - b.at) : chord;
  const s2 = s * s;
  const s3 = s2 * s;
  return (
    from * (2 * s3 - 3 * s2 + 1) +
    slope(before, chord) * span * (s3 - 2 * s2 + s) +
    to * (3 * s2 - 2 * s3) +
    slope(chord, after) * span * (s3 - s2)
  );
}

/** The harmonic mean of two slopes, or none where they disagree (Fritsch and Butland, 1984). */
const slope = (a: number, b: number): number => (a * b <= 0 ? 0 : (2 * a * b) / (a + b));
