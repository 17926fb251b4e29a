/**
 * Which ids of a table are taken: a bit each, and above 32 words of bits a word that says which of them are full. So the
 * lowest free id is found in four steps, however many rows there are, and depends on nothing but which ids are taken.
 */

const BITS = 5;
const WORD = 2 ** BITS;
/** Four levels of 32 make 2²⁰: every id there may be. */
const LEVELS = 4;
const FULL = -1;

export class Ids {
  size = 0;
  /** One above the highest id that is taken. */
  end = 0;
  /** Lowest first; only the first is ever longer than what is taken needs. */
  #levels: Int32Array[] = Array.from({ length: LEVELS }, () => new Int32Array(1));

  has(id: number): boolean {
    return id === id >>> 0 && ((this.#levels[0]![id >>> BITS]! >>> (id & (WORD - 1))) & 1) === 1;
  }

  /** The lowest that is not taken. */
  get free(): number {
    let id = 0;
    for (let level = LEVELS - 1; level >= 0; level--) id = id * WORD + lowestZero(this.#levels[level]![id] ?? 0);
    return id;
  }

  add(id: number): void {
    this.#grow(id);
    let at = id;
    for (const words of this.#levels) {
      const word = (words[at >>> BITS]! |= 1 << (at & (WORD - 1)));
      if (word !== FULL) break;
      at >>>= BITS;
    }
    this.size++;
    if (id >= this.end) this.end = id + 1;
  }

  delete(id: number): void {
    let at = id;
    for (const words of this.#levels) {
      const before = words[at >>> BITS]!;
      words[at >>> BITS] = before & ~(1 << (at & (WORD - 1)));
      if (before !== FULL) break;
      at >>>= BITS;
    }
    this.size--;
    if (id === this.end - 1) this.end = this.#highest(id) + 1;
  }

  /** Ascending. One added or deleted meanwhile is seen or not seen as it then is. */
  *[Symbol.iterator](): Generator<number> {
    for (let at = 0; at * WORD < this.end; at++) {
      if (this.#levels[0]![at] === 0) continue;
      for (let id = at * WORD; id < (at + 1) * WORD; id++) if (this.has(id)) yield id;
    }
  }

  /** The highest that is taken up to `id`; −1 when none is. */
  #highest(id: number): number {
    for (let at = id >>> BITS; at >= 0; at--) {
      const word = this.#levels[0]![at]!;
      if (word !== 0) return at * WORD + (WORD - 1 - Math.clz32(word));
    }
    return -1;
  }

  #grow(id: number): void {
    for (let level = 0, at = id >>> BITS; level < LEVELS; level++, at >>>= BITS) {
      const words = this.#levels[level]!;
      if (at < words.length) return;
      const grown = new Int32Array(Math.max(at + 1, words.length * 2));
      grown.set(words);
      this.#levels[level] = grown;
    }
  }
}

const lowestZero = (word: number): number => WORD - 1 - Math.clz32(~word & -~word);
