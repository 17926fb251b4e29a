/**
 * The tables of a room, as steps that only go forward: a room at step n runs those after n, in one transaction, before
 * anything else. Keys are integers and there is no index, since each written row and index entry is billed.
 */
import { cut, readSections } from "./pieces.ts";

/** All of them, for a room that is deleted. */
export const TABLES: readonly string[] = [
  "birth",
  "snapshot",
  "piece",
  "journal",
  "overflow",
  "version",
  "version_piece",
  "quarantine",
];

type Sql = Pick<SqlStorage, "exec">;

export const MIGRATIONS: readonly ((sql: Sql) => void)[] = [
  (sql) => {
    sql.exec(`CREATE TABLE birth (id INTEGER PRIMARY KEY, json TEXT NOT NULL, params BLOB NOT NULL);
              CREATE TABLE snapshot (chunk INTEGER PRIMARY KEY, seq INTEGER NOT NULL, bytes BLOB NOT NULL);
              CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, bytes BLOB NOT NULL);`);
  },
  // Snapshots in pieces, so that one can be written in slices beside the one that counts; rows of any length.
  (sql) => {
    const chunks = sql.exec<{ seq: number; bytes: ArrayBuffer }>("SELECT seq, bytes FROM snapshot ORDER BY chunk").toArray();
    sql.exec(`DROP TABLE snapshot;
              CREATE TABLE snapshot (id INTEGER PRIMARY KEY, cut INTEGER NOT NULL);
              CREATE TABLE piece (cut INTEGER, number INTEGER, section INTEGER NOT NULL, bytes BLOB NOT NULL,
                                  PRIMARY KEY (cut, number)) WITHOUT ROWID;
              CREATE TABLE overflow (seq INTEGER, number INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (seq, number)) WITHOUT ROWID;`);
    const [first] = chunks;
    if (!first) return;
    const whole = new Uint8Array(chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
    let offset = 0;
    for (const { bytes } of chunks) {
      whole.set(new Uint8Array(bytes), offset);
      offset += bytes.byteLength;
    }
    sql.exec("INSERT INTO snapshot VALUES (1, ?)", first.seq);
    for (const [number, { section, bytes }] of cut(readSections(whole)).entries())
      sql.exec("INSERT INTO piece VALUES (?, ?, ?, ?)", first.seq, number, section, bytes);
    const row = sql.exec<{ json: string }>("SELECT json FROM birth").one();
    sql.exec("UPDATE birth SET json = ?", JSON.stringify({ ...(JSON.parse(row.json) as object), format: 2 }));
  },
  // The document as it once was.
  (sql) => {
    sql.exec(`CREATE TABLE version (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, name TEXT, by TEXT NOT NULL,
                                    bytes INTEGER NOT NULL);
              CREATE TABLE quarantine (seq INTEGER, number INTEGER, at INTEGER NOT NULL, bytes BLOB NOT NULL, reason TEXT NOT NULL,
                                       PRIMARY KEY (seq, number)) WITHOUT ROWID;
              CREATE TABLE version_piece (id INTEGER, number INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (id, number)) WITHOUT ROWID;`);
  },
];
