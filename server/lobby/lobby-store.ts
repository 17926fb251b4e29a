/**
 * What of a lobby outlives its memory: the entries, a row of SQLite each without an index beside it, since the platform bills
 * rows; and which rooms a user has made, where that is limited. Entries are written together, at once and then at most four times a second:
 * what a crash takes of them heals as a lost report does, and a match need not wait for the disk.
 */
import { CoolDown } from "./cool-down.ts";
import type { ListingStore } from "./listing.ts";
import type { Summary } from "./summary.ts";

/** A room that was promised to a user and never made no longer counts after this, in ms. */
const CLAIM_MS = 60_000;
/** The least time between two writes of entries, in ms. */
const WRITE_MS = 250;
/** Of a claim on a room that exists. */
const FOR_EVER = 0;

export class LobbyStore implements ListingStore {
  readonly #sql: SqlStorage;
  readonly #writing: CoolDown;
  /** Entries that are not written yet; undefined: to be removed. */
  readonly #unwritten = new Map<string, { summary: Summary; until: number } | undefined>();

  constructor(sql: SqlStorage, after: (ms: number, run: () => void) => void) {
    this.#sql = sql;
    this.#writing = new CoolDown(WRITE_MS, after, () => this.#write());
    sql.exec("CREATE TABLE IF NOT EXISTS rooms (id TEXT PRIMARY KEY, until INTEGER, summary TEXT) WITHOUT ROWID");
    sql.exec("CREATE TABLE IF NOT EXISTS made (room TEXT PRIMARY KEY, user TEXT, until INTEGER) WITHOUT ROWID");
    sql.exec("CREATE INDEX IF NOT EXISTS made_by ON made (user)");
  }

  *all(): Generator<{ summary: Summary; until: number }> {
    for (const { summary, until } of this.#sql.exec<{ summary: string; until: number }>("SELECT summary, until FROM rooms"))
      yield { summary: JSON.parse(summary) as Summary, until };
  }

  keep(summary: Summary, until: number): void {
    this.#change(summary.id, { summary, until });
  }

  drop(id: string): void {
    this.#change(id, undefined);
  }

  #change(id: string, entry: { summary: Summary; until: number } | undefined): void {
    this.#unwritten.set(id, entry);
    this.#writing.ask();
  }

  #write(): void {
    for (const [id, entry] of this.#unwritten)
      if (entry) this.#sql.exec("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?)", id, entry.until, JSON.stringify(entry.summary));
      else this.#sql.exec("DELETE FROM rooms WHERE id = ?", id);
    this.#unwritten.clear();
  }

  /** Promises `user` the room, unless they have `most` others. */
  claim(user: string, room: string, most: number, now: number): boolean {
    this.#sql.exec("DELETE FROM made WHERE user = ? AND until <> ? AND until <= ?", user, FOR_EVER, now);
    const { others } = this.#sql
      .exec<{ others: number }>("SELECT count(*) AS others FROM made WHERE user = ? AND room <> ?", user, room)
      .one();
    if (others >= most) return false;
    this.#sql.exec(
      "INSERT INTO made VALUES (?, ?, ?) ON CONFLICT (room) DO UPDATE SET user = excluded.user, until = excluded.until WHERE until <> ?",
      room,
      user,
      now + CLAIM_MS,
      FOR_EVER,
    );
    return true;
  }

  /** The room was made, by whoever it was promised to last, or is there no longer. */
  counted(room: string, exists: boolean): void {
    if (exists) this.#sql.exec("UPDATE made SET until = ? WHERE room = ?", FOR_EVER, room);
    else this.#sql.exec("DELETE FROM made WHERE room = ?", room);
  }
}
