/** The store in a Durable Object's SQLite. Tables are made with the room, so that a visit alone stores nothing. */
import { MAX_ROW_BYTES } from "../../shared/protocol/limits.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Birth, Row, Snapshot, Store } from "./store.ts";

/** The part of `ctx.storage` that is used. */
export type SqliteStorage = Pick<DurableObjectStorage, "sql" | "transactionSync" | "sync" | "kv">;

/** Where the number of the last migration lies, in the object's key-value table. */
const SCHEMA_KEY = "schema";

export class SqliteStore implements Store {
  readonly #storage: SqliteStorage;
  /** Whether the tables are there. */
  #made: boolean;

  constructor(storage: SqliteStorage) {
    this.#storage = storage;
    const version = storage.kv.get<number>(SCHEMA_KEY) ?? 0;
    this.#made = version > 0;
    if (this.#made) this.#migrate(version);
  }

  birth(): Birth | undefined {
    if (!this.#made) return undefined;
    const [row] = this.#storage.sql.exec<{ json: string; params: ArrayBuffer }>("SELECT json, params FROM birth").toArray();
    return row && { ...(JSON.parse(row.json) as Omit<Birth, "params">), params: new Uint8Array(row.params) };
  }

  snapshot(): Snapshot | undefined {
    if (!this.#made) return undefined;
    const chunks = this.#storage.sql
      .exec<{ seq: number; bytes: ArrayBuffer }>("SELECT seq, bytes FROM snapshot ORDER BY chunk")
      .toArray();
    if (chunks.length === 0) return undefined;
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.bytes.byteLength, 0));
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(new Uint8Array(chunk.bytes), offset);
      offset += chunk.bytes.byteLength;
    }
    return { seq: chunks[0]!.seq, bytes };
  }

  *rows(after: number): Generator<Row> {
    if (!this.#made) return;
    const cursor = this.#storage.sql.exec<{ seq: number; at: number; bytes: ArrayBuffer }>(
      "SELECT seq, at, bytes FROM journal WHERE seq > ? ORDER BY seq",
      after,
    );
    for (const { seq, at, bytes } of cursor) yield { seq, at, bytes: new Uint8Array(bytes) };
  }

  oldest(): number {
    if (!this.#made) return 0;
    const { seq } = this.#storage.sql.exec<{ seq: number | null }>("SELECT min(seq) AS seq FROM journal").one();
    if (seq !== null) return seq - 1;
    return this.#storage.sql.exec<{ seq: number | null }>("SELECT max(seq) AS seq FROM snapshot").one().seq ?? 0;
  }

  create({ params, ...birth }: Birth, snapshot: Snapshot): void {
    this.#storage.transactionSync(() => {
      this.#migrate(0);
      this.#storage.sql.exec("INSERT INTO birth VALUES (1, ?, ?)", JSON.stringify(birth), params);
      this.#writeSnapshot(snapshot);
    });
    this.#made = true;
  }

  append({ seq, at, bytes }: Row): void {
    if (bytes.length > MAX_ROW_BYTES) throw new RangeError(`row of ${bytes.length} bytes, expected at most ${MAX_ROW_BYTES}`);
    this.#storage.sql.exec("INSERT INTO journal VALUES (?, ?, ?)", seq, at, bytes);
  }

  compact(snapshot: Snapshot, keepAfter: number): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("DELETE FROM snapshot");
      this.#writeSnapshot(snapshot);
      this.#storage.sql.exec("DELETE FROM journal WHERE seq <= ?", keepAfter);
    });
  }

  settled(): Promise<void> {
    return this.#storage.sync();
  }

  #writeSnapshot({ seq, bytes }: Snapshot): void {
    const chunks = Math.max(1, Math.ceil(bytes.length / MAX_ROW_BYTES));
    for (let chunk = 0; chunk < chunks; chunk++)
      this.#storage.sql.exec(
        "INSERT INTO snapshot VALUES (?, ?, ?)",
        chunk,
        seq,
        bytes.subarray(chunk * MAX_ROW_BYTES, (chunk + 1) * MAX_ROW_BYTES),
      );
  }

  #migrate(from: number): void {
    if (from === MIGRATIONS.length) return;
    this.#storage.transactionSync(() => {
      for (const step of MIGRATIONS.slice(from)) this.#storage.sql.exec(step);
      this.#storage.kv.put(SCHEMA_KEY, MIGRATIONS.length);
    });
  }
}
