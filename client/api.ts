/// <reference lib="esnext.disposable" preserve="true" />
/** What a room is to an app: the types of everything that `client.join` returns. */
import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";
import type { View } from "../shared/game/tables.ts";
import type { User } from "../shared/protocol/user.ts";
import type { Actions, Broadcast, Motions } from "../shared/room/actions.ts";
import type { AnyRoom, GameOf, Message, SomeGame } from "../shared/room/define-room.ts";
import type { RoomError } from "../shared/room/room-error.ts";
import type { Traffic } from "./connection.ts";
import type { Happening } from "./timeline.ts";
import type { Versions } from "./versions.ts";

/** A user in the room. */
export interface Peer<D extends AnyRoom> {
  /** `c.me` of this user; 0 for those who only watch. */
  readonly id: number;
  readonly user: User;
  /** What it shows; of several tabs, the one that last said something. */
  readonly presence: D["~types"]["presence"];
  /** How many sockets (tabs, devices) it has open. */
  readonly connections: number;
}

/** `connecting`: never been in yet. `reconnecting`: was in, will be again. `disconnected`: on purpose, or for good. */
export type Status = "connecting" | "connected" | "reconnecting" | "disconnected";

/** `saved`: all that this page did is durable. `saving`: it is on its way. `offline`: it waits for the connection. */
export interface Sync {
  readonly state: "saved" | "saving" | "offline";
  /** Actions without an answer. */
  readonly pending: number;
}

/** What `room.on` tells of, and with what. */
export interface Listeners<D extends AnyRoom> {
  status: (status: Status) => void;
  sync: (sync: Sync) => void;
  others: (others: readonly Peer<D>[]) => void;
  /** An event of the room's people (`from`: their `c.me`) or of its game (`from`: "room"). */
  event: (event: Message<D["~types"]["events"], number> | Message<GameOf<D>["events"], "room">) => void;
  /** Something shown has changed: state, others, self, or the connection's own figures. */
  frame: () => void;
  /**
   * The connection was stopped, with its reason: it will not try again by itself. Or, with `error.action`, what a page before this
   * one did was refused, or is not sent any more (`offline`). Or the room said what belongs to no call.
   */
  error: (error: RoomError) => void;
}

export interface RoomBase<D extends AnyRoom> {
  /** The room's id, as joined. */
  readonly id: string;
  /** Resolves with the first state; rejects when the room may not be entered. */
  readonly ready: Promise<void>;
  readonly status: Status;
  readonly sync: Sync;
  /** Round trip of the last heartbeat, in ms; undefined before the first. */
  readonly rtt: number | undefined;
  /** The room's clock, in ms since 1970, to within half a round trip. */
  serverNow(): number;
  /** What has happened to this room on this page, to be pasted into a bug report. It holds no token, and nothing of the state. */
  diagnostics(): Diagnostics;
  readonly self: Peer<D> | null;
  /** By `c.me`. The same array, and the same peer in it, until something in it changes. */
  readonly others: readonly Peer<D>[];
  /** Throws RoomError "bad-input" when a field does not fit. Latest wins; sent at most every 33 ms. */
  setPresence(patch: Partial<D["~types"]["presence"]>): void;
  broadcast: Broadcast<D>;
  /** Returns its own unsubscribe. */
  on<K extends keyof Listeners<D>>(type: K, listener: Listeners<D>[K]): () => void;
  connect(): void;
  /** Leaves for now: what is pending waits for `connect`, and with `offline` outlives the page. */
  disconnect(): void;
  /** Leaves for good: what is pending is rejected; with `offline` it is sent by the next page that joins. */
  destroy(): void;
  /** `using room = client.join(…)` leaves for good at the end of the block. */
  [Symbol.dispose](): void;
  /** `await using room = client.join(…)` waits until all that was done is saved, and leaves then; at most 10 s. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Diagnostics {
  /** Party and id. */
  readonly room: string;
  readonly protocol: number;
  readonly user: string | undefined;
  readonly status: Status;
  readonly sync: Sync;
  /** The newest row that is here. */
  readonly seq: number;
  readonly rttMs: number | undefined;
  /** How far the room's clock is ahead of the page's. */
  readonly clockOffsetMs: number;
  /** Since it was joined. */
  readonly traffic: Traffic;
  /** The last 200 happenings, oldest first. */
  readonly timeline: readonly Happening[];
}

export interface RoomGame<D extends AnyRoom> {
  /** Confirmed ⊕ live values ⊕ what this page did and has not heard of. */
  readonly state: View<GameOf<D>["state"]>;
  /** What the room has confirmed, alone. */
  readonly confirmed: View<GameOf<D>["state"]>;
  /** What the room was created with; undefined before `ready`. */
  readonly params: Readonly<GameOf<D>["params"]>;
  readonly do: Actions<GameOf<D>>;
  /**
   * Where a row is on its way while others move it by a stream, on the room's clock and a moment late, so that it is smooth
   * at the display's own rate: for what draws in `requestAnimationFrame` (`room.motion.drag(row.id) ?? row`). Undefined
   * where nobody moves it, and for what this page moves itself: it lies where `state` says.
   */
  readonly motion: Motions<GameOf<D>>;
  /** Whether an action was refused by the rules; then `code` is one of the game's own. */
  isRejection(error: unknown): error is RoomError<GameOf<D>["codes"]>;
  /** Calls `changed` whenever what `select` picks is no longer `===`. Returns its own unsubscribe. */
  subscribe<V>(select: (state: View<GameOf<D>["state"]>) => V, changed: (value: V) => void): () => void;
}

export interface RoomDocument {
  /** The room's document, for any Yjs editor binding. What is changed here is shown to everyone, and kept when offline as long as the page lives, or longer with `offline`. */
  readonly doc: Doc;
  /** Who points where in it: give it to the binding, and set the name and colour that others see (`setLocalStateField("user", …)`). */
  readonly awareness: Awareness;
  /** What the document once was. */
  readonly versions: Versions;
}

/** Only what the room declares exists. */
export type Room<D extends AnyRoom> = RoomBase<D> &
  (D["game"] extends SomeGame ? RoomGame<D> : {}) &
  (D["document"] extends true ? RoomDocument : {});
