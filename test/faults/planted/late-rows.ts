/** A store that says it wrote a row, and writes it later: `later` decides when. Its own reads do not give it away. */
import { SqliteStore } from "../../../server/storage/sqlite-store.ts";

type Write = () => void;

export function writeRowsLate(later: (write: Write) => void): void {
  const { append, rows, oldest, adopt } = SqliteStore.prototype;
  const waiting = new WeakMap<SqliteStore, Write[]>();
  const write = (store: SqliteStore): void => {
    const due = waiting.get(store) ?? [];
    waiting.delete(store);
    for (const each of due) each();
  };
  Object.assign(SqliteStore.prototype, {
    append(this: SqliteStore, row: Parameters<typeof append>[0]) {
      const due = waiting.get(this) ?? [];
      waiting.set(this, due);
      due.push(() => append.call(this, row));
      if (due.length === 1) later(() => write(this));
    },
    rows(this: SqliteStore, after: number) {
      write(this);
      return rows.call(this, after);
    },
    oldest(this: SqliteStore) {
      write(this);
      return oldest.call(this);
    },
    adopt(this: SqliteStore, cut: number) {
      write(this);
      adopt.call(this, cut);
    },
  } satisfies Partial<SqliteStore>);
}
