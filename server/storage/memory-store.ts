/** A store in memory, with the same invariants as the real one: for tests of the room in plain Node. */
import { MAX_ROW_BYTES } from "../../shared/protocol/limits.ts";
import type { Birth, Row, Snapshot, Store } from "./store.ts";

export class MemoryStore implements Store {
  #birth: Birth | undefined;
  #snapshot: Snapshot | undefined;
  #rows: Row[] = [];
  /** When what was written becomes durable; tests put a slow one here. */
  commit: () => Promise<void> = () => Promise.resolve();
  /** Set to make the next write throw it. */
  failure: Error | undefined;

  birth(): Birth | undefined {
    return this.#birth;
  }
  snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }
  rows(after: number): Row[] {
    return this.#rows.filter((row) => row.seq > after);
  }
  oldest(): number {
    return this.#rows.length > 0 ? this.#rows[0]!.seq - 1 : (this.#snapshot?.seq ?? 0);
  }
  create(birth: Birth, snapshot: Snapshot): void {
    this.#fail();
    this.#birth = birth;
    this.#snapshot = snapshot;
  }
  append(row: Row): void {
    this.#fail();
    if (row.bytes.length > MAX_ROW_BYTES)
      throw new RangeError(`row of ${row.bytes.length} bytes, expected at most ${MAX_ROW_BYTES}`);
    if (row.seq <= (this.#rows.at(-1)?.seq ?? 0)) throw new RangeError(`row ${row.seq} is there already`);
    this.#rows.push(row);
  }
  compact(snapshot: Snapshot, keepAfter: number): void {
    this.#fail();
    this.#snapshot = snapshot;
    this.#rows = this.rows(keepAfter);
  }
  settled(): Promise<void> {
    return this.commit();
  }

  /** The disk never had the rows above `seq`, though it said so. */
  lose(seq: number): void {
    this.#rows = this.#rows.filter((row) => row.seq <= seq);
  }

  /** As it is now: rows are never changed, so the copy shares them. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    copy.#birth = this.#birth;
    copy.#snapshot = this.#snapshot;
    copy.#rows = [...this.#rows];
    return copy;
  }

  #fail(): void {
    const failure = this.failure;
    this.failure = undefined;
    if (failure) throw failure;
  }
}
