/**
 * The tables of a room, as steps that only go forward: a room at step n runs those after n, in one transaction, before
 * anything else. `INTEGER PRIMARY KEY` and no index, since each written row and index entry is billed.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE birth (id INTEGER PRIMARY KEY, json TEXT NOT NULL, params BLOB NOT NULL);
   CREATE TABLE snapshot (chunk INTEGER PRIMARY KEY, seq INTEGER NOT NULL, bytes BLOB NOT NULL);
   CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, bytes BLOB NOT NULL);`,
];
