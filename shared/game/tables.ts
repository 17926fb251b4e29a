/** All tables of one game, the log of their writes, and the live draft that actions see. */
import { WireError, describe } from "../schema/wire.ts";
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
  readonly [K in keyof S]: S[K] extends Table<infer R>
    ? Rows<Readonly<R> & { readonly id: number }, R>
    : S[K] extends Value<infer V>
      ? Readonly<V>
      : never;
};

/** The state of one game in memory. */
export class GameState<S extends Tables = Tables> {
  readonly log: UndoLog = new UndoLog();
  readonly tables: readonly TableData[];
  readonly draft: Draft<S>;

  constructor(declaration: S) {
    this.tables = Object.entries(declaration).map(([name, table], number) => new TableData(number, name, table, this.log));
    const draft: Record<string, unknown> = {};
    for (const table of this.tables) draft[table.name] = table.single ? new (rowClass(table))(0) : editRows(table);
    this.draft = Object.freeze(draft) as Draft<S>;
  }

  table(name: string): TableData {
    const table = this.tables.find((each) => each.name === name);
    if (!table) throw new RangeError(`no table ${describe(name)}; there are ${this.tables.map((each) => each.name).join(", ")}`);
    return table;
  }

  /** Takes back every write above `mark`. */
  rollback(mark: number): void {
    for (const { table, id, column, old } of this.log.takeBack(mark)) this.tables[table]!.undo(id, column, old);
  }
}

type LiveRow = Fields<Shape> & { readonly id: number };

/** A class whose instances look like rows: a getter and a checking setter per column, shared by all rows. */
function rowClass(table: TableData): new (id: number) => LiveRow {
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
        return table.get(this.id, column);
      },
      set(this: Row, value: unknown) {
        if (!table.has(this.id)) throw new RangeError(`${table.name}: row ${this.id} is gone, so ${name} cannot be set`);
        table.set(this.id, column, type.check(value, [table.name, String(this.id), name]));
      },
    });
  });
  return Row;
}

function editRows(table: TableData): EditRows<Record<string, unknown>> {
  const Row = rowClass(table);
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
      table.insert(
        id,
        table.columns.map((name, index) => table.types[index]!.check(row[name], [table.name, String(id), name])),
      );
      return live(id);
    },
    delete(id) {
      if (!table.has(id)) return false;
      table.delete(id);
      return true;
    },
  };
}

/** The number of a table's column. */
export function column(table: TableData, name: string): number {
  const index = table.columns.indexOf(name);
  if (index === -1) throw new RangeError(`${table.name} has no column ${describe(name)}; it has ${table.columns.join(", ")}`);
  return index;
}
