/**
 * What outlives the object's memory in the sockets themselves: who is behind each, what it shows, and how often the object
 * came back and what for. Written when identity changes, when a socket falls behind, and for presence when it has been
 * quiet for a while: not for every move of a cursor.
 */
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { Counters } from "../observe/counters.ts";
import { isBehind, type Attachment, type Connection, type Connections } from "./connections.ts";
import type { RoomHost } from "./host.ts";
import type { Parts } from "./parts.ts";

/** What the object came back for. */
export type WakeCause = "message" | "join" | "close" | "alarm" | "call" | "inspect";

/** Presence is saved once it has been quiet for this long, in ms: before the platform would hibernate (10 s). */
const SAVE_AFTER_MS = 5000;

export interface AttachmentsHost extends Pick<RoomHost, "after" | "log"> {
  readonly definition: AnyRoom;
  readonly connections: Connections;
  readonly parts: Parts;
}

export class Attachments {
  /** How often the object came back into memory with its sockets open, by cause. */
  readonly wakes: Record<string, number> = {};
  readonly #host: AttachmentsHost;
  readonly #unsaved = new Set<Connection>();
  /** The one whose socket keeps the number of wakes: a row for each would cost more than the wake. */
  #keeper: Connection | undefined;
  /** The object has just come back, and nothing has said what for. */
  #waking = false;

  constructor(host: AttachmentsHost) {
    this.#host = host;
  }

  /** A socket was open already when the object started, with this in it. True: it is of one who had come in, and has not gone. */
  restore(connection: Connection, { joined, behind, wakes }: Attachment): boolean {
    const { definition, connections, parts, log } = this.#host;
    this.#waking = true;
    if (wakes) {
      Object.assign(this.wakes, wakes);
      this.#keeper = connection;
    }
    if (!joined) return false;
    try {
      connection.presence = definition.presence.from(joined.presence);
    } catch (error) {
      log("error", "the presence in a socket is of another definition", error);
      connection.socket.close(4503, "the room has a new version");
      connections.remove(connection);
      return false;
    }
    connection.session = joined.session;
    connection.me = joined.me;
    connection.paceMs = joined.paceMs;
    if (joined.awareness) parts.awareness.restore(connection, joined.awareness);
    // What it said last is not known; what the platform answered is, and a client asks at once when it comes.
    connection.heardAt = connection.socket.heardAt() || connection.heardAt;
    connection.stage = behind ? "stranded" : "open";
    return true;
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
    const awareness = this.#host.parts.awareness.shown(connection);
    const joined = {
      session,
      me,
      presence: this.#host.definition.presence.bytes(presence),
      paceMs,
      ...(awareness && { awareness }),
    };
    const behind = isBehind(connection);
    socket.attach({ id, facts, joined, ...(behind && { behind }), ...(connection === this.#keeper && { wakes: this.wakes }) });
  }

  /** Its token is another. */
  renewed(connection: Connection): void {
    const { stage, socket, id, facts, heardAt } = connection;
    if (stage === "greeting") socket.attach({ id, facts, openedAt: heardAt });
    else if (stage !== "joining") this.save(connection); // one that is coming is saved when it is in
  }

  /** Where it points in the document has changed: it is kept at once where that is seldom, as a timer would keep the room awake. */
  shows(connection: Connection, atOnce: boolean): void {
    if (connection.stage !== "open") return; // it is saved when it is
    if (atOnce) this.save(connection);
    else this.saveSoon(connection);
  }

  /** Its presence has changed. */
  saveSoon(connection: Connection): void {
    if (this.#unsaved.size === 0)
      this.#host.after(SAVE_AFTER_MS, () => {
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
    if (!this.#keeper || this.#keeper.stage === "gone") [this.#keeper] = this.#host.connections.open();
    if (this.#keeper) this.save(this.#keeper);
  }
}
