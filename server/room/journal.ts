/**
 * The room's one order: rows with a gap-free, rising `seq`, and a snapshot from which they lead on. A row is made of
 * sections, one a part (storage/pieces.ts).
 */
import type { MissedRow } from "../parts/part.ts";
import { cut, readSections, writeSections, type Sections, type Snapshot } from "../storage/pieces.ts";
import type { Birth, Store } from "../storage/store.ts";

/** The format of rows and snapshots in storage. */
export const FORMAT = 2;

/** A snapshot is due after this many bytes of rows, or as many as the last snapshot had where that is more: what a wake reads stays bounded, and what is written in proportion to what changed. */
const BYTES_PER_SNAPSHOT = 1_000_000;
/** Rows kept behind a snapshot, so that those who come back after a while are given changes rather than the state: this many bytes, this long, and as many rows as lie between two snapshots. */
const KEPT_BYTES = 8_000_000;
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** A room as it is stored. */
export interface Stored {
  readonly birth: Birth;
  /** What a part has in the snapshot, in the pieces it gave. */
  section(number: number): Iterable<Uint8Array>;
  /** The rows behind the snapshot, oldest first: to be read once, to the end. */
  readonly rows: Iterable<{ readonly seq: number; readonly at: number; readonly sections: Sections }>;
}

export class Journal {
  readonly #store: Store;
  readonly #rowsPerSnapshot: number;
  /** The newest row. */
  seq = 0;
  /** The newest row in the snapshot. */
  #cut = 0;
  #cutBytes = 0;
  /** Of the rows behind the snapshot. */
  #bytes = 0;

  constructor(store: Store, rowsPerSnapshot: number) {
    this.#store = store;
    this.#rowsPerSnapshot = rowsPerSnapshot;
  }

  /** Looks at what is stored. Undefined: there is no room. */
  load(): Stored | undefined {
    const birth = this.#store.birth();
    this.seq = this.#cut = this.#cutBytes = this.#bytes = 0; // the store may have lost all that it had taken
    if (!birth) return undefined;
    if (birth.format !== FORMAT) throw new RangeError(`stored in format ${birth.format}, expected ${FORMAT}`);
    const seq = this.#store.snapshot();
    if (seq === undefined) throw new Error("the room has no snapshot");
    this.seq = this.#cut = seq;
    return { birth, section: (number) => this.#store.section(seq, number), rows: this.#replay() };
  }

  *#replay(): Generator<{ seq: number; at: number; sections: Sections }> {
    for (const { seq, at, bytes } of this.#store.rows(this.#cut)) {
      if (seq !== this.seq + 1) throw new Error(`journal row ${seq} follows row ${this.seq}`);
      this.seq = seq;
      this.#bytes += bytes.length;
      yield { seq, at, sections: readSections(bytes) };
    }
  }

  create(birth: Birth, snapshot: Snapshot): void {
    this.#store.create(birth, cut(snapshot));
    this.seq = this.#cut = this.#cutBytes = this.#bytes = 0;
  }

  /** The room goes on as another birth says, from this snapshot: it stands for one row more, so that who was here takes it anew. */
  carryOver(birth: Birth, snapshot: Snapshot): void {
    const pieces = cut(snapshot);
    this.#store.carryOver(birth, this.seq + 1, pieces);
    this.seq = this.#cut = this.seq + 1;
    this.#cutBytes = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#bytes = 0;
  }

  /** Writes the next row; returns its length. Throws when it cannot be written; then nothing was. */
  append(at: number, sections: Sections): number {
    const bytes = writeSections(sections);
    this.#store.append({ seq: this.seq + 1, at, bytes });
    this.seq++;
    this.#bytes += bytes.length;
    return bytes.length;
  }

  /** Enough has come since the last snapshot. */
  get snapshotDue(): boolean {
    return this.seq - this.#cut >= this.#rowsPerSnapshot || this.#bytes > Math.max(BYTES_PER_SNAPSHOT, this.#cutBytes);
  }

  /** A snapshot of the newest row but those that came since (`seq` is in it) counts from now on. */
  snapshotTaken(seq: number, length: number): void {
    this.#cut = seq;
    this.#cutBytes = length;
    this.#bytes = this.lengthSince(seq) ?? 0;
  }

  /** Up to here rows are not worth keeping. Never above the snapshot: what comes behind it is the state. */
  notKept(now: number): number {
    let bytes = 0;
    for (const { seq, at, length } of this.#store.sizes()) {
      bytes += length;
      const old = this.#cut - seq >= this.#rowsPerSnapshot || bytes > KEPT_BYTES || now - at > KEPT_MS;
      if (old && seq <= this.#cut) return seq;
    }
    return 0;
  }

  /**
   * One section of the snapshot, piece by piece, then of the rows behind it, up to row `upTo`. Reads as it is asked, which may be
   * over several events; throws where a new snapshot has meanwhile taken the place of what it reads.
   */
  *section(section: number, inRow: (bytes: Uint8Array) => Iterable<Uint8Array>, upTo: number = this.seq): Generator<Uint8Array> {
    const cut = this.#cut;
    for (let number = 0; ; number++) {
      if (cut !== this.#cut) throw new Error(`the snapshot at ${cut} has given way to one at ${this.#cut}`);
      const piece = this.#store.piece(cut, number);
      if (!piece) break;
      if (piece.section === section) yield piece.bytes;
    }
    for (let seq = cut; seq < upTo;) {
      const row = this.#store.row(seq + 1);
      if (!row) throw new Error(`row ${seq + 1} has gone`);
      seq = row.seq;
      const bytes = readSections(row.bytes).get(section);
      if (bytes) yield* inRow(bytes);
    }
  }

  /** Whether all rows above `seq` are there. */
  #leadsOn(seq: number): boolean {
    return seq === this.seq || (seq < this.seq && seq >= this.#store.oldest());
  }

  /** How many bytes the rows above `seq` have; undefined where rows that old are gone. */
  lengthSince(seq: number): number | undefined {
    if (!this.#leadsOn(seq)) return undefined;
    return this.#store.sizes(seq).reduce((sum, row) => sum + row.length, 0);
  }

  /** The first of the rows above `seq`, up to `most` bytes of them, but at least one; undefined where rows that old are gone. */
  since(seq: number, most: number): MissedRow[] | undefined {
    if (!this.#leadsOn(seq)) return undefined;
    const missed: MissedRow[] = [];
    let length = 0;
    for (const { seq: next, bytes } of this.#store.rows(seq)) {
      length += bytes.length;
      if (length > most && missed.length > 0) break;
      missed.push({ seq: next, sections: readSections(bytes) });
    }
    return missed;
  }
}
