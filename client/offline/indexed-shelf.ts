/** The shelf in a browser: actions in IndexedDB, held by Web Locks, which the browser lets go when a page is gone. */
import { answer, openDatabase } from "./database.ts";
import type { ActionKey, KeptAction, Shelf } from "./shelf.ts";

const ACTIONS = "actions";
const USERS = "users";
const LAST = "last";
/** A page that looks at another's session lets it go at once; one that was frozen as it did is not waited for, in ms. */
const HELD_WITHIN_MS = 5000;

/** `name`: the database's, and what the locks' names begin with. Rejects where the browser has neither, or forbids them. */
export async function openShelf(name: string): Promise<Shelf> {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) throw new Error("there are no Web Locks here: a browser has them where the page is secure");
  const database = await openDatabase(name, (made) => {
    made.createObjectStore(ACTIONS, { keyPath: ["room", "session", "number"] });
    made.createObjectStore(USERS);
  });
  /** A lock is held until the promise that its holder has given is kept. */
  const held = (room: string, session: string, options: LockOptions): Promise<(() => void) | undefined> =>
    new Promise((resolve, reject) => {
      locks
        .request(`${name}:${room}:${session}`, options, (lock) => {
          if (lock) return new Promise<void>((letGo) => resolve(letGo));
          resolve(undefined);
          return undefined;
        })
        .catch(reject);
    });

  return {
    read: (room) =>
      database.transact(ACTIONS, "readonly", (store) =>
        answer<KeptAction[]>(store.getAll(IDBKeyRange.bound([room], [room, []]))),
      ),
    write: (puts, removes) =>
      database.transact(ACTIONS, "readwrite", (store) => {
        for (const key of removes) store.delete(key as ActionKey & IDBValidKey);
        for (const action of puts) store.put(action);
      }),
    lastUser: () => database.transact(USERS, "readonly", (store) => answer<string | undefined>(store.get(LAST))),
    keepLastUser: (user) => database.transact(USERS, "readwrite", (store) => void store.put(user, LAST)),
    holdIfFree: (room, session) => held(room, session, { ifAvailable: true }),
    hold: async (room, session) => (await held(room, session, { signal: AbortSignal.timeout(HELD_WITHIN_MS) }))!,
    onSeen(listener) {
      if (typeof document === "undefined") return () => {}; // a worker is never seen
      const seen = (): void => void (document.visibilityState === "visible" && listener());
      document.addEventListener("visibilitychange", seen);
      return () => document.removeEventListener("visibilitychange", seen);
    },
    close: () => database.close(),
  };
}
