/** Documents in IndexedDB, by `y-indexeddb`, which is not loaded before a room with a document is joined. */
import type { Doc } from "yjs";
import type { Kept } from "./offline.ts";
import { nothingKept, within } from "./trouble.ts";

const EPOCH = "epoch";

/** `name`: the database's. */
export async function openDocument(name: string, doc: Doc): Promise<Kept | undefined> {
  try {
    const { IndexeddbPersistence } = await import("y-indexeddb");
    const persistence = new IndexeddbPersistence(name, doc);
    try {
      await within(persistence.whenSynced, "storage did not open");
      return {
        epoch: Number((await persistence.get(EPOCH)) ?? 0),
        keepEpoch: async (epoch) => void (await persistence.set(EPOCH, epoch)),
        clear: () => persistence.clearData(),
        close: () => persistence.destroy(),
      };
    } catch (error) {
      void persistence.destroy().catch(() => {}); // it may never have opened
      throw error;
    }
  } catch (error) {
    return nothingKept(error);
  }
}
