/**
 * Rows as columns: one typed array a numeric column, a plain array for the rest. A row's id is its place, so a lookup is
 * an array access and a delta names a cell by (table, id, column). Every write goes through here and is logged first,
 * so that it can be undone and sent.
 */
import type { Table, Value } from "../schema/t.ts";
import type { Wire } from "../schema/wire.ts";
import { hashOf } from "./hash.ts";
import type { UndoLog } from "./undo-log.ts";

/** The undo log's column number for a row that came or went, rather than a cell. */
export const WHOLE_ROW = -1;

type Column =
  | number[]
  | unknown[]
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

const TYPED: Record<string, (length: number) => Column> = {
  u8: (n) => new Uint8Array(n),
  u16: (n) => new Uint16Array(n),
  u32: (n) => new Uint32Array(n),
  i8: (n) => new Int8Array(n),
  i16: (n) => new Int16Array(n),
  i32: (n) => new Int32Array(n),
  f32: (n) => new Float32Array(n),
  f64: (n) => new Float64Array(n),
  id: (n) => new Uint32Array(n),
  fixed: (n) => new Float64Array(n),
};
/** Makes a column for a type, or nothing where only a plain array holds its values. */
const typed = ({ wire }: Wire<unknown>): ((length: number) => Column) | undefined => TYPED[wire.replace(/\(.*/, "")];

/** The columns of one table or value. A value is a table whose only row, 0, is always there. */
export class TableData {
  /** This table's number in the game's declaration: what deltas and the undo log call it. */
  readonly number: number;
  readonly name: string;
  readonly columns: readonly string[];
  readonly types: readonly Wire<unknown>[];
  readonly single: boolean;
  /** The column that names whose a row is; −1: everybody sees all rows. */
  readonly owner: number;
  /** The sum of the hashes of all cells, 32 bits. */
  hash = 0;
  /** One above the highest id that may be present. */
  end = 0;
  size = 0;

  readonly #log: UndoLog;
  #present: Uint8Array = new Uint8Array(0);
  #cells: Column[];
  /** Per indexed column: value → ids. */
  readonly #indexes = new Map<number, Map<unknown, Set<number>>>();

  constructor(number: number, name: string, declaration: Table<unknown> | Value<unknown>, log: UndoLog) {
    this.number = number;
    this.name = name;
    this.columns = Object.keys(declaration.shape);
    this.types = Object.values(declaration.shape);
    this.single = declaration.kind === "value";
    this.owner = declaration.owner === undefined ? -1 : this.columns.indexOf(declaration.owner);
    this.#log = log;
    this.#cells = this.types.map((type) => typed(type)?.(0) ?? []);
    for (const column of declaration.index) this.#indexes.set(this.columns.indexOf(column), new Map());
    if (this.single)
      this.#insert(
        0,
        this.types.map((type) => type.zero),
      );
  }

  has(id: number): boolean {
    return this.#present[id] === 1;
  }

  get(id: number, column: number): unknown {
    return this.#cells[column]?.[id];
  }

  row(id: number): unknown[] {
    return this.#cells.map((cells) => cells[id]);
  }

  /** Present ids, ascending. A row added or removed meanwhile is seen or not seen as it then is. */
  *ids(): Generator<number> {
    for (let id = 0; id < this.end; id++) if (this.#present[id] === 1) yield id;
  }

  /** The ids of the rows that hold `value`, ascending, as they are now: safe to write while walking them. */
  where(column: number, value: unknown): number[] {
    const index = this.#indexes.get(column);
    if (index) return [...(index.get(value) ?? [])].sort((a, b) => a - b);
    const found: number[] = [];
    for (const id of this.ids()) if (this.#cells[column]?.[id] === value) found.push(id);
    return found;
  }

  /** The lowest id that is free. */
  freeId(): number {
    if (this.size === this.end) return this.end;
    const gap = this.#present.indexOf(0);
    return gap === -1 ? this.end : gap;
  }

  set(id: number, column: number, value: unknown): void {
    const old = this.get(id, column);
    if (Object.is(old, value)) return;
    this.#log.push(this.number, id, column, old);
    this.#assign(id, column, old, value);
  }

  insert(id: number, row: readonly unknown[]): void {
    this.#log.push(this.number, id, WHOLE_ROW, undefined);
    this.#insert(id, row);
  }

  delete(id: number): void {
    this.#log.push(this.number, id, WHOLE_ROW, this.row(id));
    this.#delete(id);
  }

  /** Takes one logged write back: `old` is what the log holds. */
  undo(id: number, column: number, old: unknown): void {
    if (column !== WHOLE_ROW) this.#assign(id, column, this.get(id, column), old);
    else if (old === undefined) this.#delete(id);
    else this.#insert(id, old as unknown[]);
  }

  /** Back to no rows (a value: zeros). Not logged. */
  clear(): void {
    for (const id of [...this.ids()]) this.#delete(id);
    if (this.single)
      this.#insert(
        0,
        this.types.map((type) => type.zero),
      );
  }

  #insert(id: number, row: readonly unknown[]): void {
    if (id >= this.#present.length) this.#grow(id + 1);
    this.#present[id] = 1;
    this.size++;
    if (id >= this.end) this.end = id + 1;
    for (let column = 0; column < row.length; column++) {
      this.#cells[column]![id] = row[column];
      this.#count(1, id, column, row[column]);
      this.#indexes.get(column)?.set(row[column], (this.#indexes.get(column)?.get(row[column]) ?? new Set()).add(id));
    }
  }

  #delete(id: number): void {
    for (let column = 0; column < this.types.length; column++) this.#count(-1, id, column, this.get(id, column));
    for (const [column, index] of this.#indexes) unindex(index, this.get(id, column), id);
    this.#present[id] = 0;
    this.size--;
    while (this.end > 0 && this.#present[this.end - 1] === 0) this.end--;
  }

  #assign(id: number, column: number, old: unknown, value: unknown): void {
    this.#count(-1, id, column, old);
    this.#count(1, id, column, value);
    this.#cells[column]![id] = value;
    const index = this.#indexes.get(column);
    if (!index) return;
    unindex(index, old, id);
    index.set(value, (index.get(value) ?? new Set()).add(id));
  }

  #count(sign: 1 | -1, id: number, column: number, value: unknown): void {
    this.hash = (this.hash + sign * hashOf(this.number, id, column, value, this.types[column]!)) | 0;
  }

  #grow(least: number): void {
    const length = Math.max(16, least, this.#present.length * 2);
    const present = new Uint8Array(length);
    present.set(this.#present);
    this.#present = present;
    this.#cells = this.types.map((type, column) => {
      const make = typed(type);
      const old = this.#cells[column]!;
      if (!make) return old;
      const grown = make(length) as Float64Array;
      grown.set(old as Float64Array);
      return grown;
    });
  }
}

function unindex(index: Map<unknown, Set<number>>, value: unknown, id: number): void {
  const ids = index.get(value);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(value);
}
