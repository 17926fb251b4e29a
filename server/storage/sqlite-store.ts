/** The store in a Durable Object's SQLite. Tables are made with the room, so that a visit alone stores nothing. */
import { join } from "../../shared/bytes.ts";
import { MAX_ROW_BYTES } from "../../shared/protocol/limits.ts";
import { MIGRATIONS, TABLES } from "./migrations.ts";
import { chunks } from "./pieces.ts";
import type { Birth, Piece, Row, Store } from "./store.ts";
import type { Version } from "../../shared/document/version.ts";

/** The part of `ctx.storage` that is used. */
export type SqliteStorage = Pick<DurableObjectStorage, "sql" | "transactionSync" | "sync" | "kv">;

/** Where the number of the last migration lies, and what is to be done later, in the object's key-value table. */
const SCHEMA_KEY = "schema";
const AGENDA_KEY = "agenda";
const TOMBSTONE_KEY = "tombstone";
/** The highest id of a version that was dropped while there was none above it. */
const LAST_DROPPED_KEY = "last-dropped-version";

export class SqliteStore implements Store {
  readonly #storage: SqliteStorage;
  readonly #sql: SqliteStorage["sql"];
  /** Whether the tables are there. */
  #made: boolean;

  constructor(storage: SqliteStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    const version = storage.kv.get<number>(SCHEMA_KEY) ?? 0;
    this.#made = version > 0;
    if (this.#made) this.#migrate(version);
  }

  birth(): Birth | undefined {
    if (!this.#made) return undefined;
    const [row] = this.#sql.exec<{ json: string; params: ArrayBuffer }>("SELECT json, params FROM birth").toArray();
    return row && { ...(JSON.parse(row.json) as Omit<Birth, "params">), params: new Uint8Array(row.params) };
  }

  snapshot(): number | undefined {
    if (!this.#made) return undefined;
    return this.#sql.exec<{ cut: number }>("SELECT cut FROM snapshot").toArray()[0]?.cut;
  }

  piece(cut: number, number: number): Piece | undefined {
    if (!this.#made) return undefined;
    const [piece] = this.#sql
      .exec<{ section: number; bytes: ArrayBuffer }>("SELECT section, bytes FROM piece WHERE cut = ? AND number = ?", cut, number)
      .toArray();
    return piece && { section: piece.section, bytes: new Uint8Array(piece.bytes) };
  }

  *section(cut: number, section: number): Generator<Uint8Array> {
    if (!this.#made) return;
    for (const { bytes } of this.#sql.exec<{ bytes: ArrayBuffer }>(
      "SELECT bytes FROM piece WHERE cut = ? AND section = ? ORDER BY number",
      cut,
      section,
    ))
      yield new Uint8Array(bytes);
  }

  *rows(after: number): Generator<Row> {
    if (!this.#made) return;
    for (const { seq, at, bytes } of this.#sql.exec<{ seq: number; at: number; bytes: ArrayBuffer }>(
      "SELECT seq, at, bytes FROM journal WHERE seq > ? ORDER BY seq",
      after,
    ))
      yield { seq, at, bytes: this.#whole(seq, new Uint8Array(bytes)) };
  }

  /** A row that fills its bytes may go on in others. */
  #whole(seq: number, bytes: Uint8Array): Uint8Array {
    if (bytes.length < MAX_ROW_BYTES) return bytes;
    const more = this.#sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM overflow WHERE seq = ? ORDER BY number", seq);
    return join([bytes, ...more.toArray().map((row) => new Uint8Array(row.bytes))]);
  }

  oldest(): number {
    if (!this.#made) return 0;
    const { seq } = this.#sql.exec<{ seq: number | null }>("SELECT min(seq) AS seq FROM journal").one();
    return seq === null ? (this.snapshot() ?? 0) : seq - 1;
  }

  row(seq: number): Row | undefined {
    if (!this.#made) return undefined;
    const [row] = this.#sql
      .exec<{ at: number; bytes: ArrayBuffer }>("SELECT at, bytes FROM journal WHERE seq = ?", seq)
      .toArray();
    return row && { seq, at: row.at, bytes: this.#whole(seq, new Uint8Array(row.bytes)) };
  }

  sizes(after = 0): { seq: number; at: number; length: number }[] {
    if (!this.#made) return [];
    return this.#sql
      .exec<{ seq: number; at: number; length: number }>(
        `SELECT seq, at, length(bytes) + ifnull((SELECT sum(length(bytes)) FROM overflow WHERE overflow.seq = journal.seq), 0)
         AS length FROM journal WHERE seq > ? ORDER BY seq DESC`,
        after,
      )
      .toArray();
  }

  create({ params, ...birth }: Birth, pieces: readonly Piece[]): void {
    this.#storage.transactionSync(() => {
      this.#migrate(0);
      this.#storage.kv.delete(TOMBSTONE_KEY);
      this.#sql.exec("INSERT INTO birth VALUES (1, ?, ?)", JSON.stringify(birth), params);
      for (const [number, piece] of pieces.entries()) this.draft(0, number, piece);
      this.adopt(0);
    });
    this.#made = true;
  }

  carryOver({ params, ...birth }: Birth, cut: number, pieces: readonly Piece[]): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec("UPDATE birth SET json = ?, params = ?", JSON.stringify(birth), params);
      for (const [number, piece] of pieces.entries()) this.draft(cut, number, piece);
      this.adopt(cut);
      this.#sql.exec("DELETE FROM overflow WHERE seq <= ?", cut);
      this.#sql.exec("DELETE FROM journal WHERE seq <= ?", cut);
    });
  }

  append({ seq, at, bytes }: Row): void {
    if (bytes.length < MAX_ROW_BYTES) this.#sql.exec("INSERT INTO journal VALUES (?, ?, ?)", seq, at, bytes);
    else
      this.#storage.transactionSync(() => {
        this.#sql.exec("INSERT INTO journal VALUES (?, ?, ?)", seq, at, bytes.subarray(0, MAX_ROW_BYTES));
        for (const [number, chunk] of chunks(bytes).entries())
          if (number > 0) this.#sql.exec("INSERT INTO overflow VALUES (?, ?, ?)", seq, number, chunk);
      });
  }

  draft(cut: number, number: number, { section, bytes }: Piece): void {
    if (bytes.length > MAX_ROW_BYTES) throw new RangeError(`piece of ${bytes.length} bytes, expected at most ${MAX_ROW_BYTES}`);
    this.#sql.exec("INSERT INTO piece VALUES (?, ?, ?, ?)", cut, number, section, bytes);
  }

  adopt(cut: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO snapshot VALUES (1, ?)", cut);
  }

  sweep(rowsUpTo: number, most: number): boolean {
    if (!this.#made) return false;
    return this.#storage.transactionSync(() => {
      const from = this.oldest();
      const to = Math.min(rowsUpTo, from + most);
      if (to > from) {
        this.#sql.exec("DELETE FROM overflow WHERE seq <= ?", to);
        this.#sql.exec("DELETE FROM journal WHERE seq <= ?", to);
      }
      const counts = this.snapshot() ?? -1;
      const orphans = this.#sql
        .exec<{ cut: number; number: number }>("SELECT cut, number FROM piece WHERE cut <> ? LIMIT ?", counts, most + 1)
        .toArray();
      for (const { cut, number } of orphans.slice(0, most))
        this.#sql.exec("DELETE FROM piece WHERE cut = ? AND number = ?", cut, number);
      return to < rowsUpTo || orphans.length > most;
    });
  }

  quarantine(seq: number, bytes: Uint8Array, reason: string): void {
    const row = this.row(seq);
    if (!row) throw new RangeError(`there is no row ${seq}`);
    this.#storage.transactionSync(() => {
      for (const [number, chunk] of chunks(row.bytes).entries())
        this.#sql.exec("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?)", seq, number, row.at, chunk, reason);
      this.#sql.exec("DELETE FROM overflow WHERE seq = ?", seq);
      this.#sql.exec("DELETE FROM journal WHERE seq = ?", seq);
      this.append({ seq, at: row.at, bytes });
    });
  }

  versions(): Version[] {
    if (!this.#made) return [];
    return this.#sql
      .exec<Record<keyof Version, SqlStorageValue>>("SELECT * FROM version ORDER BY id")
      .toArray() as unknown as Version[];
  }

  version(id: number): Uint8Array {
    if (!this.#made) return new Uint8Array();
    const rows = this.#sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM version_piece WHERE id = ? ORDER BY number", id);
    return join(rows.toArray().map(({ bytes }) => new Uint8Array(bytes)));
  }

  keepVersion({ seq, at, name, by }: Omit<Version, "id" | "bytes">, content: Uint8Array): Version {
    return this.#storage.transactionSync(() => {
      const { last } = this.#sql.exec<{ last: number | null }>("SELECT max(id) AS last FROM version").one();
      const id = Math.max(last ?? 0, this.#storage.kv.get<number>(LAST_DROPPED_KEY) ?? 0) + 1;
      this.#sql.exec("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?)", id, seq, at, name, by, content.length);
      for (const [number, chunk] of chunks(content).entries())
        this.#sql.exec("INSERT INTO version_piece VALUES (?, ?, ?)", id, number, chunk);
      return { id, seq, at, name, by, bytes: content.length };
    });
  }

  dropVersion(id: number): void {
    this.#storage.transactionSync(() => {
      const { last } = this.#sql.exec<{ last: number | null }>("SELECT max(id) AS last FROM version").one();
      if (id === last) this.#storage.kv.put(LAST_DROPPED_KEY, id);
      this.#sql.exec("DELETE FROM version_piece WHERE id = ?", id);
      this.#sql.exec("DELETE FROM version WHERE id = ?", id);
    });
  }

  tombstone(): number | undefined {
    return this.#storage.kv.get<number>(TOMBSTONE_KEY);
  }

  bury(epoch: number): void {
    this.#storage.transactionSync(() => {
      for (const table of TABLES) this.#sql.exec(`DROP TABLE IF EXISTS ${table}`);
      this.#storage.kv.delete(SCHEMA_KEY);
      this.#storage.kv.delete(AGENDA_KEY);
      this.#storage.kv.delete(LAST_DROPPED_KEY);
      this.#storage.kv.put(TOMBSTONE_KEY, epoch);
    });
    this.#made = false;
  }

  agenda(): ReadonlyMap<string, number> {
    return new Map(this.#storage.kv.get<[string, number][]>(AGENDA_KEY) ?? []); // also where there is no room: who is to stay away
  }

  keepAgenda(agenda: ReadonlyMap<string, number>): void {
    if (agenda.size > 0) this.#storage.kv.put(AGENDA_KEY, [...agenda]);
    else this.#storage.kv.delete(AGENDA_KEY);
  }

  settled(): Promise<void> {
    return this.#storage.sync();
  }

  #migrate(from: number): void {
    if (from === MIGRATIONS.length) return;
    this.#storage.transactionSync(() => {
      for (const step of MIGRATIONS.slice(from)) step(this.#sql);
      this.#storage.kv.put(SCHEMA_KEY, MIGRATIONS.length);
    });
  }
}
