/** What a room needs of the machine it runs on, what it can be told, and what it shows of itself. */
import type { GameEvent } from "../../shared/game/run.ts";
import type { User } from "../../shared/protocol/user.ts";
import type { Counters } from "../observe/counters.ts";
import type { DocumentInspection } from "../parts/document/document-part.ts";
import type { Store } from "../storage/store.ts";
import type { LobbyLine } from "../lobby/summary.ts";
import type { BeatOptions } from "./beat.ts";

/** The machine. A plain object of functions: whoever needs some of them takes them off it. */
export interface RoomHost {
  /** The room's id. */
  readonly id: string;
  /** The lobby that lists it; undefined: the worker has none. */
  readonly lobby?: LobbyLine | undefined;
  readonly store: Store;
  /** ms since 1970; stands still within an event. */
  now(): number;
  after(ms: number, run: () => void): void;
  /** 32 random bits. */
  random(): number;
  /** Wakes the room at this time (ms since 1970), even when it has left memory meanwhile. */
  setAlarm(at: number): void;
  log(level: "info" | "error", message: string, error?: unknown): void;
}

export interface RoomOptions extends BeatOptions {
  /** How long a user's last session may be gone before the game's `leave` runs, in ms. Default 5,000. */
  readonly leaveGraceMs?: number;
  /** The most sockets in the room at once; one more is closed with 4531. Default: the platform's bound, 32,768. */
  readonly capacity?: number;
  /**
   * Whether the game is over, by its public state: such a room leaves the lobby's list, and is matched with nobody. Asked for now and then
   * while the room is listed; must change nothing. Default: a game never ends.
   */
  readonly ended?: ((state: never) => boolean) | undefined;
  /** How often it is looked for sockets that died without a word while nothing else happens, in ms; only while two or more are open. Default 60,000. */
  readonly sweepMs?: number;
  /** Frames a second, of all clients together, above which the room asks everyone to send fewer. Default 30,000: about what one core reads. */
  readonly framesPerSecond?: number;
  /**
   * A longer document, in bytes, is not built in memory, and takes no more edits; each of its structs counts as 10 bytes, each
   * deleted range as 40, each client that wrote in it as 100. Default 7,000,000: built, it is eleven times as large, and an object has 128 MB.
   */
  readonly maxLiveDocumentBytes?: number;
  /** After this many journal rows a snapshot is cut, and as many are kept behind it for those who come back. Default 1,000. */
  readonly snapshotRows?: number;
}

/** A user, as the user's own code is told of one. */
export interface Person {
  /** `c.me`; 0 for one who may not write. */
  readonly id: number;
  readonly user: User;
}

/** The user's own code, called once what it is told of is durable. */
export interface RoomHooks {
  event?(event: GameEvent): void;
  join?(who: Person): void;
  leave?(who: Person): void;
  empty?(): void;
}

/** What `…/inspect` shows. */
export interface Inspection {
  /** The definition's name. */
  readonly room: string;
  readonly content: "absent" | "open" | "broken";
  /** The newest row. */
  readonly seq: number;
  /** Random at every start of the object: another number, another instance. */
  readonly life: number;
  /** How often the object came back into memory with its sockets open, by cause; kept while a socket is open. */
  readonly wakes: Readonly<Record<string, number>>;
  readonly connections: readonly { readonly id: number; readonly stage: string; readonly me: number; readonly user: string }[];
  /** Undefined: there is none, or it has not been read. */
  readonly document: DocumentInspection | undefined;
  /** Since this instance started. */
  readonly counters: Counters;
}
