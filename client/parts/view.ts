/**
 * State as the page reads it: frozen rows with a new identity only when something in them changed, so that `===` tells.
 * Nothing is built until it is read, and a row that was written back to what it was keeps its identity.
 */
import type { GameState, SeenRows } from "../../shared/game/tables.ts";
import { column, own } from "../../shared/game/tables.ts";
import type { TableData } from "../../shared/game/table.ts";

type Row = Readonly<Record<string, unknown>> & { readonly id: number };

/** The value of a cell as shown, given the one in the table. */
export type Shown = (table: number, id: number, column: number, value: unknown) => unknown;

export class StateView {
  /** What `room.state` is: a getter per table and value. */
  readonly view: unknown;
  readonly #tables: TableView[];

  constructor(state: GameState, shown: Shown = (_table, _id, _column, value) => value) {
    this.#tables = state.tables.map((table) => new TableView(table, shown));
    const view = {};
    for (const table of this.#tables) Object.defineProperty(view, table.name, { enumerable: true, get: () => table.current });
    this.view = Object.freeze(view);
  }

  /** A row may have changed. */
  touch(table: number, id: number): void {
    this.#tables[table]?.touch(id);
  }

  /** Any row of this table may have changed. */
  touchTable(table: number): void {
    this.#tables[table]?.touchAll();
  }

  /** Anything may have changed. */
  touchAll(): void {
    for (const table of this.#tables) table.touchAll();
  }
}

class TableView {
  readonly name: string;
  readonly #table: TableData;
  readonly #shown: Shown;
  /** By id: rows that were read, and whether something in them may have changed since. */
  readonly #rows: ({ row: Row; stale: boolean } | undefined)[] = [];
  /** Columns that were asked for, and the rows in which they may have changed since; undefined: in any. */
  readonly #columns = new Map<number, { values: Float64Array; stale: Set<number> | undefined }>();
  /** What the page holds; undefined once something in it may have changed. */
  #current: unknown;

  constructor(table: TableData, shown: Shown) {
    this.name = table.name;
    this.#table = table;
    this.#shown = shown;
  }

  touch(id: number): void {
    const known = this.#rows[id];
    if (known) known.stale = true;
    for (const { stale } of this.#columns.values()) stale?.add(id);
    this.#current = undefined;
  }

  touchAll(): void {
    this.#rows.forEach((known) => known && (known.stale = true));
    for (const known of this.#columns.values()) known.stale = undefined;
    this.#current = undefined;
  }

  get current(): unknown {
    return (this.#current ??= this.#table.single ? this.#row(0) : this.#list());
  }

  #list(): SeenRows<Record<string, unknown>> {
    const table = this.#table;
    const row = (id: number): Row => this.#row(id)!;
    return Object.freeze({
      get size() {
        return table.size;
      },
      get: (id: number) => this.#row(id),
      column: (name: string) => this.#column(column(table, name)),
      where: (name: string, value: unknown) => table.where(column(table, name), value).map(row),
      *[Symbol.iterator]() {
        for (const id of table.ids()) yield row(id);
      },
    });
  }

  #column(col: number): Float64Array {
    const table = this.#table;
    const known = this.#columns.get(col) ?? { values: new Float64Array(), stale: undefined };
    this.#columns.set(col, known);
    if (!known.stale) known.values.fill(NaN);
    for (const id of known.stale ?? table.ids()) {
      if (id >= known.values.length) {
        const grown = new Float64Array(Math.max(64, 2 * id)).fill(NaN);
        grown.set(known.values);
        known.values = grown;
      }
      known.values[id] = table.has(id) ? Number(this.#shown(table.number, id, col, table.get(id, col))) : NaN;
    }
    known.stale = new Set();
    return known.values;
  }

  #row(id: number): Row | undefined {
    if (!this.#table.has(id)) {
      if (this.#rows[id]) this.#rows[id] = undefined;
      return undefined;
    }
    const known = this.#rows[id];
    if (known && !known.stale) return known.row;
    const { columns, types, number, single } = this.#table;
    const built: Record<string, unknown> = single ? {} : { id };
    let same = known !== undefined;
    for (let column = 0; column < columns.length; column++) {
      const name = columns[column]!;
      const value = (built[name] = own(types[column]!, this.#shown(number, id, column, this.#table.get(id, column))));
      same &&= Object.is(known!.row[name], value);
    }
    if (known && same) {
      known.stale = false;
      return known.row;
    }
    const row = Object.freeze(built) as Row;
    this.#rows[id] = { row, stale: false };
    return row;
  }
}
