/** The shelf in a browser: actions in IndexedDB, held by Web Locks, which the browser lets go when a page is gone. */
import type { ActionKey, KeptAction, Shelf } from "./shelf.ts";
import { within } from "./trouble.ts";

const VERSION = 1;
const ACTIONS = "actions";
const USERS = "users";
const LAST = "last";
/** A write that has not ended within this time, in ms, is taken back. */
const WRITTEN_WITHIN_MS = 5000;

/** `name`: the database's, and what the locks' names begin with. Rejects where the browser has neither, or forbids them. */
export async function openShelf(name: string): Promise<Shelf> {
  if (typeof indexedDB === "undefined" || typeof document === "undefined") throw new Error("there is no IndexedDB here");
  const { locks } = navigator;
  if (!locks) throw new Error("there are no Web Locks here: the page is not secure"); // oxlint-disable-line typescript/no-unnecessary-condition -- over plain http
  const opening = indexedDB.open(name, VERSION);
  opening.addEventListener("upgradeneeded", () => {
    opening.result.createObjectStore(ACTIONS, { keyPath: ["room", "session", "number"] });
    opening.result.createObjectStore(USERS);
  });
  const database = await within(answer(opening), "storage did not open");
  database.addEventListener("versionchange", () => database.close()); // a later version of the page wants it

  /** Runs `work` in one transaction; resolves when that is durable, or has been read. */
  async function transact<T>(store: string, mode: IDBTransactionMode, work: (store: IDBObjectStore) => T): Promise<Awaited<T>> {
    const transaction = database.transaction(store, mode);
    const late = setTimeout(() => {
      try {
        transaction.abort();
      } catch {
        // it is being committed: its end is near
      }
    }, WRITTEN_WITHIN_MS);
    const over = new Promise<void>((resolve, reject) => {
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("storage did not answer")));
    });
    try {
      const [result] = await Promise.all([work(transaction.objectStore(store)), over]);
      return result;
    } finally {
      clearTimeout(late);
    }
  }

  return {
    read: (room) =>
      transact(ACTIONS, "readonly", (store) => answer<KeptAction[]>(store.getAll(IDBKeyRange.bound([room], [room, []])))),
    write: (puts, removes) =>
      transact(ACTIONS, "readwrite", (store) => {
        for (const key of removes) store.delete(key as ActionKey & IDBValidKey);
        for (const action of puts) store.put(action);
      }),
    lastUser: () => transact(USERS, "readonly", (store) => answer<string | undefined>(store.get(LAST))),
    keepLastUser: (user) => transact(USERS, "readwrite", (store) => void store.put(user, LAST)),
    hold: (room, session) =>
      new Promise((resolve, reject) => {
        locks
          .request(`${name}:${room}:${session}`, { ifAvailable: true }, (lock) => {
            if (lock) return new Promise<void>((letGo) => resolve(letGo));
            resolve(undefined);
          })
          .catch(reject);
      }),
    onSeen(listener) {
      const seen = (): void => void (document.visibilityState === "visible" && listener());
      document.addEventListener("visibilitychange", seen);
      return () => document.removeEventListener("visibilitychange", seen);
    },
    close: () => database.close(),
  };
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("storage refused")));
  });
}
