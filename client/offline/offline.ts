/** Where a client keeps documents for when there is no network. */
import type { Doc } from "yjs";

/** A document that is being kept. */
export interface Kept {
  /** The room's life that it is of; 0: it has not met the room. */
  readonly epoch: number;
  keepEpoch(epoch: number): Promise<void>;
  /** Forgets it. */
  clear(): Promise<void>;
  /** Keeps no more of it, and what is there. */
  close(): Promise<void>;
}

export interface Offline {
  /** Fills `doc` with what was kept of this room, and keeps what it becomes. Undefined: nothing can be kept here. */
  open(room: string, doc: Doc): Promise<Kept | undefined>;
}
