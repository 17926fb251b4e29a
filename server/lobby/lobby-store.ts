/**
 * What of a lobby outlives its memory: the entries, and which rooms a user has made. One row of SQLite each, without an
 * index beside it, since the platform bills rows.
 */
import type { ListingStore } from "./listing.ts";
import type { Summary } from "./summary.ts";

/** A room that was promised to a user and never made no longer counts after this, in ms. */
const CLAIM_MS = 60_000;
/** Of a claim on a room that exists. */
const FOR_EVER = 0;

export class LobbyStore implements ListingStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS rooms (id TEXT PRIMARY KEY, until INTEGER, summary TEXT) WITHOUT ROWID");
    sql.exec("CREATE TABLE IF NOT EXISTS made (user TEXT, room TEXT, until INTEGER, PRIMARY KEY (user, room)) WITHOUT ROWID");
  }

  *all(): Generator<{ summary: Summary; until: number }> {
    for (const { summary, until } of this.#sql.exec<{ summary: string; until: number }>("SELECT summary, until FROM rooms"))
      yield { summary: JSON.parse(summary) as Summary, until };
  }

  keep(summary: Summary, until: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?)", summary.id, until, JSON.stringify(summary));
  }

  drop(id: string): void {
    this.#sql.exec("DELETE FROM rooms WHERE id = ?", id);
  }

  /** Promises `user` the room, unless they have `most` others. */
  claim(user: string, room: string, most: number, now: number): boolean {
    this.#sql.exec("DELETE FROM made WHERE user = ? AND until <> ? AND until <= ?", user, FOR_EVER, now);
    const { others } = this.#sql
      .exec<{ others: number }>("SELECT count(*) AS others FROM made WHERE user = ? AND room <> ?", user, room)
      .one();
    if (others >= most) return false;
    this.#sql.exec("INSERT OR IGNORE INTO made VALUES (?, ?, ?)", user, room, now + CLAIM_MS);
    return true;
  }

  /** The room was made, by whoever it was promised to last, or is there no longer. */
  counted(room: string, exists: boolean): void {
    if (exists) this.#sql.exec("UPDATE made SET until = ? WHERE room = ?", FOR_EVER, room);
    else this.#sql.exec("DELETE FROM made WHERE room = ?", room);
  }
}
