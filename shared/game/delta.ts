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
import { encode } from "../protocol/frame.ts";
import { MAX_ROW_ID } from "../schema/scalars.ts";
import { WHOLE_ROW, type TableData } from "./table.ts";
import type { GameState } from "./tables.ts";
import type { Write } from "./undo-log.ts";

/** A mask is a 31-bit number: more columns would not fit one varint read as a small integer. */
export const MAX_COLUMNS = 31;

/** What was written of one row. */
interface Change {
  /** A bit per column; all ones for a row that came or went. */
  mask: number;
  /** Whose it was before, 0 in a public table; NONE: it was not there; undefined: it was there, and whose it is now. */
  before: number | undefined;
}
const NONE = -1;

const ownerOf = (table: TableData, row: readonly unknown[]): number => (table.owner === -1 ? 0 : (row[table.owner] as number));

/** What a delta says of one table. */
interface Section {
  readonly table: TableData;
  readonly gone: number[];
  readonly rows: [id: number, mask: number][];
}

/** Writes the cells of these tables named by `writes`, with the values they have now. False: nothing is left to say. */
export function writeDelta(
  to: Encoder,
  state: GameState,
  writes: readonly Write[],
  tables: readonly TableData[] = state.publicTables,
): boolean {
  const sections: Section[] = [];
  for (const [table, changes] of changesOf(state, writes, tables)) {
    const section: Section = { table, gone: [], rows: [] };
    for (const [id, { mask, before }] of changes)
      if (table.has(id)) section.rows.push([id, mask]);
      else if (before !== NONE) section.gone.push(id); // a row that came and went within is nobody's business
    if (section.gone.length > 0 || section.rows.length > 0) sections.push(section);
  }
  writeSections(to, sections);
  return sections.length > 0;
}

/** What `writes` mean for each user whose private rows they touch: a row that comes into its hands is new to it. */
export function privateDeltas(state: GameState, writes: readonly Write[]): Map<number, Uint8Array> {
  const byUser = new Map<number, Section[]>();
  for (const [table, changes] of changesOf(state, writes, state.privateTables)) {
    const sections = new Map<number, Section>();
    const of = (user: number): Section => {
      const section = sections.get(user) ?? { table, gone: [], rows: [] };
      sections.set(user, section);
      return section;
    };
    for (const [id, { mask, before: known }] of changes) {
      const now = table.has(id) ? (table.get(id, table.owner) as number) : NONE;
      const before = known ?? now;
      if (before !== now && before > 0) of(before).gone.push(id);
      if (now > 0) of(now).rows.push([id, before === now ? mask : whole(table)]);
    }
    for (const [user, section] of sections) byUser.set(user, [...(byUser.get(user) ?? []), section]);
  }
  return new Map([...byUser].map(([user, sections]) => [user, encode((to) => writeSections(to, sections))]));
}

/** All private rows of one user, as a delta. */
export function privateRows(state: GameState, user: number): Uint8Array {
  const sections = state.privateTables.map((table) => ({
    table,
    gone: [],
    rows: user === 0 ? [] : table.where(table.owner, user).map((id): [number, number] => [id, whole(table)]),
  }));
  return encode((to) =>
    writeSections(
      to,
      sections.filter(({ rows }) => rows.length > 0),
    ),
  );
}

/** Per table, ascending: per row, ascending: what was written. */
function changesOf(
  state: GameState,
  writes: readonly Write[],
  tables: readonly TableData[],
): [TableData, [id: number, change: Change][]][] {
  const byTable = new Map<TableData, Map<number, Change>>(tables.map((table) => [table, new Map()]));
  for (const { table: number, id, column, old } of writes) {
    const table = state.tables[number]!;
    const changes = byTable.get(table);
    if (!changes) continue;
    let change = changes.get(id);
    if (!change) changes.set(id, (change = { mask: 0, before: undefined }));
    // The first write that shows it says whose the row was.
    if (column === WHOLE_ROW) change.before ??= old === undefined ? NONE : ownerOf(table, old as unknown[]);
    else if (column === table.owner) change.before ??= old as number;
    change.mask |= column === WHOLE_ROW ? whole(table) : 1 << column;
  }
  return [...byTable]
    .filter(([, changes]) => changes.size > 0)
    .map(([table, changes]) => [table, [...changes].sort(([a], [b]) => a - b)]);
}
function writeSections(to: Encoder, sections: readonly Section[]): void {
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
