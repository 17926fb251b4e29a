/**
 * Counts what the platform bills of one object besides messages: rows as its own cursors count them, key-value writes and
 * alarms (a row each), and the time in which it could not sleep, since a timer was pending. It puts itself between the
 * room and the platform, and changes nothing of what either does.
 */

export interface Metered {
  /** Written, deleted ones and alarms among them; read. */
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Bytes of its database. */
  readonly stored: number;
  /** Time with a timer pending, of all objects in the isolate together, in ms. */
  readonly awakeMs: number;
}

type Cursor = Pick<SqlStorageCursor<Record<string, SqlStorageValue>>, "rowsRead" | "rowsWritten">;

export class Meter {
  readonly #storage: DurableObjectStorage;
  /** Cursors count on while they are read. */
  #open: Cursor[] = [];
  #rowsWritten = 0;
  #rowsRead = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    const { sql, kv } = storage;
    const exec = sql.exec.bind(sql);
    const put = kv.put.bind(kv);
    const setAlarm = storage.setAlarm.bind(storage);
    override(sql, "exec", ((query: string, ...bindings: SqlStorageValue[]) => {
      const cursor = exec(query, ...bindings);
      if (this.#open.push(cursor) > 2 * MANY) this.#settle(this.#open.splice(0, MANY));
      return cursor;
    }) as typeof sql.exec);
    override(kv, "put", (key: string, value: unknown) => {
      this.#rowsWritten++;
      put(key, value);
    });
    override(storage, "setAlarm", (at: number | Date) => {
      this.#rowsWritten++;
      return setAlarm(at);
    });
    override(storage, "sql", sql);
    override(storage, "kv", kv);
  }

  read(): Metered {
    this.#settle(this.#open.splice(0));
    return {
      rowsWritten: this.#rowsWritten,
      rowsRead: this.#rowsRead,
      stored: this.#storage.sql.databaseSize,
      awakeMs: awake.ms + (awake.pending > 0 ? Date.now() - awake.since : 0),
    };
  }

  /** These are read to their end. */
  #settle(cursors: readonly Cursor[]): void {
    for (const { rowsWritten, rowsRead } of cursors) {
      this.#rowsWritten += rowsWritten;
      this.#rowsRead += rowsRead;
    }
  }
}

/** Cursors that are kept before they are counted: a room has but a few under way. */
const MANY = 500;

function override<T extends object, K extends keyof T>(of: T, name: K, value: T[K]): void {
  Object.defineProperty(of, name, { value });
}

/** How long at least one timer was pending. */
const awake = { pending: 0, since: 0, ms: 0 };
const { setTimeout } = globalThis;
globalThis.setTimeout = ((run: () => void, ms: number) => {
  if (awake.pending++ === 0) awake.since = Date.now();
  return setTimeout(() => {
    run(); // may set the next
    if (--awake.pending === 0) awake.ms += Date.now() - awake.since;
  }, ms);
}) as typeof setTimeout;
