/**
 * Users who have to wait before they write again: whoever has spoilt the document, so that nobody can buy one rebuild after the
 * other; and whose update took long to find its place, so that one user takes no more than a tenth of the object's time.
 */
import { withRetryAfter } from "../../../shared/protocol/close-code.ts";
import { Closing } from "../../room/connections.ts";

/** Who has spoilt it waits this long, in ms. */
const SPOILT_MS = 60_000;
/** Each for so many steps a millisecond; so many, at once, are nothing. */
const STEPS_PER_MS = 500;
const FREE_STEPS = 100_000;

export class Cooling {
  readonly #now: () => number;
  /** User → until when, in ms. */
  readonly #until = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws Closing where the user has to wait. */
  check(user: string): void {
    const left = (this.#until.get(user) ?? 0) - this.#now();
    if (left > 0) throw new Closing(4529, withRetryAfter("an update of this user was none, or took long to be applied", left));
  }

  /** An update of theirs took Yjs so many steps. */
  took(user: string, steps: number): void {
    if (steps > FREE_STEPS) this.#wait(user, steps / STEPS_PER_MS);
  }

  spoilt(user: string): void {
    this.#wait(user, SPOILT_MS);
  }

  #wait(user: string, ms: number): void {
    const now = this.#now();
    for (const [other, until] of this.#until) if (until <= now) this.#until.delete(other);
    this.#until.set(user, now + ms);
  }
}
