/**
 * Every write to the tables, with the value it replaced. It serves twice: read backwards it takes an action back in
 * O(writes); read as a set it names the cells that a delta has to carry.
 */
export interface Write {
  readonly table: number;
  readonly id: number;
  /** A column's number, or WHOLE_ROW for a row that came (`old` undefined) or went (`old` is the row). */
  readonly column: number;
  readonly old: unknown;
}

export class UndoLog {
  #writes: Write[] = [];

  get length(): number {
    return this.#writes.length;
  }

  push(table: number, id: number, column: number, old: unknown): void {
    this.#writes.push({ table, id, column, old });
  }

  /** The writes since `from`, oldest first. */
  since(from: number): readonly Write[] {
    return this.#writes.slice(from);
  }

  /** Hands back the writes above `length`, newest first, and forgets them. */
  *takeBack(length: number): Generator<Write> {
    for (let last = this.#writes.length - 1; last >= length; last--) yield this.#writes[last]!;
    this.#writes.length = length;
  }

  /** Everything so far is final. */
  clear(): void {
    this.#writes = [];
  }
}
