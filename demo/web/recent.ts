/** The tables this device has sat at, newest first. */
import type { PuzzleParams } from "../puzzle/grid.ts";
import { read, write } from "./storage.ts";

export interface RecentTable {
  readonly id: string;
  readonly params: PuzzleParams;
  /** Pieces that hold to another, of all. */
  readonly joined: number;
  /** ms since 1970 */
  readonly at: number;
}

const KEY = "coterie-tables";
const KEEP = 6;

const isRecent = (value: unknown): value is RecentTable =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  "params" in value &&
  "joined" in value &&
  "at" in value &&
  typeof value.id === "string";

export function recentTables(): RecentTable[] {
  const kept = read(KEY);
  return Array.isArray(kept) ? kept.filter(isRecent) : [];
}

export function rememberTable(table: RecentTable): void {
  write(KEY, [table, ...recentTables().filter(({ id }) => id !== table.id)].slice(0, KEEP));
}

export function forgetTable(id: string): void {
  write(
    KEY,
    recentTables().filter((table) => table.id !== id),
  );
}
