/**
 * Users whose last socket has gone, and when the game is to be told that they have left. Kept in storage, since the object
 * may leave memory before that: a row a departure.
 */
import type { Store } from "../storage/store.ts";

/** How the agenda in storage names a user's leaving. */
const NAME = "leave:";

export class Leaving {
  readonly #store: Pick<Store, "agenda" | "keepAgenda">;
  readonly #failed: (error: unknown) => void;
  /** Undefined: storage has not been asked. */
  #due: Map<number, number> | undefined;

  /** `failed` is told what storage throws: memory goes on, and after a crash the time of who is not here begins again. */
  constructor(store: Pick<Store, "agenda" | "keepAgenda">, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  get #known(): Map<number, number> {
    return (this.#due ??= new Map(
      [...this.#store.agenda()].map(([name, due]) => [Number(name.slice(NAME.length)), due] as const),
    ));
  }

  /** Whether it is known when `me` leaves. */
  has(me: number): boolean {
    return this.#known.has(me);
  }

  /** `me` is to leave at this time (ms since 1970). */
  at(me: number, due: number): void {
    this.#known.set(me, due);
    this.#keep();
  }

  /** `me` is back. Storage is told with the next change: whoever is here when the time comes does not leave. */
  back(me: number): void {
    this.#due?.delete(me);
  }

  /** Takes out those whose time has come. */
  take(now: number): number[] {
    const gone = [...this.#known].filter(([, due]) => due <= now).map(([me]) => me);
    if (gone.length === 0) return gone;
    for (const me of gone) this.#known.delete(me);
    this.#keep();
    return gone;
  }

  #keep(): void {
    try {
      this.#store.keepAgenda(new Map([...this.#known].map(([me, due]) => [`${NAME}${me}`, due])));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Memory is not to be believed any more. */
  forget(): void {
    this.#due = undefined;
  }

  /** When the next is due; undefined for none. */
  get next(): number | undefined {
    return this.#known.size > 0 ? Math.min(...this.#known.values()) : undefined;
  }
}
