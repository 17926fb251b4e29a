/** Users whose last socket has gone, and when the game is to be told that they have left. Kept by the room's alarm. */
export class Leaving {
  readonly #due = new Map<number, number>();

  /** `me` is to leave at this time (ms since 1970). */
  at(me: number, due: number): void {
    this.#due.set(me, due);
  }

  /** `me` is back. */
  back(me: number): void {
    this.#due.delete(me);
  }

  /** Takes out those whose time has come. */
  *take(now: number): Generator<number> {
    for (const [me, due] of this.#due)
      if (due <= now) {
        this.#due.delete(me);
        yield me;
      }
  }

  /** When the next is due; undefined for none. */
  get next(): number | undefined {
    return this.#due.size > 0 ? Math.min(...this.#due.values()) : undefined;
  }
}
