/**
 * Which rows hold a value of one column. The ids of a value are a chain through two arrays, so that coming and going costs
 * the same in a chain of a hundred thousand (a `Set` keeps a trace of every id that was taken out, and walks them all).
 */

const NONE = 0xffff_ffff;
/** As many values without rows are not worth a look. */
const FEW_EMPTY = 64;

interface Chain {
  first: number;
  /** In order, as it was last asked for. Never changed: whoever walks it goes on with what it was. */
  ordered: readonly number[] | undefined;
}

export class ColumnIndex {
  readonly #chains = new Map<unknown, Chain>();
  #next = new Uint32Array(0);
  #before = new Uint32Array(0);
  #empty = 0;

  /** Ascending, as they are now. */
  ids(value: unknown): readonly number[] {
    const chain = this.#chains.get(value);
    if (!chain) return [];
    if (!chain.ordered) {
      const ids: number[] = [];
      for (let id = chain.first; id !== NONE; id = this.#next[id]!) ids.push(id);
      chain.ordered = ids.sort((a, b) => a - b);
    }
    return chain.ordered;
  }

  add(value: unknown, id: number): void {
    if (id >= this.#next.length) this.#grow(id + 1);
    let chain = this.#chains.get(value);
    if (!chain) this.#chains.set(value, (chain = { first: NONE, ordered: undefined }));
    else if (chain.first === NONE) this.#empty--;
    if (chain.first !== NONE) this.#before[chain.first] = id;
    this.#next[id] = chain.first;
    this.#before[id] = NONE;
    chain.first = id;
    chain.ordered = undefined;
  }

  delete(value: unknown, id: number): void {
    const chain = this.#chains.get(value)!;
    const next = this.#next[id]!;
    const before = this.#before[id]!;
    if (next !== NONE) this.#before[next] = before;
    if (before === NONE) chain.first = next;
    else this.#next[before] = next;
    chain.ordered = undefined;
    if (chain.first === NONE && ++this.#empty > FEW_EMPTY && this.#empty * 2 > this.#chains.size) this.#forget();
  }

  /** Values that no row holds any more. */
  #forget(): void {
    for (const [value, { first }] of this.#chains) if (first === NONE) this.#chains.delete(value);
    this.#empty = 0;
  }

  #grow(least: number): void {
    const length = Math.max(16, least, this.#next.length * 2);
    const longer = (of: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(length);
      grown.set(of);
      return grown;
    };
    this.#next = longer(this.#next);
    this.#before = longer(this.#before);
  }
}
