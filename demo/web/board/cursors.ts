/** Where the others point: one smooth path each, faded after a rest. */
import { Path } from "coterie/client";
import type { Point } from "../../puzzle/grid.ts";
import { personOf, type Person, type PuzzleRoom } from "./people.ts";

/** How late others' cursors are shown, in ms: three values at 30 Hz, so that one may be missed. */
const DELAY = 100;
/** A cursor that rests this long (ms) fades away. */
const REST = 5000;
const FADE = 400;

export interface Cursor extends Point {
  readonly person: Person;
  readonly alpha: number;
}

export class Cursors {
  readonly #room: PuzzleRoom;
  readonly #paths = new Map<number, { path: Path; seen: object }>();

  constructor(room: PuzzleRoom) {
    this.#room = room;
  }

  /** Takes over where everybody points now. */
  sync(now: number): void {
    const here = new Set<number>();
    for (const { id, presence } of this.#room.others) {
      const { cursor } = presence;
      if (!cursor) continue;
      here.add(id);
      const known = this.#paths.get(id);
      if (!known) this.#paths.set(id, { path: new Path(now, [cursor.x, cursor.y]), seen: cursor });
      else if (known.seen !== cursor) {
        known.seen = cursor;
        known.path.push(now, [cursor.x, cursor.y], now - DELAY);
      }
    }
    for (const id of this.#paths.keys()) if (!here.has(id)) this.#paths.delete(id);
  }

  show(now: number): Cursor[] {
    const shown: Cursor[] = [];
    for (const [id, { path }] of this.#paths) {
      const rested = now - path.lastAt - REST;
      if (rested > FADE) continue;
      const [x, y] = path.show(now - DELAY) as [number, number];
      shown.push({ person: personOf(this.#room, id), x, y, alpha: rested > 0 ? 1 - rested / FADE : 1 });
    }
    return shown;
  }

  /** Until when (same time as `sync`) something here still changes by itself. */
  busyUntil(): number {
    let until = 0;
    for (const { path } of this.#paths.values()) until = Math.max(until, path.lastAt + REST + FADE + 50);
    return until;
  }
}
