/** Smooth seeded noise, for ridgelines, heights and tints. */
import { hash } from "../../puzzle/seeded.ts";

const smooth = (s: number): number => s * s * (3 - 2 * s);
const mix = (a: number, b: number, s: number): number => a + (b - a) * s;

/** [0, 1), smooth over a lattice of step 1. */
export function noise(seed: number, x: number, y = 0): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const s = smooth(x - column);
  const above = mix(hash(seed, column, row), hash(seed, column + 1, row), s);
  const below = mix(hash(seed, column, row + 1), hash(seed, column + 1, row + 1), s);
  return mix(above, below, smooth(y - row));
}

/** Noise with ever finer detail on top: [0, 1), mostly near 0.5. */
export function layered(seed: number, x: number, y = 0, octaves = 4): number {
  let sum = 0;
  let weight = 0.5;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(seed + octave * 101, x * scale, y * scale);
    scale *= 2.03;
    weight *= 0.5;
  }
  return sum / (1 - 0.5 ** octaves);
}
