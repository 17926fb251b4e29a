/** Which words stand on the table now: who holds what, and why something could not be taken. */
import type { Cursor } from "./cursors.ts";
import type { Person } from "./people.ts";
import type { Pieces } from "./pieces.ts";
import type { Tag } from "./scene.ts";
import { boundsOf, laid } from "./shapes.ts";
import { KNOB_REACH } from "../../puzzle/cut.ts";
import type { Point } from "../../puzzle/grid.ts";

/** How long (ms) a refusal stays, and how long it takes to fade. */
const SAID = 1400;
const FADE = 250;

export class TagList {
  readonly #pieces: Pieces;
  #said: { tag: Omit<Tag, "alpha">; at: number } | undefined;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  /** Says something above a cluster. */
  say(text: string, person: Person, group: number, now: number): void {
    const at = this.#pieces.shown(group);
    if (at) this.#said = { tag: { text, person, ...this.#above(this.#pieces.members(group), at) }, at: now };
  }

  get any(): boolean {
    return this.#said !== undefined;
  }

  show(now: number, cursors: readonly Cursor[], person: (id: number) => Person): Tag[] {
    const shown: Tag[] = [];
    // Whoever's arrow is in sight carries their name there already.
    const pointing = new Set(cursors.map((cursor) => cursor.person.id));
    for (const mover of this.#pieces.movers) {
      if (mover.holder === 0 || mover.lift < 0.5 || mover.motion.kind === "mine" || pointing.has(mover.holder)) continue;
      const who = person(mover.holder);
      shown.push({ text: who.name, person: who, ...this.#above(mover.pieces, mover), alpha: mover.lift });
    }
    if (this.#said && now - this.#said.at > SAID + FADE) this.#said = undefined;
    if (this.#said) shown.push({ ...this.#said.tag, alpha: Math.max(0, Math.min(1, 1 - (now - this.#said.at - SAID) / FADE)) });
    return shown;
  }

  #above(members: readonly number[], at: Point): Point {
    const { left, right, top } = laid(this.#pieces.grid, boundsOf(this.#pieces.grid, members), at);
    return { x: (left + right) / 2, y: top + KNOB_REACH / 2 };
  }
}
