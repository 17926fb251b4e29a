/** Actions that the room is to run later (`c.after`), by id: kept in rows and snapshots, run in the order in which they are due. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import type { Timer } from "../../../shared/game/run.ts";
import { readTimer, writeTimer } from "./inputs.ts";

/** The most that a game may have set at once, and the bytes of their inputs: what needs more is one timer, and a table. */
const MAX_TIMERS = 10_000;
const MAX_TIMER_BYTES = 1_000_000;
export const TOO_MANY_TIMERS: string = `more than ${MAX_TIMERS} timers at once, or ${MAX_TIMER_BYTES} bytes of their inputs`;

export class Timers {
  readonly #timers = new Map<number, Timer>();
  #nextId = 1;
  /** Of the inputs. */
  #bytes = 0;
  /** When the first is due; undefined: not known. */
  #first: number | undefined;

  /** Whether these may be set as well. */
  fits(more: readonly Timer[]): boolean {
    if (more.length === 0) return true;
    const bytes = more.reduce((sum, { input }) => sum + input.length, this.#bytes);
    return this.#timers.size + more.length <= MAX_TIMERS && bytes <= MAX_TIMER_BYTES;
  }

  /** When the first is due, in ms since 1970; undefined: there is none. */
  get due(): number | undefined {
    if (this.#timers.size === 0) return undefined;
    this.#first ??= [...this.#timers.values()].reduce((first, { at }) => Math.min(first, at), Infinity);
    return this.#first;
  }

  /** Returns its id. */
  add(timer: Timer): number {
    const id = this.#nextId;
    this.set(id, timer);
    return id;
  }

  set(id: number, timer: Timer): void {
    this.#bytes += timer.input.length;
    this.#timers.set(id, timer);
    this.#nextId = Math.max(this.#nextId, id + 1);
    this.#first = undefined;
  }

  get(id: number): Timer | undefined {
    return this.#timers.get(id);
  }

  delete(id: number): void {
    this.#bytes -= this.#timers.get(id)?.input.length ?? 0;
    this.#timers.delete(id);
    this.#first = undefined;
  }

  /** Takes out what is due, in order. */
  take(now: number): [id: number, timer: Timer][] {
    if (this.due === undefined || this.due > now) return [];
    const due = [...this.#timers]
      .filter(([, { at }]) => at <= now)
      .sort(([a, { at }], [b, { at: other }]) => at - other || a - b);
    for (const [id] of due) this.delete(id);
    return due;
  }

  *[Symbol.iterator](): Generator<[id: number, timer: Timer]> {
    yield* this.#timers;
  }

  write(to: Encoder): void {
    encoding.writeVarUint(to, this.#nextId);
    encoding.writeVarUint(to, this.#timers.size);
    for (const [id, timer] of this.#timers) writeTimer(to, id, timer);
  }

  clear(): void {
    this.#timers.clear();
    this.#nextId = 1;
    this.#bytes = 0;
    this.#first = undefined;
  }

  read(from: Decoder): void {
    this.#nextId = decoding.readVarUint(from);
    for (let left = decoding.readVarUint(from); left > 0; left--) this.set(...readTimer(from));
  }
}
