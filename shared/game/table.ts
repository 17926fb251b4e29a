/**
 * Rows as columns: one typed array a numeric column, a plain array for the rest. A row's id is its place, so a lookup is
 * an array access and a delta names a cell by (table, id, column). Every write goes through here and is logged first,
 * so that it can be undone and sent.
 */
import type { Table, Value } from "../schema/t.ts";
import type { Wire } from "../schema/wire.ts";
import { ColumnIndex } from "./column-index.ts";
import { hashOf } from "./hash.ts";
import { Ids } from "./ids.ts";
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

  readonly #log: UndoLog;
  readonly #ids = new Ids();
  #cells: Column[];
  /** Of the typed columns. */
  #capacity = 0;
  readonly #indexes: (ColumnIndex | undefined)[];

  constructor(number: number, name: string, declaration: Table<unknown> | Value<unknown>, log: UndoLog) {
    this.number = number;
    this.name = name;
    this.columns = Object.keys(declaration.shape);
    this.types = Object.values(declaration.shape);
    this.single = declaration.kind === "value";
    this.owner = declaration.owner === undefined ? -1 : this.columns.indexOf(declaration.owner);
    this.#log = log;
    this.#cells = this.types.map((type) => typed(type)?.(0) ?? []);
    this.#indexes = this.columns.map((name) =>
      declaration.index.includes(name) || name === declaration.owner ? new ColumnIndex() : undefined,
    );
    if (this.single)
      this.#insert(
        0,
        this.types.map((type) => type.zero),
      );
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  get(id: number, column: number): unknown {
    return this.#cells[column]?.[id];
  }

  row(id: number): unknown[] {
    return this.#cells.map((cells) => cells[id]);
  }

  /** Present ids, ascending. A row added or removed meanwhile is seen or not seen as it then is. */
  ids(): Iterable<number> {
    return this.#ids;
  }

  /** The ids of the rows that hold `value`, ascending, as they are now: safe to write while walking them. */
  where(column: number, value: unknown): readonly number[] {
    const index = this.#indexes[column];
    if (index) return index.ids(value);
    const found: number[] = [];
    for (const id of this.#ids) if (this.#cells[column]?.[id] === value) found.push(id);
    return found;
  }

  /** The lowest id that is free. */
  freeId(): number {
    return this.#ids.free;
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

  /** Replaces all rows: their ids, and each column's values in that order. Not logged. */
  load(ids: readonly number[], columns: readonly (readonly unknown[])[]): void {
    this.#empty();
    ids.forEach((id, index) => {
      this.#insert(
        id,
        columns.map((values) => values[index]),
      );
    });
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

  #empty(): void {
    for (const id of this.#ids) this.#delete(id);
  }

  #insert(id: number, row: readonly unknown[]): void {
    if (id >= this.#capacity) this.#grow(id + 1);
    this.#ids.add(id);
    for (let column = 0; column < row.length; column++) {
      this.#cells[column]![id] = row[column];
      this.#count(1, id, column, row[column]);
      this.#indexes[column]?.add(row[column], id);
    }
  }

  #delete(id: number): void {
    for (let column = 0; column < this.types.length; column++) {
      const value = this.get(id, column);
      this.#count(-1, id, column, value);
      this.#indexes[column]?.delete(value, id);
    }
    this.#ids.delete(id);
  }

  #assign(id: number, column: number, old: unknown, value: unknown): void {
    this.#count(-1, id, column, old);
    this.#count(1, id, column, value);
    this.#cells[column]![id] = value;
    const index = this.#indexes[column];
    index?.delete(old, id);
    index?.add(value, id);
  }

  #count(sign: 1 | -1, id: number, column: number, value: unknown): void {
    this.hash = (this.hash + sign * hashOf(this.number, id, column, value, this.types[column]!)) | 0;
  }

  #grow(least: number): void {
    const length = (this.#capacity = Math.max(16, least, this.#capacity * 2));
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
