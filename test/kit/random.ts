/** Seeded randomness for tests: `SEED=… npm test` runs one again. */
import { random, seedOf } from "../../shared/game/random.ts";

/** The seed of this run: the one asked for, or always the same, so that a run that passed passes again. */
export const SEED: number = Number(process.env["SEED"] ?? 1);

/** For fast-check: its own seed, and how often; it prints the seed of what fails. */
export const many = (numRuns: number): { seed: number; numRuns: number } => ({ seed: SEED, numRuns });

/** Draws of one test. */
export class Draw {
  /** [0, 1). */
  readonly next: () => number;

  constructor(...seed: (string | number)[]) {
    this.next = random(seedOf(...seed));
  }

  /** An integer from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(likely: number): boolean {
    return this.next() < likely;
  }

  one<T>(of: readonly T[]): T {
    if (of.length === 0) throw new RangeError("nothing to draw from");
    return of[this.below(of.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
