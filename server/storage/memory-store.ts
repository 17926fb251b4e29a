/** A store in memory, with the same invariants as the real one: for tests of the room in plain Node. */
import { MAX_ROW_BYTES } from "../../shared/protocol/limits.ts";
import type { Birth, Piece, Row, Store } from "./store.ts";
import type { Version } from "../../shared/document/version.ts";

export class MemoryStore implements Store {
  #birth: Birth | undefined;
  #snapshot: number | undefined;
  /** Cut → its pieces. */
  #cuts = new Map<number, readonly Piece[]>();
  #rows: Row[] = [];
  #agenda: ReadonlyMap<string, number> = new Map();
  #lastVersion = 0;
  #versions = new Map<number, { version: Version; content: Uint8Array }>();
  #tombstone: number | undefined;
  /** When what was written becomes durable; tests put a slow one here. */
  commit: () => Promise<void> = () => Promise.resolve();
  /** Set to make the next write throw it. */
  failure: Error | undefined;

  birth(): Birth | undefined {
    return this.#birth;
  }
  snapshot(): number | undefined {
    return this.#snapshot;
  }
  piece(cut: number, number: number): Piece | undefined {
    return this.#cuts.get(cut)?.[number];
  }
  row(seq: number): Row | undefined {
    return this.#rows.find((row) => row.seq === seq);
  }
  section(cut: number, section: number): Uint8Array[] {
    return (this.#cuts.get(cut) ?? []).filter((piece) => piece.section === section).map(({ bytes }) => bytes);
  }
  rows(after: number): Row[] {
    return this.#rows.filter((row) => row.seq > after);
  }
  oldest(): number {
    return this.#rows.length > 0 ? this.#rows[0]!.seq - 1 : (this.#snapshot ?? 0);
  }
  sizes(after = 0): { seq: number; at: number; length: number }[] {
    return this.rows(after)
      .map(({ seq, at, bytes }) => ({ seq, at, length: bytes.length }))
      .toReversed();
  }
  create(birth: Birth, pieces: readonly Piece[]): void {
    this.#fail();
    this.#birth = birth;
    this.#tombstone = undefined;
    this.#cuts.set(0, pieces);
    this.#snapshot = 0;
  }
  carryOver(birth: Birth, cut: number, pieces: readonly Piece[]): void {
    this.#fail();
    this.#birth = birth;
    this.#cuts.set(cut, pieces);
    this.#snapshot = cut;
    this.#rows = this.rows(cut);
  }
  append(row: Row): void {
    this.#fail();
    if (row.seq <= (this.#rows.at(-1)?.seq ?? 0)) throw new RangeError(`row ${row.seq} is there already`);
    this.#rows.push(row);
  }
  draft(cut: number, number: number, piece: Piece): void {
    this.#fail();
    if (piece.bytes.length > MAX_ROW_BYTES)
      throw new RangeError(`piece of ${piece.bytes.length} bytes, expected at most ${MAX_ROW_BYTES}`);
    const pieces = this.#cuts.get(cut) ?? [];
    if (pieces.length !== number) throw new RangeError(`piece ${number} of a draft with ${pieces.length}`);
    this.#cuts.set(cut, [...pieces, piece]);
  }
  adopt(cut: number): void {
    this.#fail();
    this.#snapshot = cut;
  }
  sweep(rowsUpTo: number, most: number): boolean {
    this.#fail();
    const to = Math.min(rowsUpTo, this.oldest() + most);
    this.#rows = this.rows(to);
    let left = most;
    for (const [cut, pieces] of this.#cuts) {
      if (cut === this.#snapshot) continue;
      const rest = pieces.slice(left);
      left -= pieces.length - rest.length;
      if (rest.length > 0) this.#cuts.set(cut, rest);
      else this.#cuts.delete(cut);
    }
    return to < rowsUpTo || [...this.#cuts.keys()].some((cut) => cut !== this.#snapshot);
  }
  quarantine(seq: number, bytes: Uint8Array): void {
    this.#fail();
    this.#rows = this.#rows.map((row) => (row.seq === seq ? { ...row, bytes } : row));
  }
  versions(): Version[] {
    return [...this.#versions.values()].map(({ version }) => version);
  }
  version(id: number): Uint8Array {
    return this.#versions.get(id)?.content ?? new Uint8Array();
  }
  keepVersion(kept: Omit<Version, "id" | "bytes">, content: Uint8Array): Version {
    this.#fail();
    const id = ++this.#lastVersion;
    const version = { id, ...kept, bytes: content.length };
    this.#versions.set(id, { version, content });
    return version;
  }
  dropVersion(id: number): void {
    this.#fail();
    this.#versions.delete(id);
  }
  tombstone(): number | undefined {
    return this.#tombstone;
  }
  bury(epoch: number): void {
    this.#fail();
    this.#birth = this.#snapshot = undefined;
    this.#cuts.clear();
    this.#rows = [];
    this.#agenda = new Map();
    this.#versions.clear();
    this.#lastVersion = 0;
    this.#tombstone = epoch;
  }
  agenda(): ReadonlyMap<string, number> {
    return this.#agenda;
  }
  keepAgenda(agenda: ReadonlyMap<string, number>): void {
    this.#fail();
    this.#agenda = new Map(agenda);
  }
  settled(): Promise<void> {
    return this.commit();
  }

  /** The disk never had the rows above `seq`, though it said so. */
  lose(seq: number): void {
    this.#rows = this.#rows.filter((row) => row.seq <= seq);
  }

  /** As it is now: rows and pieces are never changed, so the copy shares them. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    copy.#birth = this.#birth;
    copy.#snapshot = this.#snapshot;
    copy.#cuts = new Map(this.#cuts);
    copy.#rows = [...this.#rows];
    copy.#agenda = this.#agenda;
    copy.#versions = new Map(this.#versions);
    copy.#lastVersion = this.#lastVersion;
    copy.#tombstone = this.#tombstone;
    return copy;
  }

  #fail(): void {
    const failure = this.failure;
    this.failure = undefined;
    if (failure) throw failure;
  }
}
