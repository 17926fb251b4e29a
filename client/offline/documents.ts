/**
 * Keeps the document of one room in IndexedDB, as the updates that made it, merged now and then. The stores are those of
 * `y-indexeddb`, so that what it has kept is read; unlike it this one survives a storage that is full, closed or forbidden.
 */
import { answer, nothingKept, openDatabase, type Database } from "./database.ts";
import type { Kept, KeptDocument } from "./offline.ts";

const UPDATES = "updates";
const CUSTOM = "custom";
const EPOCH = "epoch";
/** So many updates are merged into one. */
const MERGED_AT = 500;

/** `name`: the database's. */
export async function openDocument(name: string, document: KeptDocument): Promise<Kept | undefined> {
  const keeper = new DocumentKeeper(document);
  try {
    await keeper.open(
      await openDatabase(name, (made) => {
        made.createObjectStore(UPDATES, { autoIncrement: true });
        made.createObjectStore(CUSTOM);
      }),
    );
    return keeper;
  } catch (error) {
    void keeper.close();
    return nothingKept(error);
  }
}

class DocumentKeeper implements Kept {
  epoch = 0;
  readonly #document: KeptDocument;
  #database: Database | undefined;
  /** What is yet to be stored: what was written before it could be, too. */
  #waiting: Uint8Array[] = [];
  #work: Promise<void> | undefined;
  /** Nothing is kept any more. */
  #isOff = false;
  /** The newest record that this page has read or merged, and how many there are behind it. */
  #newest: IDBValidKey | undefined;
  #records = 0;

  constructor(document: KeptDocument) {
    this.#document = document;
    document.doc.on("update", this.#changed);
  }

  async open(database: Database): Promise<void> {
    this.#database = database;
    this.epoch = Number((await database.transact(CUSTOM, "readonly", (store) => answer(store.get(EPOCH)))) ?? 0);
    await database.transact(UPDATES, "readonly", (store) => this.#read(store));
    this.#store();
  }

  get isKept(): boolean {
    return !this.#isOff && !this.#work && this.#waiting.length === 0;
  }

  async keepEpoch(epoch: number): Promise<void> {
    await this.#database?.transact(CUSTOM, "readwrite", (store) => void store.put(epoch, EPOCH)).catch(nothingKept);
  }

  async clear(): Promise<void> {
    this.#stop();
    await this.#work;
    await this.#database?.delete().catch(nothingKept);
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#work;
    this.#database?.close();
  }

  #stop(): void {
    this.#document.doc.off("update", this.#changed);
  }

  readonly #changed = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.#waiting.push(update);
    if (this.#database) this.#store();
  };

  #store(): void {
    this.#work ??= this.#write().finally(() => {
      this.#work = undefined;
      this.#document.kept();
    });
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const updates = this.#waiting.splice(0);
        await this.#database!.transact(UPDATES, "readwrite", (store) => {
          for (const update of updates) store.add(update);
        });
        this.#records += updates.length;
        if (this.#records >= MERGED_AT) await this.#database!.transact(UPDATES, "readwrite", (store) => this.#merge(store));
      }
    } catch (error) {
      this.#stop();
      this.#isOff = true;
      nothingKept(error);
    }
  }

  /** Applies what is new in the store: other pages of this browser write there as well. */
  async #read(store: IDBObjectStore): Promise<void> {
    const range = this.#newest === undefined ? null : IDBKeyRange.lowerBound(this.#newest, true);
    const [keys, updates] = await Promise.all([answer(store.getAllKeys(range)), answer<Uint8Array[]>(store.getAll(range))]);
    this.#newest = keys.at(-1) ?? this.#newest;
    this.#records += updates.length;
    this.#document.take(updates, this);
  }

  async #merge(store: IDBObjectStore): Promise<void> {
    await this.#read(store);
    store.delete(IDBKeyRange.upperBound(this.#newest));
    this.#newest = await answer(store.add(this.#document.whole()));
    this.#records = 1;
  }
}
