/**
 * Places in a room: how many there are, and for whom one is kept for a short while, since a match has promised it. Kept in
 * memory only: an object that has left memory meanwhile had nobody coming.
 */

/** What the platform takes of sockets in one object. */
export const MOST_SOCKETS = 32_768;

/** How long a place is kept, in ms: a page that was matched joins within a second. */
export const KEPT_MS = 10_000;

export class Seats {
  readonly capacity: number;
  readonly #now: () => number;
  /** User → until when, in ms since 1970. */
  readonly #kept = new Map<string, number>();

  constructor(capacity: number, now: () => number) {
    this.capacity = capacity;
    this.#now = now;
  }

  /** Whether `user` may sit down where `taken` sit already: on a place of their own, or one that is kept for nobody. */
  free(user: string, taken: number): boolean {
    const { count } = this.kept;
    return taken + count - (this.#kept.has(user) ? 1 : 0) < this.capacity;
  }

  keep(user: string): void {
    this.#kept.set(user, this.#now() + KEPT_MS);
  }

  /** They have come, or will not. */
  release(user: string): void {
    this.#kept.delete(user);
  }

  /** How many places are kept, and until when the last is (ms since 1970). */
  get kept(): { readonly count: number; readonly until: number } {
    const now = this.#now();
    for (const [user, until] of this.#kept) if (until <= now) this.#kept.delete(user);
    return { count: this.#kept.size, until: Math.max(0, ...this.#kept.values()) };
  }
}
