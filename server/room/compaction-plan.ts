/**
 * When the next step of a snapshot is taken. At once, mostly; but a new snapshot takes the place of the one that whoever is
 * just being given the state is reading, so it lets them finish, up to a bound; and after a failure it is tried again later
 * each time, since what storage refuses it may refuse for long.
 */

/** While someone is being given the state it is looked again after this, in ms, and for no longer than that. */
const LOOK_AGAIN_MS = 5000;
const LONGEST_WAIT_MS = 2 * 60 * 1000;
/** After the first failure it is tried again after this, in ms; twice as long after each further one, up to that. */
const AGAIN_MS = { first: 15_000, most: 60 * 60 * 1000 };

export class CompactionPlan {
  #failures = 0;
  /** Since when it has let someone finish, in ms. */
  #waitingSince: number | undefined;

  /** When to look again, in ms since 1970, where it has to wait; undefined: it need not. `loading`: someone is being given the state. */
  waits(loading: boolean, now: number): number | undefined {
    if (!loading) this.#waitingSince = undefined;
    else if (now - (this.#waitingSince ??= now) < LONGEST_WAIT_MS) return now + LOOK_AGAIN_MS;
    return undefined;
  }

  /** A step has failed. Returns when to try again. */
  failed(now: number): number {
    return now + Math.min(AGAIN_MS.most, AGAIN_MS.first * 2 ** this.#failures++);
  }

  /** There is nothing more to do. */
  done(): void {
    this.#failures = 0;
    this.#waitingSince = undefined;
  }
}
