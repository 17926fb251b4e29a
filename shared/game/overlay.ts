/**
 * Values in motion: what streams say about columns of a row, above the tables and never in them. Latest wins. An entry
 * ends when an action that lasts writes its row, when its session leaves, or `STREAM_TTL_MS` after its last value.
 */

/** How long a stream's value stands without a new one. A holder that keeps still repeats its value more often. */
export const STREAM_TTL_MS = 2000;

export interface OverlayEntry {
  readonly stream: number;
  readonly row: number;
  /** Whose values these are; 0 where the side that holds the overlay does not know. */
  readonly session: number;
  /** One per column of the stream, in its order. */
  readonly values: readonly unknown[];
  /** When the last value came, in ms of this side's clock. */
  readonly at: number;
}

export class Overlay {
  /** Per stream: row → entry. */
  readonly #streams: Map<number, OverlayEntry>[];

  constructor(streams: number) {
    this.#streams = Array.from({ length: streams }, () => new Map());
  }

  get size(): number {
    return this.#streams.reduce((sum, rows) => sum + rows.size, 0);
  }

  set(entry: OverlayEntry): void {
    this.#streams[entry.stream]?.set(entry.row, entry);
  }

  get(stream: number, row: number): OverlayEntry | undefined {
    return this.#streams[stream]?.get(row);
  }

  delete(stream: number, row: number): boolean {
    return this.#streams[stream]?.delete(row) ?? false;
  }

  *[Symbol.iterator](): Generator<OverlayEntry> {
    for (const rows of this.#streams) yield* rows.values();
  }

  /** Ends the entries for which `over` holds, and returns them. */
  end(over: (entry: OverlayEntry) => boolean): OverlayEntry[] {
    const ended: OverlayEntry[] = [];
    for (const rows of this.#streams)
      for (const entry of rows.values())
        if (over(entry)) {
          rows.delete(entry.row);
          ended.push(entry);
        }
    return ended;
  }

  clear(): void {
    for (const rows of this.#streams) rows.clear();
  }
}
