/** IndexedDB, with promises that end: what takes too long is taken back. */

export interface Database {
  /** Runs `work` in one transaction, all of it or nothing; resolves when that is over, with what `work` gave. */
  transact<T>(store: string, mode: IDBTransactionMode, work: (store: IDBObjectStore) => T): Promise<Awaited<T>>;
  close(): void;
  /** Deletes it, once nobody has it open: other pages are asked to close it. */
  delete(): Promise<void>;
}

const VERSION = 1;
/** Storage that has not answered within this time, in ms, is not waited for. */
const ANSWERS_WITHIN_MS = 5000;

/** Rejects where it is forbidden. `make` makes the stores of a new one. */
export async function openDatabase(name: string, make: (database: IDBDatabase) => void): Promise<Database> {
  const opening = indexedDB.open(name, VERSION);
  opening.addEventListener("upgradeneeded", () => make(opening.result));
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`storage did not open within ${ANSWERS_WITHIN_MS} ms`)), ANSWERS_WITHIN_MS);
    answer(opening)
      .then(resolve, reject)
      .finally(() => clearTimeout(late));
  });
  database.addEventListener("versionchange", () => database.close()); // another page deletes it, or is of a later version

  return {
    async transact<T>(storeName: string, mode: IDBTransactionMode, work: (store: IDBObjectStore) => T): Promise<Awaited<T>> {
      const transaction = database.transaction(storeName, mode);
      const late = setTimeout(() => {
        try {
          transaction.abort();
        } catch {
          // it is being committed: its end is near
        }
      }, ANSWERS_WITHIN_MS);
      const over = new Promise<void>((resolve, reject) => {
        transaction.addEventListener("complete", () => resolve());
        transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("storage did not answer")));
      });
      try {
        const [result] = await Promise.all([work(transaction.objectStore(storeName)), over]);
        return result;
      } finally {
        clearTimeout(late);
      }
    },
    close: () => database.close(),
    delete: async () => {
      database.close();
      await answer(indexedDB.deleteDatabase(name));
    },
  };
}

export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("storage refused")));
  });
}

let said = false;

/** Says, once a page, that storage fails: its rooms share it. */
export function nothingKept(error: unknown): undefined {
  if (!said) console.warn("coterie: this browser cannot keep what is not saved", error);
  said = true;
}
