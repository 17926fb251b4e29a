/**
 * How often a room's object came back into memory with its sockets open, and what for. The count lies in one of the
 * sockets: a row a wake would cost more than the wake.
 */
import type { Connection } from "../room/connections.ts";
import { Counters } from "./counters.ts";

/** What the object came back for. */
export type WakeCause = "message" | "join" | "close" | "alarm" | "call" | "inspect";

export class Wakes {
  readonly counts: Record<string, number> = {};
  /** The connection whose socket keeps the count. */
  keeper: Connection | undefined;
  #waking = false;

  /** A socket was open already when the object started; `kept` is what lay in it. */
  adopted(connection: Connection, kept: Readonly<Record<string, number>> | undefined): void {
    this.#waking = true;
    if (!kept) return;
    Object.assign(this.counts, kept);
    this.keeper = connection;
  }

  /** Something happens; the first thing after a start is what the object woke for. True when this was it. */
  woken(cause: WakeCause): boolean {
    if (!this.#waking) return false;
    this.#waking = false;
    Counters.add(this.counts, cause);
    return true;
  }
}
