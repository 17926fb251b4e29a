/**
 * This page's own hand: grabs, drags and puts down, and says what became of it. Several clusters may be in it at once:
 * each is taken, moved and put down for itself.
 */
import { gridOf, onTable, type Point } from "../../puzzle/grid.ts";
import type { PuzzleRoom } from "./people.ts";
import { release, type Mover } from "./mover.ts";
import type { Pieces } from "./pieces.ts";

/** A hand that keeps still says so this often (ms); others see a drag end after 2 s without a word. */
const STILL = 900;

export type Refusal = "held" | "gone" | "not-yours" | "outside" | "finished" | "lost";

interface Holding {
  readonly group: number;
  readonly mover: Mover;
  /** From the pointer to the cluster's position. */
  readonly offset: Point;
  /** Where it lay before. */
  readonly before: Point;
  sentAt: number;
}

export class Hand {
  readonly #room: PuzzleRoom;
  readonly #pieces: Pieces;
  readonly #refused: (group: number, why: Refusal) => void;
  readonly #held = new Map<number, Holding>();

  constructor(room: PuzzleRoom, pieces: Pieces, refused: (group: number, why: Refusal) => void) {
    this.#room = room;
    this.#pieces = pieces;
    this.#refused = refused;
  }

  /** The clusters in it. */
  get groups(): ReadonlyMap<number, unknown> {
    return this.#held;
  }

  /** Takes a cluster, at once; if the room says no, it comes back. False when it is known to be in another's hand. */
  grab(group: number, at: Point, now: number): boolean {
    const row = this.#room.state.groups.get(group);
    const me = this.#room.self?.id ?? 0;
    if (!row) return false;
    if (row.heldBy !== 0 && row.heldBy !== me) {
      this.#refused(group, "held");
      return false;
    }
    const shown = this.#pieces.shown(group) ?? row;
    const before = { x: row.x, y: row.y };
    const offset = { x: shown.x - at.x, y: shown.y - at.y };
    const mover = this.#pieces.take(group, me);
    const holding: Holding = { group, mover, offset, before, sentAt: now };
    this.#held.set(group, holding);
    this.#room.do.grab({ g: group }).catch((error: unknown) => {
      if (this.#held.get(group) === holding) this.#held.delete(group);
      this.#refused(group, this.#why(error));
    });
    return true;
  }

  /** Moves what is held with the pointer: on the screen at once, to the others as fast as the room wants it. */
  moveTo(at: Point, now: number): void {
    for (const holding of this.#held.values()) {
      const wanted = { x: at.x + holding.offset.x, y: at.y + holding.offset.y };
      const allowed = onTable(this.#pieces.grid, holding.group, wanted);
      // The wire carries whole units; the own screen shows the fraction too, unless the rim of the table stops it.
      holding.mover.x = Math.abs(wanted.x - allowed.x) < 1 ? wanted.x : allowed.x;
      holding.mover.y = Math.abs(wanted.y - allowed.y) < 1 ? wanted.y : allowed.y;
      this.#send(holding, now);
    }
  }

  /** Where the pointer would be if it held the cluster by the same spot. */
  get grip(): Point | undefined {
    const [holding] = this.#held.values();
    return holding && { x: holding.mover.x - holding.offset.x, y: holding.mover.y - holding.offset.y };
  }

  /** Says where it is now and then, even when it does not move. */
  tick(now: number): void {
    for (const holding of this.#held.values()) if (now - holding.sentAt > STILL) this.#send(holding, now);
  }

  drop(now: number): void {
    this.#putDown(({ mover }) => mover, now);
  }

  /** Back to where it was taken from. */
  putBack(now: number): void {
    this.#putDown(({ before }) => before, now);
  }

  #putDown(where: (holding: Holding) => Point, now: number): void {
    for (const holding of this.#held.values()) {
      const { group, mover } = holding;
      const { x, y } = onTable(this.#pieces.grid, group, where(holding));
      this.#held.delete(group);
      release(mover, now);
      this.#room.do.drop({ g: group, x, y }).catch((error: unknown) => {
        this.#refused(group, this.#why(error));
        // Refused, it is still in this user's hand, which no longer holds it: let go where it lay.
        releaseStale(this.#room, this.#held);
      });
    }
  }

  #why(error: unknown): Refusal {
    if (!this.#room.isRejection(error) || error.code === "too-large") return "lost";
    return error.code;
  }

  #send(holding: Holding, now: number): void {
    holding.sentAt = now;
    const { x, y } = onTable(this.#pieces.grid, holding.group, holding.mover);
    this.#room.do.drag({ id: holding.group, x, y });
  }
}

/**
 * Lets go of what this user still holds, from an earlier page or by mishap, where it was last put down. Only for a user
 * whose one and only session this is: another tab may be moving it right now.
 */
export function releaseStale(room: PuzzleRoom, holding?: ReadonlyMap<number, unknown>): void {
  const { self } = room;
  if (!self || self.connections !== 1) return;
  const grid = gridOf(room.params);
  for (const row of room.confirmed.groups.where("heldBy", self.id)) {
    if (holding?.has(row.id)) continue;
    const { x, y } = onTable(grid, row.id, row);
    // Nobody waits for the answer: when it is refused, it was not this user's any more.
    room.do.drop({ g: row.id, x, y }).catch(() => {});
  }
}
