/**
 * Users whose last socket has gone, and when the game is to be told that they have left. On the agenda, since the object
 * may leave memory before that; storage that fails costs no more than that the time of who is not here begins again.
 */
import type { Agenda } from "./agenda.ts";
import type { Task } from "./alarms.ts";

/** How the agenda names a user's leaving. */
const NAME = "leave:";

export class Leaving implements Task {
  readonly #agenda: Agenda;
  readonly #left: (me: number) => void;

  /** `left` is told whose time has come. */
  constructor(agenda: Agenda, left: (me: number) => void) {
    this.#agenda = agenda;
    this.#left = left;
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

  due(): number | undefined {
    const next = Math.min(...[...this.#all()].map(([, due]) => due));
    return next === Infinity ? undefined : next;
  }

  ring(now: number): void {
    const gone = [...this.#all()].filter(([, due]) => due <= now).map(([me]) => me);
    for (const me of gone) this.#agenda.set(NAME + me, undefined);
    for (const me of gone) this.#left(me);
  }

  *#all(): Generator<[me: number, due: number]> {
    for (const [name, due] of this.#agenda) if (name.startsWith(NAME)) yield [Number(name.slice(NAME.length)), due];
  }
}
