/**
 * The room's one order: rows with a gap-free, rising `seq`, and now and then a snapshot that takes the place of old
 * ones. A row, and a snapshot, is made of sections, one a part: `{ varUint(section) varUint8Array(bytes) }*`.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode } from "../../shared/protocol/frame.ts";
import { MAX_ROW_BYTES } from "../../shared/protocol/limits.ts";
import type { Birth, Store } from "../storage/store.ts";

/** The format of rows and snapshots in storage. */
export const FORMAT = 1;

/** After this many rows a snapshot is cut: what a wake has to read stays bounded. */
const ROWS_PER_SNAPSHOT = 1000;
/** Rows kept behind a snapshot, so that those who come back after a while are given changes rather than the state. */
const ROWS_KEPT = 1000;

export type Sections = ReadonlyMap<number, Uint8Array>;

export class Journal {
  readonly #store: Store;
  /** The newest row. */
  seq = 0;
  #snapshotSeq = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads the room from storage: the snapshot's sections, then each row's, oldest first. Undefined: there is no room. */
  load(): { birth: Birth; snapshot: Sections; rows: Iterable<{ seq: number; at: number; sections: Sections }> } | undefined {
    const birth = this.#store.birth();
    if (!birth) return undefined;
    if (birth.format !== FORMAT) throw new RangeError(`stored in format ${birth.format}, expected ${FORMAT}`);
    const snapshot = this.#store.snapshot();
    if (!snapshot) throw new Error("the room has no snapshot");
    this.seq = this.#snapshotSeq = snapshot.seq;
    return { birth, snapshot: readSections(snapshot.bytes), rows: this.#replay() };
  }

  *#replay(): Generator<{ seq: number; at: number; sections: Sections }> {
    for (const { seq, at, bytes } of this.#store.rows(this.#snapshotSeq)) {
      if (seq !== this.seq + 1) throw new Error(`journal row ${seq} follows row ${this.seq}`);
      this.seq = seq;
      yield { seq, at, sections: readSections(bytes) };
    }
  }

  create(birth: Birth, snapshot: Sections): void {
    this.#store.create(birth, { seq: 0, bytes: writeSections(snapshot) });
    this.seq = this.#snapshotSeq = 0;
  }

  /**
   * Writes the next row. Where it would be too long, `snapshot` gives the whole state to be stored in its place. Throws
   * when it cannot be written; then nothing was. Returns the row's length.
   */
  append(at: number, sections: Sections, snapshot: () => Sections): number {
    const seq = this.seq + 1;
    const bytes = writeSections(sections);
    if (bytes.length > MAX_ROW_BYTES) this.#compact(seq, snapshot(), seq); // older rows cannot lead past the one that is missing
    else this.#store.append({ seq, at, bytes });
    this.seq = seq;
    return bytes.length;
  }

  /** Cuts a snapshot when enough rows have come since the last. */
  compactWhenDue(snapshot: () => Sections): void {
    if (this.seq - this.#snapshotSeq >= ROWS_PER_SNAPSHOT) this.#compact(this.seq, snapshot(), this.seq - ROWS_KEPT);
  }

  #compact(seq: number, snapshot: Sections, keepAfter: number): void {
    this.#store.compact({ seq, bytes: writeSections(snapshot) }, keepAfter);
    this.#snapshotSeq = seq;
  }

  /** One section of each row above `seq`; undefined where rows that old are gone. */
  since(seq: number, section: number): { seq: number; bytes: Uint8Array }[] | undefined {
    if (seq < this.#store.oldest() || seq > this.seq) return undefined;
    const found: { seq: number; bytes: Uint8Array }[] = [];
    for (const row of this.#store.rows(seq)) {
      const bytes = readSections(row.bytes).get(section);
      if (bytes) found.push({ seq: row.seq, bytes });
    }
    return found;
  }
}

function writeSections(sections: Sections): Uint8Array {
  return encode((to) => {
    for (const [section, bytes] of sections) {
      encoding.writeVarUint(to, section);
      encoding.writeVarUint8Array(to, bytes);
    }
  });
}

function readSections(bytes: Uint8Array): Sections {
  const from: Decoder = decoding.createDecoder(bytes);
  const sections = new Map<number, Uint8Array>();
  while (decoding.hasContent(from)) {
    const section = decoding.readVarUint(from);
    sections.set(section, decoding.readVarUint8Array(from));
  }
  return sections;
}
