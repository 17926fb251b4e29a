/** What a room asks of the place where a client keeps things for when there is no network, or no page. */
import type { Doc } from "yjs";
import type { AnyGame } from "../../shared/game/run.ts";
import type { RoomError } from "../../shared/room/room-error.ts";
import type { Outbox } from "../outbox.ts";

/** A document to be kept, which is empty yet. */
export interface KeptDocument {
  readonly doc: Doc;
  /** Applies updates, all at once, in the name of `origin`. */
  take(updates: readonly Uint8Array[], origin: unknown): void;
  /** All of it, as one update. */
  whole(): Uint8Array;
  /** What it has become is kept now. */
  kept(): void;
}

/** A document that is being kept. */
export interface Kept {
  /** The room's life that it is of; 0: it has not met the room. */
  readonly epoch: number;
  /** All that the document is, is kept. */
  readonly isKept: boolean;
  keepEpoch(epoch: number): Promise<void>;
  /** Forgets it. */
  clear(): Promise<void>;
  /** Keeps no more of it, and what is there. */
  close(): Promise<void>;
}

/** A room as its actions' keeper sees it. */
export interface ActingPage {
  readonly game: AnyGame;
  readonly outbox: Outbox;
  session(): string;
  /** Speaks as this session from now on, or as one that nobody has had: an open socket is left for a new one. */
  speakAs(session?: string): void;
  /** More of the outbox may be sent. */
  flush(): void;
  /** The outbox holds something else. */
  changed(): void;
  /** ms since 1970. */
  now(): number;
  /** Tells the app; false: nobody listens. */
  error(error: RoomError): boolean;
}

/** The actions of a room that wait for an answer, kept for the page that comes after this one. */
export interface KeptActions {
  /** Before each socket: its token names the user, whose actions of earlier pages are taken up where nobody else has. */
  meet(token: string): Promise<void>;
  /** The room has let the page in. */
  welcome(epoch: number): void;
  /** The outbox may have changed. */
  changed(): void;
  /** The page gives up what waits. Returns whether it is kept for later. */
  leave(): boolean;
  /** The page leaves the room for good. */
  close(): void;
}

export interface Offline {
  /** Fills it with what was kept of this room, and keeps what it becomes. Undefined: nothing can be kept here. */
  open(room: string, document: KeptDocument): Promise<Kept | undefined>;
  /** Keeps the actions of this room that have no answer, and takes up those of earlier pages. Undefined: nothing can be kept here. */
  actions(room: string, page: ActingPage): Promise<KeptActions | undefined>;
}
