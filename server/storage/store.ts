/**
 * What a room needs of its storage. Two implementations: SQLite in a Durable Object, and memory for tests.
 *
 * Invariants
 * - Every call is one transaction: all of it or, when it throws, nothing.
 * - What was written is seen by the next read in the same turn.
 * - It is durable once a promise of `settled()` taken after the write resolves. Nothing may be said of it to anyone
 *   before the write; what is said after it is held back by the platform until it is durable.
 * - Rows have rising, gap-free `seq`. What is longer than MAX_ROW_BYTES is stored in several rows of that length.
 * - One snapshot counts. Pieces of another are a draft: nobody reads them until `adopt` makes it the one that counts.
 */
import type { Version } from "../../shared/document/version.ts";
export interface Row {
  readonly seq: number;
  /** ms since 1970. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What a room is, fixed when it is created. */
export interface Birth {
  /** The format of rows and snapshots. */
  readonly format: number;
  /** Of the room's definition, and its game's (0: no game). */
  readonly room: string;
  readonly gameVersion: number;
  /** The game's parameters, in its own codec. */
  readonly params: Uint8Array;
  /** Where the room's own randomness comes from: leaves the server in an export only. */
  readonly seed: number;
  /** The same, 256 bits as hexadecimal digits; a room made before there was one has the seed only. */
  readonly secret?: string;
  /** ms since 1970. */
  readonly createdAt: number;
}

/** A part of a snapshot, at most MAX_ROW_BYTES long. A section is all its pieces, in order. */
export interface Piece {
  readonly section: number;
  readonly bytes: Uint8Array;
}

export interface Store {
  /** Undefined: the room does not exist. */
  birth(): Birth | undefined;
  /** The last row that is in the snapshot that counts; undefined: there is none. */
  snapshot(): number | undefined;
  /** A piece of a snapshot or a draft, by its number from 0; undefined: there are no more. */
  piece(cut: number, number: number): Piece | undefined;
  /** The pieces of one section, in order: what is not asked for is not read. To be read to the end. */
  section(cut: number, section: number): Iterable<Uint8Array>;
  /** Rows above `seq`, ascending. To be read to the end: until then nothing can be removed. */
  rows(after: number): Iterable<Row>;
  /** One row; undefined: it is not there. */
  row(seq: number): Row | undefined;
  /** The lowest `seq` from which `rows` is gap-free up to the newest: the snapshot's, or lower where older rows are kept. */
  oldest(): number;
  /** The rows above `after` (default 0), newest first, without their bytes. */
  sizes(after?: number): readonly { readonly seq: number; readonly at: number; readonly length: number }[];
  /** Makes the room, with its first snapshot: of row 0. */
  create(birth: Birth, pieces: readonly Piece[]): void;
  /** The room goes on as another `birth` says, from a snapshot at row `cut`: rows up to there are gone. */
  carryOver(birth: Birth, cut: number, pieces: readonly Piece[]): void;
  append(row: Row): void;
  /** Writes a piece of a draft. */
  draft(cut: number, number: number, piece: Piece): void;
  /** The draft is from now on the snapshot that counts. */
  adopt(cut: number): void;
  /**
   * Removes what nobody reads any more, at most `most` of each: pieces of snapshots that do not count, the oldest rows up to
   * `rowsUpTo`. True: there is more.
   */
  sweep(rowsUpTo: number, most: number): boolean;
  /** Puts other bytes in the place of a row's, and keeps the ones it had aside. For a repair, and for nothing else. */
  quarantine(seq: number, bytes: Uint8Array, reason: string): void;
  /** Oldest first. */
  versions(): readonly Version[];
  /** The content of a version; empty: there is none. */
  version(id: number): Uint8Array;
  /** Under an id above all that ever were: what was dropped stays gone. */
  keepVersion(version: Omit<Version, "id" | "bytes">, content: Uint8Array): Version;
  dropVersion(id: number): void;
  /** The `createdAt` of the room's last life, where it was deleted; undefined: it was not, or has been made anew. */
  tombstone(): number | undefined;
  /** Removes everything but a tombstone. */
  bury(epoch: number): void;
  /** What the room has to do later, by name: when (ms since 1970). */
  agenda(): ReadonlyMap<string, number>;
  keepAgenda(agenda: ReadonlyMap<string, number>): void;
  settled(): Promise<void>;
}
