/**
 * What changed, as bytes: per table the rows that went, then the cells that hold something new. Only final values count,
 * so ten moves of one row cost one; rows are in ascending order, so the same change always has the same bytes.
 *
 *     delta := varUint(tables) { varUint(table) ids(gone) varUint(rows) { id varUint(mask) value* }* }*
 *     ids   := varUint(count) id*          id := varUint(difference to the id before, the first to −1)
 *     mask  := bit per column; all ones for a row that is new
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { MAX_ROW_ID } from "../schema/scalars.ts";
import { WHOLE_ROW, type TableData } from "./table.ts";
import type { GameState } from "./tables.ts";
import type { Write } from "./undo-log.ts";

/** A mask is a 31-bit number: more columns would not fit one varint read as a small integer. */
export const MAX_COLUMNS = 31;

/** Row id → mask of columns written; a row that came or went has the whole mask. */
type Touched = Map<number, number>;

/** Writes the cells named by `writes`, with the values they have now. Returns false when nothing of it is left to say. */
export function writeDelta(to: Encoder, state: GameState, writes: readonly Write[]): boolean {
  const byTable = new Map<number, { touched: Touched; before: Map<number, boolean> }>();
  for (const { table, id, column, old } of writes) {
    let entry = byTable.get(table);
    if (!entry) byTable.set(table, (entry = { touched: new Map(), before: new Map() }));
    if (column === WHOLE_ROW && !entry.before.has(id)) entry.before.set(id, old !== undefined);
    const mask = column === WHOLE_ROW ? whole(state.tables[table]!) : 1 << column;
    entry.touched.set(id, (entry.touched.get(id) ?? 0) | mask);
  }
  const sections: { table: TableData; gone: number[]; rows: [number, number][] }[] = [];
  for (const [number, { touched, before }] of [...byTable].sort(([a], [b]) => a - b)) {
    const table = state.tables[number]!;
    const gone: number[] = [];
    const rows: [number, number][] = [];
    for (const [id, mask] of [...touched].sort(([a], [b]) => a - b)) {
      if (table.has(id)) rows.push([id, mask]);
      else if (before.get(id) === true) gone.push(id); // a row that came and went within is nobody's business
    }
    if (gone.length > 0 || rows.length > 0) sections.push({ table, gone, rows });
  }
  encoding.writeVarUint(to, sections.length);
  for (const { table, gone, rows } of sections) {
    encoding.writeVarUint(to, table.number);
    encoding.writeVarUint(to, gone.length);
    let last = -1;
    for (const id of gone) last = writeId(to, id, last);
    encoding.writeVarUint(to, rows.length);
    last = -1;
    for (const [id, mask] of rows) {
      last = writeId(to, id, last);
      encoding.writeVarUint(to, mask);
      for (let column = 0; column < table.types.length; column++)
        if (mask & (1 << column)) table.types[column]!.write(to, table.get(id, column));
    }
  }
  return sections.length > 0;
}

/** Applies a delta and tells each row it touched. Throws on bytes that are no delta of this game. */
export function applyDelta(from: Decoder, state: GameState, touched: (table: number, id: number) => void = () => {}): void {
  const sections = decoding.readVarUint(from);
  for (let section = 0; section < sections; section++) {
    const table = state.tables[decoding.readVarUint(from)];
    if (!table) throw new RangeError("delta names a table this game does not have");
    let last = -1;
    for (let left = decoding.readVarUint(from); left > 0; left--) {
      last = readId(from, last);
      if (!table.has(last) || table.single)
        throw new RangeError(`delta deletes row ${last} of ${table.name}, which is not there`);
      table.delete(last);
      touched(table.number, last);
    }
    last = -1;
    for (let left = decoding.readVarUint(from); left > 0; left--) {
      last = readId(from, last);
      applyRow(from, table, last);
      touched(table.number, last);
    }
  }
}

function applyRow(from: Decoder, table: TableData, id: number): void {
  const mask = decoding.readVarUint(from);
  if (!(mask <= whole(table))) throw new RangeError(`delta names columns that ${table.name} does not have`);
  if (mask === whole(table) && !table.has(id) && !table.single) {
    table.insert(
      id,
      table.types.map((type) => type.read(from)),
    );
    return;
  }
  if (!table.has(id)) throw new RangeError(`delta writes row ${id} of ${table.name}, which is not there`);
  for (let column = 0; column < table.types.length; column++)
    if (mask & (1 << column)) table.set(id, column, table.types[column]!.read(from));
}

const whole = (table: TableData): number => 2 ** table.types.length - 1;

/** Writes an id as its distance from the one before; returns it. */
export function writeId(to: Encoder, id: number, last: number): number {
  encoding.writeVarUint(to, id - last - 1);
  return id;
}

export function readId(from: Decoder, last: number): number {
  const id = last + 1 + decoding.readVarUint(from);
  if (!(id <= MAX_ROW_ID)) throw new RangeError(`row id ${id} is above ${MAX_ROW_ID}`); // NaN neither
  return id;
}
