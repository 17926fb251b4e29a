/**
 * The journal of a room, read from its file while no process has it: a copy, since SQLite writes to what it opens. It
 * goes past all code of the room's storage, so that a mistake there is seen and not shared.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as decoding from "lib0/decoding";
import { readEntry, type Input } from "../../server/parts/game/inputs.ts";
import type { Answer } from "../../shared/protocol/action.ts";

export interface Row {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export interface JournalFile {
  /** Rows from the `seq` asked for, ascending. */
  readonly rows: readonly Row[];
  /** Of all rows that are there. */
  readonly lowest: number;
  readonly highest: number;
  readonly count: number;
  /** The newest row that is in the snapshot; undefined: there is none. */
  readonly snapshot: number | undefined;
}

/** The game's section in rows. */
const GAME_SECTION = 2;

/** Undefined: the room has not been stored. `folder`: that of a class with one room. */
export function readJournal(folder: string, from: number): JournalFile | undefined {
  if (!existsSync(folder)) return undefined;
  const file = readdirSync(folder).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  if (file === undefined) return undefined;
  const copies = mkdtempSync(join(tmpdir(), "coterie-journal-"));
  try {
    for (const name of readdirSync(folder)) if (name.startsWith(file)) cpSync(join(folder, name), join(copies, name));
    const database = new DatabaseSync(join(copies, file));
    try {
      return readTables(database, from);
    } finally {
      database.close();
    }
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
}

function readTables(database: DatabaseSync, from: number): JournalFile | undefined {
  const one = (sql: string): Record<string, unknown> => database.prepare(sql).get() ?? {};
  if (one("SELECT count(*) AS made FROM sqlite_schema WHERE name = 'journal'")["made"] === 0) return undefined;
  const { lowest, highest, count } = one("SELECT min(seq) AS lowest, max(seq) AS highest, count(*) AS count FROM journal");
  const { snapshot } = one("SELECT max(cut) AS snapshot FROM snapshot");
  const rows = database.prepare("SELECT seq, bytes FROM journal WHERE seq >= ? ORDER BY seq").all(from);
  return {
    rows: rows.map(({ seq, bytes }) => ({ seq: Number(seq), bytes: bytes as Uint8Array })),
    lowest: Number(lowest ?? 0),
    highest: Number(highest ?? 0),
    count: Number(count),
    snapshot: snapshot === null ? undefined : Number(snapshot),
  };
}

/** The game's inputs in a row, in order, with their answers. */
export function* inputsOf({ bytes }: Row): Generator<{ input: Input; answer: Answer }> {
  const from = decoding.createDecoder(bytes);
  while (decoding.hasContent(from)) {
    const number = decoding.readVarUint(from);
    const section = decoding.createDecoder(decoding.readVarUint8Array(from));
    if (number !== GAME_SECTION) continue;
    decoding.readVarUint8Array(section); // the public changes
    while (decoding.hasContent(section)) {
      const entry = readEntry(section);
      if (entry.kind === "input") yield entry;
    }
  }
}
