/**
 * `coterie/client/offline`: documents outlive the page. `createClient({ offline: indexedDb() })` keeps each room's document in
 * the browser's IndexedDB (by `y-indexeddb`, an optional peer): a page that opens without a network shows what it had, and
 * what was written then is sent when the room is there again. Where the browser has no storage, or forbids it, the page works
 * as it would without, and says so once. The browser stores a change a moment after it was made: what was typed without a network
 * in the last milliseconds before a page is closed may be missing. It was never shown as saved.
 */
import { IndexeddbPersistence } from "y-indexeddb";
import type { Kept, Offline } from "./offline.ts";

export type { Kept, Offline } from "./offline.ts";

/** Storage that has not opened within this time, in ms, is not waited for. */
const OPEN_WITHIN_MS = 5000;
const EPOCH = "epoch";

export interface IndexedDbOptions {
  /** What the databases' names begin with. Default "coterie". Put the user's id here where several share a browser. */
  readonly prefix?: string;
}

export function indexedDb({ prefix = "coterie" }: IndexedDbOptions = {}): Offline {
  return {
    async open(room, doc): Promise<Kept | undefined> {
      if (typeof indexedDB === "undefined") return undefined;
      const persistence = new IndexeddbPersistence(`${prefix}:${room}`, doc);
      try {
        await within(OPEN_WITHIN_MS, persistence.whenSynced);
        return {
          epoch: Number((await persistence.get(EPOCH)) ?? 0),
          keepEpoch: async (epoch) => void (await persistence.set(EPOCH, epoch)),
          clear: () => persistence.clearData(),
          close: () => persistence.destroy(),
        };
      } catch (error) {
        console.warn(`coterie: this browser keeps nothing of ${room} for later`, error);
        void persistence.destroy().catch(() => {}); // it may never have opened
        return undefined;
      }
    },
  };
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`storage did not open within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
