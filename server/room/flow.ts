/**
 * What becomes of a reader who is slower than the room. The platform queues whatever is sent, without a bound, so the
 * room counts what each socket still owes an acknowledgement for, and stops in time:
 *
 *   over SOFT_BYTES    it is spared what is transient (streams, presence)
 *   over HARD_BYTES    it is sent nothing more; the room goes on without it (`lagging`)
 *   it has caught up   it is welcomed anew: with the people and live values it missed, or with the whole state
 *   never              after CREDIT_WITHIN_MS it is closed with 4530
 *
 * A state that is sent at once is not counted: it is within a window anyway, and is sent once.
 */
import { ACK_EVERY_BYTES } from "../../shared/protocol/limits.ts";
import type { Connection } from "./connections.ts";

export const SOFT_BYTES = 262_144;
export const HARD_BYTES = 1_048_576;
/** Below this, one that was spared something has caught up. */
export const CAUGHT_UP_BYTES = 65_536;
export const CREDIT_WITHIN_MS = 30_000;

/** Transient, or to be had in order and whole. */
export type Lane = "volatile" | "durable";

export class Flow {
  #sent = 0;
  #acknowledged = 0;
  /** Bytes that another object of this room sent on the same socket. */
  #before = 0;
  #spared = false;
  /** What had been sent when a stock client was asked something, for each question without an answer. */
  #asked: number[] = [];
  /** Since when it has been waited for, in ms; undefined: it is not. */
  #waitingSince: number | undefined;

  /** What it was sent by this object, in bytes. */
  get bytes(): number {
    return this.#sent;
  }

  get owed(): number {
    return this.#sent - this.#acknowledged;
  }

  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /** All that was sent so far is not counted: it was the state. */
  forgive(): void {
    this.#acknowledged = this.#sent;
    this.#spared = false;
    this.#waitingSince = undefined;
  }

  /** The client says how far it has read. */
  acknowledge(bytes: number): void {
    // The client counts since the socket opened, this object since it woke: what is beyond was sent before.
    this.#before += Math.max(0, bytes - this.#before - this.#sent);
    this.#acknowledged = Math.max(this.#acknowledged, bytes - this.#before);
    this.#waitingSince = undefined;
  }

  /** Whether a stock client, which acknowledges nothing, is to be asked something: its answer shows that it has read so far. */
  get askDue(): boolean {
    return this.#sent - Math.max(this.#acknowledged, this.#asked.at(-1) ?? 0) >= ACK_EVERY_BYTES;
  }

  asked(): void {
    this.#asked.push(this.#sent);
  }

  /** It owes an answer. */
  get isAsked(): boolean {
    return this.#asked.length > 0;
  }

  /** It has answered. */
  answered(): void {
    const sent = this.#asked.shift();
    if (sent !== undefined) this.acknowledge(sent + this.#before);
  }

  /** Nothing more goes out before it has read. */
  wait(now: number): void {
    this.#waitingSince ??= now;
  }

  /** Whether a frame of this lane may go; one that may not is remembered. */
  admits(lane: Lane, connection: Connection, now: number): boolean {
    if (this.owed > HARD_BYTES) {
      connection.stage = "lagging";
      this.wait(now);
      return false;
    }
    if (lane === "durable" || this.owed <= SOFT_BYTES) return true;
    this.#spared = true;
    this.wait(now);
    return false;
  }

  /** Something was kept from it, and it could take it now. */
  get caughtUp(): boolean {
    return this.owed < CAUGHT_UP_BYTES;
  }

  get spared(): boolean {
    return this.#spared;
  }

  /** It has been waited for too long. */
  gaveUp(now: number): boolean {
    return this.#waitingSince !== undefined && now - this.#waitingSince > CREDIT_WITHIN_MS;
  }
}
