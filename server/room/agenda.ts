/**
 * What the room has to do later and must not forget when its object leaves memory: a name and a time each. Kept in storage
 * as one small row; read when it is first asked for.
 */
import type { Store } from "../storage/store.ts";

export class Agenda {
  readonly #store: Pick<Store, "agenda" | "keepAgenda">;
  readonly #failed: (error: unknown) => void;
  /** Undefined: storage has not been asked. */
  #due: Map<string, number> | undefined;

  /** `failed` is told what storage throws: memory goes on. */
  constructor(store: Pick<Store, "agenda" | "keepAgenda">, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  get #known(): Map<string, number> {
    return (this.#due ??= new Map(this.#store.agenda()));
  }

  /** When it is due, in ms since 1970. */
  get(name: string): number | undefined {
    return this.#known.get(name);
  }

  *[Symbol.iterator](): Generator<[name: string, due: number]> {
    yield* this.#known;
  }

  /** `undefined`: no more. Storage is told; false: it did not take it. */
  set(name: string, due: number | undefined): boolean {
    if (this.#known.get(name) === due) return true;
    if (due === undefined) this.#known.delete(name);
    else this.#known.set(name, due);
    return this.#keep();
  }

  /** No more, though storage hears of it only with the next change. */
  drop(name: string): void {
    this.#due?.delete(name);
  }

  #keep(): boolean {
    try {
      this.#store.keepAgenda(new Map(this.#known));
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Memory is not to be believed any more. */
  forget(): void {
    this.#due = undefined;
  }
}
