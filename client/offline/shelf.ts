/**
 * Where actions lie between one page and the next: what their keeper asks of storage.
 *
 * INVARIANTS
 * - A write is all or nothing, and over when its promise is: one that was rejected has not happened, and will not.
 * - A session is held by one page at a time, and by nobody once its page is gone.
 */

/** Room, session, number. */
export type ActionKey = readonly [room: string, session: string, number: number];

export interface KeptAction {
  readonly room: string;
  readonly session: string;
  readonly number: number;
  /** The `sub` of its user's token. */
  readonly user: string;
  /** The room's life that it was made in; 0: its page had not been in. */
  readonly epoch: number;
  /** What it is for: only a game of that name and version, with an action of that name and type of input, may send it. */
  readonly game: string;
  readonly action: string;
  readonly wire: string;
  /** Its input: in its codec, to be sent, and as it was given, to be told of. */
  readonly bytes: Uint8Array;
  readonly value: unknown;
  /** When it was made, in ms since 1970. */
  readonly at: number;
}

export interface Shelf {
  /** All of a room, sessions together, in the order of numbers. */
  read(room: string): Promise<KeptAction[]>;
  write(puts: readonly KeptAction[], removes: readonly ActionKey[]): Promise<void>;
  /** Who was last here, in any room; undefined: nobody yet. */
  lastUser(): Promise<string | undefined>;
  keepLastUser(user: string): Promise<void>;
  /** Holds a session that may be another page's; returns what lets it go, or undefined: that page has it. */
  holdIfFree(room: string, session: string): Promise<(() => void) | undefined>;
  /** Holds the page's own, as soon as whoever looks at it has let it go. */
  hold(room: string, session: string): Promise<() => void>;
  /** Calls `listener` when the page is seen again: others may have been closed. Returns its own unsubscribe. */
  onSeen(listener: () => void): () => void;
  close(): void;
}
