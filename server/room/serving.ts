/** What joiners of one group share, so that a storm of them costs one read and one encoding: the state, and the rows they missed. */
import type { MissedRow } from "../parts/part.ts";

/** The state after a row, as a frame. */
export interface Whole {
  readonly seq: number;
  readonly frame: Uint8Array;
}

export class Serving {
  whole: Whole | undefined;
  readonly #read: (seq: number) => readonly MissedRow[] | undefined;
  readonly #missed = new Map<number, readonly MissedRow[] | undefined>();
  readonly #tails = new Map<readonly MissedRow[], Uint8Array>();

  /** `read` gives the rows above a `seq`, if they lead on from it and are few enough to be sent at once: each is asked for once. */
  constructor(read: (seq: number) => readonly MissedRow[] | undefined) {
    this.#read = read;
  }

  since(seq: number): readonly MissedRow[] | undefined {
    if (!this.#missed.has(seq)) this.#missed.set(seq, this.#read(seq));
    return this.#missed.get(seq);
  }

  tail(missed: readonly MissedRow[], write: (missed: readonly MissedRow[]) => Uint8Array): Uint8Array {
    const tail = this.#tails.get(missed) ?? write(missed);
    this.#tails.set(missed, tail);
    return tail;
  }
}
