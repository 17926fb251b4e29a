/**
 * Actions on their way: in order, numbered without a gap, kept until they are answered. After a cut all of them are sent
 * again; the room knows the numbers and runs none twice.
 */
import { KEPT_ANSWERS } from "../shared/protocol/limits.ts";

export interface Pending {
  readonly action: number;
  /** The checked input, for prediction. */
  readonly value: unknown;
  readonly bytes: Uint8Array;
  resolve(done: { seq: number; value: unknown }): void;
  reject(error: unknown): void;
  /** The number under which it is kept for a later page; undefined: it is not (offline/). */
  kept?: number | undefined;
}

export interface Numbered extends Pending {
  readonly number: number;
}

/** More bytes of unanswered input than this, and new actions are refused: what waits has a bound. */
const MAX_BYTES = 1_000_000;

export class Outbox {
  /** An action is sent only once it is kept under its number. */
  mustKeep = false;
  #pending: Pending[] = [];
  /** The number of the first pending action. */
  #first = 1;
  /** How many of the pending ones have been sent on this connection. */
  #sent = 0;
  #bytes = 0;

  /** The number of the first action without an answer. */
  get first(): number {
    return this.#first;
  }

  get size(): number {
    return this.#pending.length;
  }

  /** Those without an answer, in order. */
  get pending(): readonly Pending[] {
    return this.#pending;
  }

  get full(): boolean {
    return this.#bytes >= MAX_BYTES;
  }

  /** Adds an action; returns its number. */
  add(pending: Pending): number {
    this.#pending.push(pending);
    this.#bytes += pending.bytes.length;
    return this.#first + this.#pending.length - 1;
  }

  *[Symbol.iterator](): Generator<Numbered> {
    for (const [index, pending] of this.#pending.entries()) yield { ...pending, number: this.#first + index };
  }

  /** What to send now, as far as the frame has room for it (`fits`). */
  *take(fits: (input: Uint8Array) => boolean): Generator<Numbered> {
    for (; this.waits && fits(this.#pending[this.#sent]!.bytes); this.#sent++)
      yield { ...this.#pending[this.#sent]!, number: this.#first + this.#sent };
  }

  /** Something may be sent. The room keeps the last KEPT_ANSWERS answers, so no more than that are under way at once. */
  get waits(): boolean {
    const next = this.#pending[this.#sent];
    return next !== undefined && this.#sent < KEPT_ANSWERS && (!this.mustKeep || next.kept === this.#first + this.#sent);
  }

  /** The connection is new: all of it is to be sent again. */
  again(): void {
    this.#sent = 0;
  }

  /** Removes the action of that number: it has its answer. Answers come in order, so it is the first; undefined for an old one. */
  answered(number: number): Pending | undefined {
    if (number !== this.#first) return undefined;
    this.#first++;
    this.#sent = Math.max(0, this.#sent - 1);
    return this.#drop(0);
  }

  /** Removes an action that used up no number: those behind it move up, and are sent again. */
  refused(number: number): Pending | undefined {
    const index = number - this.#first;
    if (index < 0 || index >= this.#pending.length) return undefined;
    this.#sent = Math.min(this.#sent, index);
    return this.#drop(index);
  }

  /** Gives up all of it, and starts the numbers anew. */
  clear(): Pending[] {
    return this.begin(1, []);
  }

  /** Puts others in the place of all that waits, numbered from `first`; returns what waited. */
  begin(first: number, pending: Pending[]): Pending[] {
    const before = this.#pending;
    this.#pending = pending;
    this.#first = first;
    this.#sent = 0;
    this.#bytes = pending.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return before;
  }

  #drop(index: number): Pending | undefined {
    const [pending] = this.#pending.splice(index, 1);
    this.#bytes -= pending?.bytes.length ?? 0;
    return pending;
  }
}
