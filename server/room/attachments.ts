/**
 * What outlives the object's memory in the sockets themselves: who is behind each, what it shows, and how often the object
 * came back and what for. Written when identity changes, when a socket falls behind, and for presence when it has been
 * quiet for a while: not for every move of a cursor.
 */
import type { PresenceType } from "../../shared/room/presence-type.ts";
import { Counters } from "../observe/counters.ts";
import type { AwarenessPart } from "../parts/document/awareness-part.ts";
import { isBehind, type Attachment, type Connection, type Connections } from "./connections.ts";

/** What the object came back for. */
export type WakeCause = "message" | "join" | "close" | "alarm" | "call" | "inspect";

/** Presence is saved once it has been quiet for this long, in ms: before the platform would hibernate (10 s). */
const SAVE_AFTER_MS = 5000;

export class Attachments {
  /** How often the object came back into memory with its sockets open, by cause. */
  readonly wakes: Record<string, number> = {};
  readonly #presence: PresenceType<unknown>;
  readonly #connections: Connections;
  readonly #awareness: AwarenessPart;
  readonly #after: (ms: number, run: () => void) => void;
  readonly #unsaved = new Set<Connection>();
  /** The one whose socket keeps the number of wakes: a row for each would cost more than the wake. */
  #keeper: Connection | undefined;
  /** The object has just come back, and nothing has said what for. */
  #waking = false;

  constructor(
    presence: PresenceType<unknown>,
    connections: Connections,
    awareness: AwarenessPart,
    after: (ms: number, run: () => void) => void,
  ) {
    this.#presence = presence;
    this.#connections = connections;
    this.#awareness = awareness;
    this.#after = after;
  }

  /** A socket was open already when the object started, with this in it. */
  adopted(connection: Connection, { wakes }: Attachment): void {
    this.#waking = true;
    if (!wakes) return;
    Object.assign(this.wakes, wakes);
    this.#keeper = connection;
  }

  /** Something happens: the first thing after a start is what the object woke for. */
  woken(cause: WakeCause): void {
    if (!this.#waking) return;
    this.#waking = false;
    Counters.add(this.wakes, cause);
    this.#keepWakes();
  }

  save(connection: Connection): void {
    if (connection.stage === "gone") return; // whoever wakes must not take it for one that is here
    const { id, facts, session, me, presence, paceMs, socket } = connection;
    const awareness = this.#awareness.shown(connection);
    const joined = { session, me, presence: this.#presence.bytes(presence), paceMs, ...(awareness && { awareness }) };
    const behind = isBehind(connection);
    socket.attach({ id, facts, joined, ...(behind && { behind }), ...(connection === this.#keeper && { wakes: this.wakes }) });
  }

  /** Its token is another. */
  renewed(connection: Connection): void {
    const { stage, socket, id, facts, heardAt } = connection;
    if (stage === "greeting") socket.attach({ id, facts, openedAt: heardAt });
    else if (stage !== "joining") this.save(connection); // one that is coming is saved when it is in
  }

  /** Its presence has changed. */
  saveSoon(connection: Connection): void {
    if (this.#unsaved.size === 0)
      this.#after(SAVE_AFTER_MS, () => {
        for (const each of this.#unsaved) this.save(each);
        this.#unsaved.clear();
      });
    this.#unsaved.add(connection);
  }

  gone(connection: Connection): void {
    this.#unsaved.delete(connection);
    if (connection === this.#keeper) this.#keepWakes();
  }

  #keepWakes(): void {
    if (!this.#keeper || this.#keeper.stage === "gone") [this.#keeper] = this.#connections.open();
    if (this.#keeper) this.save(this.#keeper);
  }
}
