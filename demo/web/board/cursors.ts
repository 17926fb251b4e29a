/** Where the others point: one smooth path each, faded after a rest. */
import type { Point } from "../../puzzle/grid.ts";
import { personOf, type Person, type PuzzleRoom } from "./people.ts";
import { Track } from "./track.ts";

/** A cursor that rests this long (ms) fades away. */
const REST = 5000;
const FADE = 400;

export interface Cursor extends Point {
  readonly person: Person;
  readonly alpha: number;
}

export class Cursors {
  readonly #room: PuzzleRoom;
  readonly #tracks = new Map<number, { track: Track; seen: object }>();

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
      const known = this.#tracks.get(id);
      if (!known) this.#tracks.set(id, { track: new Track(now, cursor), seen: cursor });
      else if (known.seen !== cursor) {
        known.seen = cursor;
        known.track.push(now, cursor);
      }
    }
    for (const id of this.#tracks.keys()) if (!here.has(id)) this.#tracks.delete(id);
  }

  show(now: number): Cursor[] {
    const shown: Cursor[] = [];
    for (const [id, { track }] of this.#tracks) {
      const rested = now - track.lastAt - REST;
      if (rested > FADE) continue;
      const { x, y } = track.show(now);
      shown.push({ person: personOf(this.#room, id), x, y, alpha: rested > 0 ? 1 - rested / FADE : 1 });
    }
    return shown;
  }

  /** Until when (same time as `sync`) something here still changes by itself. */
  busyUntil(): number {
    let until = 0;
    for (const { track } of this.#tracks.values()) until = Math.max(until, track.lastAt + REST + FADE + 50);
    return until;
  }
}
