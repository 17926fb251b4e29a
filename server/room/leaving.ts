/**
 * Users whose last socket has gone, and when the game is to be told that they have left. On the agenda, since the object
 * may leave memory before that; storage that fails costs no more than that the time of who is not here begins again.
 */
import type { Agenda } from "./agenda.ts";

/** How the agenda names a user's leaving. */
const NAME = "leave:";

export class Leaving {
  readonly #agenda: Agenda;

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  /** Whether it is known when `me` leaves. */
  has(me: number): boolean {
    return this.#agenda.get(NAME + me) !== undefined;
  }

  /** `me` is to leave at this time (ms since 1970). */
  at(me: number, due: number): void {
    this.#agenda.set(NAME + me, due);
  }

  /** `me` is back. Storage is told with the next change: whoever is here when the time comes does not leave. */
  back(me: number): void {
    this.#agenda.drop(NAME + me);
  }

  /** Takes out those whose time has come. */
  take(now: number): number[] {
    const gone = [...this.#all()].filter(([, due]) => due <= now).map(([me]) => me);
    for (const me of gone) this.#agenda.set(NAME + me, undefined);
    return gone;
  }

  /** When the next is due; undefined for none. */
  get next(): number | undefined {
    const next = Math.min(...[...this.#all()].map(([, due]) => due));
    return next === Infinity ? undefined : next;
  }

  *#all(): Generator<[me: number, due: number]> {
    for (const [name, due] of this.#agenda) if (name.startsWith(NAME)) yield [Number(name.slice(NAME.length)), due];
  }
}
