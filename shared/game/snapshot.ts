/**
 * The whole state, or some tables of it, as bytes: column by column, rows in ascending order. Canonical: equal states have
 * equal bytes, however they came about, so two peers agree exactly when their snapshots do.
 *
 *     snapshot := { varUint(rows) id* { value per row }* per column }* per table, in the order of declaration
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { readId, writeId } from "./delta.ts";
import type { TableData } from "./table.ts";
import type { GameState } from "./tables.ts";

export function writeSnapshot(to: Encoder, state: GameState, tables: readonly TableData[] = state.tables): void {
  for (const table of tables) {
    const ids = [...table.ids()];
    encoding.writeVarUint(to, ids.length);
    let last = -1;
    for (const id of ids) last = writeId(to, id, last);
    for (let column = 0; column < table.types.length; column++) {
      const type = table.types[column]!;
      for (const id of ids) type.write(to, table.get(id, column));
    }
  }
}

/**
 * Replaces all that is in these tables, and forgets the log; and of `twin`, a state of the same game, which is given the same
 * values without their being read again. Throws on bytes that are no snapshot of them.
 */
export function readSnapshot(
  from: Decoder,
  state: GameState,
  tables: readonly TableData[] = state.tables,
  twin?: GameState,
): void {
  for (const table of tables) {
    const ids: number[] = [];
    let last = -1;
    for (let left = decoding.readVarUint(from); left > 0; left--) ids.push((last = readId(from, last)));
    if (table.single && (ids.length !== 1 || ids[0] !== 0))
      throw new RangeError(`snapshot holds ${ids.length} rows of ${table.name}, which is one record`);
    const columns = table.types.map((type) => ids.map(() => type.read(from)));
    table.load(ids, columns);
    twin?.tables[table.number]!.load(ids, columns);
  }
  state.log.clear();
  twin?.log.clear();
}
