/** Seams that light up for a moment when pieces join. */
import type { Cut } from "../../puzzle/cut.ts";
import type { Point } from "../../puzzle/grid.ts";
import type { Glow } from "./scene.ts";
import { boundsOf, seams } from "./shapes.ts";

/** How long (ms) a seam glows, and how long it takes to go out after that. */
const GLOW = 120;
const FADE = 160;

export class Glows {
  readonly #cut: Cut;
  #lit: (Omit<Glow, "strength"> & { since: number })[] = [];

  constructor(cut: Cut) {
    this.#cut = cut;
  }

  light(pieces: readonly number[], at: Point, together: (a: number, b: number) => boolean, now: number): void {
    const path = seams(this.#cut, pieces, together);
    if (path) this.#lit.push({ path, bounds: boundsOf(this.#cut.grid, pieces), x: at.x, y: at.y, since: now });
  }

  get any(): boolean {
    return this.#lit.length > 0;
  }

  show(now: number): Glow[] {
    this.#lit = this.#lit.filter(({ since }) => now - since < GLOW + FADE);
    return this.#lit.map((glow) => ({ ...glow, strength: Math.max(0, Math.min(1, 1 - (now - glow.since - GLOW) / FADE)) }));
  }
}
