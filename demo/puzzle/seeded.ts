/** Seeded randomness for what is drawn: the cut and the pictures. Rules use `c.random()` instead. */

/** [0, 1) from a seed and any whole numbers: independent draws, in any order. */
export function hash(seed: number, a: number, b = 0, c = 0): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ a ^ (h >>> 15), 0xc2b2ae35);
  h = Math.imul(h ^ b ^ (h >>> 13), 0x27d4eb2f);
  h = Math.imul(h ^ c ^ (h >>> 16), 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

export interface Draw {
  /** [0, 1) */
  (): number;
  /** [from, to) */
  between(from: number, to: number): number;
  /** A whole number, [0, below). */
  below(below: number): number;
  pick<T>(of: readonly [T, ...T[]]): T;
}

/** A stream of draws. */
export function draws(seed: number): Draw {
  let step = 0;
  const draw = (): number => hash(seed, step++, 0x51ed);
  return Object.assign(draw, {
    between: (from: number, to: number) => from + (to - from) * draw(),
    below: (below: number) => Math.floor(draw() * below),
    pick: <T>(of: readonly [T, ...T[]]): T => of[Math.floor(draw() * of.length)] ?? of[0],
  });
}
