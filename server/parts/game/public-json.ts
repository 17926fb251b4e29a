/** A game's state for whoever reads it over HTTP. */
import type { TableData } from "../../../shared/game/table.ts";
import type { GameState } from "../../../shared/game/tables.ts";

/** What everybody may see, as JSON: a table is a list of rows, a value an object, bytes are base64. */
export function publicJson(state: GameState): string {
  const json: Record<string, unknown> = {};
  const row = (table: TableData, id: number): object =>
    Object.fromEntries(table.columns.map((name, column) => [name, table.get(id, column)]));
  for (const table of state.publicTables)
    json[table.name] = table.single ? row(table, 0) : [...table.ids()].map((id) => ({ id, ...row(table, id) }));
  return JSON.stringify(json, (_, value: unknown) => (value instanceof Uint8Array ? btoa(String.fromCharCode(...value)) : value));
}
