/** All tables of one game, the log of their writes, and the live draft that actions see. */
import { WireError, describe, type Wire } from "../schema/wire.ts";
import type { Fields, Shape } from "../schema/compose.ts";
import type { Table, Value } from "../schema/t.ts";
import { MAX_ROW_ID } from "../schema/scalars.ts";
import { TableData } from "./table.ts";
import { UndoLog } from "./undo-log.ts";

/** A game's declared state: name → table or value. */
// oxlint-disable-next-line typescript/no-explicit-any -- variance, not a hole: `Draft` and `View` recover each row's type
export type Tables = Record<string, Table<any> | Value<any>>;

/** Reads of a table. Rows come in ascending order of id. */
export interface Rows<Row, R> extends Iterable<Row> {
  readonly size: number;
  get(id: number): Row | undefined;
  /** The rows whose column `k` holds `v`; without a scan where the column is indexed. */
  where<K extends keyof R>(k: K, v: R[K]): Iterable<Row>;
}

/** Reads of a table that is shown. */
export interface SeenRows<R> extends Rows<Readonly<R> & { readonly id: number }, R> {
  /**
   * One column for what draws thousands of rows a frame without looking at each: its numbers by row id, NaN where there is no
   * row. Longer than the table where ids are free. The same array every time it is asked for, until it must grow; what changed is filled in then: ask
   * again in each frame.
   */
  column(k: NumbersOf<R>): Readonly<Float64Array>;
}
type NumbersOf<R> = { [K in keyof R]: R[K] extends number ? K : never }[keyof R];

/** Reads and writes of a table, inside an action. Rows are live: assigning to a field writes the cell. */
export interface EditRows<R> extends Rows<R & { readonly id: number }, R> {
  /** Throws when the id is taken, or is not an integer from 0 to 1,048,575. */
  add(id: number, row: R): R & { readonly id: number };
  /** False when there was no such row. */
  delete(id: number): boolean;
  /** The lowest id that is free. */
  freeId(): number;
}

/** State as actions see it: live rows. */
export type Draft<S> = {
  readonly [K in keyof S]: S[K] extends Table<infer R> ? EditRows<R> : S[K] extends Value<infer V> ? V : never;
};

/** State as the browser shows it: frozen rows, with a new identity only when something in them changed. */
export type View<S> = {
  readonly [K in keyof S]: S[K] extends Table<infer R> ? SeenRows<R> : S[K] extends Value<infer V> ? Readonly<V> : never;
};

/** How a draft reads and writes. */
export interface Cells {
  get(table: TableData, id: number, column: number): unknown;
  set(table: TableData, id: number, column: number, value: unknown): void;
  add(table: TableData, id: number, row: readonly unknown[]): void;
  delete(table: TableData, id: number): void;
}

/** To the tables themselves. */
const STORED: Cells = {
  get: (table, id, column) => table.get(id, column),
  set: (table, id, column, value) => table.set(id, column, value),
  add: (table, id, row) => table.insert(id, row),
  delete: (table, id) => table.delete(id),
};

/** The state of one game in memory. */
export class GameState<S extends Tables = Tables> {
  readonly log: UndoLog = new UndoLog();
  readonly tables: readonly TableData[];
  /** The tables that everybody sees. */
  readonly publicTables: readonly TableData[];
  /** And those of which each sees only its own rows. */
  readonly privateTables: readonly TableData[];
  readonly draft: Draft<S>;
  /** For what a browser runs too, which has no secrets: naming a private table throws. */
  readonly publicDraft: Draft<S>;

  constructor(declaration: S) {
    this.tables = Object.entries(declaration).map(([name, table], number) => new TableData(number, name, table, this.log));
    this.publicTables = this.tables.filter(({ owner }) => owner === -1);
    this.privateTables = this.tables.filter(({ owner }) => owner !== -1);
    this.draft = this.makeDraft(STORED);
    this.publicDraft = this.makeDraft(STORED, true);
  }

  /** State as a rule sees it that reads and writes cells this way. */
  makeDraft(cells: Cells, noSecrets = false): Draft<S> {
    const draft: Record<string, unknown> = {};
    for (const table of this.tables) {
      const rows = table.single ? new (rowClass(table, cells))(0) : editRows(table, cells);
      const get = (): unknown => {
        if (noSecrets && table.owner !== -1)
          throw new RangeError(`${table.name} is private: an action that uses it is declared with predict: false`);
        return rows;
      };
      Object.defineProperty(draft, table.name, { enumerable: true, get });
    }
    return Object.freeze(draft) as Draft<S>;
  }

  /** The sum over everything that everybody sees, 32 bits. */
  get hash(): number {
    let sum = 0;
    for (const { hash } of this.publicTables) sum = (sum + hash) | 0;
    return sum >>> 0;
  }

  table(name: string): TableData {
    const table = this.tables.find((each) => each.name === name);
    if (!table) throw new RangeError(`no table ${describe(name)}; there are ${this.tables.map((each) => each.name).join(", ")}`);
    return table;
  }

  /** Takes back every write above `mark`. */
  rollback(mark: number): void {
    if (this.log.length === mark) return; // as after every look at who may move what
    for (const { table, id, column, old } of this.log.takeBack(mark)) this.tables[table]!.undo(id, column, old);
  }
}

type LiveRow = Fields<Shape> & { readonly id: number };

/** A class whose instances look like rows: a getter and a checking setter per column, shared by all rows. */
function rowClass(table: TableData, cells: Cells): new (id: number) => LiveRow {
  class Row {
    readonly id: number; // a plain field: a row object is made for every value of a stream
    constructor(id: number) {
      this.id = id;
    }
  }
  table.columns.forEach((name, column) => {
    const type = table.types[column]!;
    Object.defineProperty(Row.prototype, name, {
      enumerable: true,
      get(this: Row) {
        return own(type, cells.get(table, this.id, column));
      },
      set(this: Row, value: unknown) {
        if (!table.has(this.id)) throw new RangeError(`${table.name}: row ${this.id} is gone, so ${name} cannot be set`);
        cells.set(table, this.id, column, type.check(value, [table.name, String(this.id), name]));
      },
    });
  });
  return Row;
}

function editRows(table: TableData, cells: Cells): EditRows<Record<string, unknown>> {
  const Row = rowClass(table, cells);
  const live = (id: number): LiveRow => new Row(id);
  return {
    get size() {
      return table.size;
    },
    get: (id) => (table.has(id) ? live(id) : undefined),
    where: (name, value) => table.where(column(table, name), value).map(live),
    *[Symbol.iterator]() {
      for (const id of table.ids()) yield live(id);
    },
    freeId: () => table.freeId(),
    add(id, row) {
      if (!Number.isInteger(id) || id < 0 || id > MAX_ROW_ID)
        throw new WireError({ path: [table.name, "id"], received: describe(id), expected: `an integer from 0 to ${MAX_ROW_ID}` });
      if (table.has(id)) throw new RangeError(`${table.name}: row ${id} is there already`);
      const values = table.columns.map((name, index) => table.types[index]!.check(row[name], [table.name, String(id), name]));
      cells.add(table, id, values);
      return live(id);
    },
    delete(id) {
      if (!table.has(id)) return false;
      cells.delete(table, id);
      return true;
    },
  };
}

/** A state to be read: rows are objects of their own, which may be spread. */
export function plainView(state: GameState): unknown {
  const view: Record<string, unknown> = {};
  for (const table of state.tables) {
    const plain = (id: number): Readonly<Record<string, unknown>> =>
      Object.freeze({
        id,
        ...Object.fromEntries(table.columns.map((name, index) => [name, own(table.types[index]!, table.get(id, index))])),
      });
    const rows: Rows<unknown, Record<string, unknown>> = {
      size: table.size,
      get: (id) => (table.has(id) ? plain(id) : undefined),
      where: (name, value) => table.where(column(table, name), value).map(plain),
      *[Symbol.iterator]() {
        for (const id of table.ids()) yield plain(id);
      },
    };
    view[table.name] = table.single ? plain(0) : rows;
  }
  return view;
}

/** Bytes are handed out as copies: changed in place, a cell would change without a trace. Whatever else is in one is frozen. */
export const own = (type: Wire<unknown>, value: unknown): unknown => (type.wire.includes("bytes(") ? type.check(value) : value);

/** The number of a table's column. */
export function column(table: TableData, name: string): number {
  const index = table.columns.indexOf(name);
  if (index === -1) throw new RangeError(`${table.name} has no column ${describe(name)}; it has ${table.columns.join(", ")}`);
  return index;
}
