/**
 * State as the page reads it: frozen rows with a new identity only when something in them changed, so that `===` tells.
 * Nothing is built until it is read, and a row that was written back to what it was keeps its identity.
 */
import type { GameState, Rows } from "../../shared/game/tables.ts";
import { column } from "../../shared/game/tables.ts";
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
  readonly #rows = new Map<number, Row>();
  readonly #stale = new Set<number>();
  /** What the page holds; undefined once something in it may have changed. */
  #current: unknown;

  constructor(table: TableData, shown: Shown) {
    this.name = table.name;
    this.#table = table;
    this.#shown = shown;
  }

  touch(id: number): void {
    this.#stale.add(id);
    this.#current = undefined;
  }

  touchAll(): void {
    for (const id of this.#rows.keys()) this.#stale.add(id);
    this.#current = undefined;
  }

  get current(): unknown {
    return (this.#current ??= this.#table.single ? this.#row(0) : this.#list());
  }

  #list(): Rows<Row, Record<string, unknown>> {
    const table = this.#table;
    const row = (id: number): Row => this.#row(id)!;
    return Object.freeze({
      get size() {
        return table.size;
      },
      get: (id: number) => this.#row(id),
      where: (name: string, value: unknown) => table.where(column(table, name), value).map(row),
      *[Symbol.iterator]() {
        for (const id of table.ids()) yield row(id);
      },
    });
  }

  #row(id: number): Row | undefined {
    if (!this.#table.has(id)) {
      this.#rows.delete(id);
      return undefined;
    }
    const cached = this.#rows.get(id);
    if (cached && !this.#stale.has(id)) return cached;
    this.#stale.delete(id);
    const built: Record<string, unknown> = this.#table.single ? {} : { id };
    this.#table.columns.forEach((name, index) => {
      built[name] = this.#shown(this.#table.number, id, index, this.#table.get(id, index));
    });
    if (cached && this.#table.columns.every((name) => Object.is(cached[name], built[name]))) return cached;
    const row = Object.freeze(built) as Row;
    this.#rows.set(id, row);
    return row;
  }
}
