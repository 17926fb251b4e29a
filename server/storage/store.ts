/**
 * What a room needs of its storage. Two implementations: SQLite in a Durable Object, and memory for tests.
 *
 * Invariants
 * - Every call is one transaction: all of it or, when it throws, nothing.
 * - What was written is seen by the next read in the same turn.
 * - It is durable once a promise of `settled()` taken after the write resolves. Nothing may be said of it to anyone
 *   before the write; what is said after it is held back by the platform until it is durable.
 * - Rows have rising, gap-free `seq`; a row is at most MAX_ROW_BYTES long (a snapshot is cut into chunks of that).
 */
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
  /** Where the room's own randomness comes from: never leaves the server. */
  readonly seed: number;
  /** ms since 1970. */
  readonly createdAt: number;
}

export interface Snapshot {
  /** The last row that is in it. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export interface Store {
  /** Undefined: the room does not exist. */
  birth(): Birth | undefined;
  snapshot(): Snapshot | undefined;
  /** Rows above `seq`, ascending. */
  rows(after: number): Iterable<Row>;
  /** The lowest `seq` from which `rows` is gap-free up to the newest: the snapshot's, or lower where older rows are kept. */
  oldest(): number;
  create(birth: Birth, snapshot: Snapshot): void;
  append(row: Row): void;
  /** Replaces the snapshot and drops the rows up to `keepAfter`. */
  compact(snapshot: Snapshot, keepAfter: number): void;
  settled(): Promise<void>;
}
