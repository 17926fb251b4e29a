/**
 * How much one connection, and one user over all their connections, may say. Far above what the SDK sends (31 frames a
 * second), far below what would keep a room from serving the others; who goes over is closed, and nobody else notices.
 */
import { Bucket } from "./bucket.ts";
import type { Connection } from "./connections.ts";

const FRAMES_PER_SECOND = 100;
const BYTES_PER_SECOND = 256 * 1024;
/** After a rest: a page that comes back sends what waited at once. */
const BURST_SECONDS = 4;
/** A user may have several pages open, and still not the sum of what each may say. */
const USER_FACTOR = 2;

/** As many allowances as these are not worth a look. */
const FEW_USERS = 1000;

interface Allowance {
  readonly frames: Bucket;
  readonly bytes: Bucket;
}

const allowance = (factor: number): Allowance => ({
  frames: new Bucket(FRAMES_PER_SECOND * factor, FRAMES_PER_SECOND * factor * BURST_SECONDS),
  bytes: new Bucket(BYTES_PER_SECOND * factor, BYTES_PER_SECOND * factor * BURST_SECONDS),
});

export class Throttle {
  readonly #connections = new WeakMap<Connection, Allowance>();
  /** By user id. It outlasts the user's connections: coming back buys nothing. */
  readonly #users = new Map<string, Allowance>();
  /** With this many users it is looked who can be forgotten. */
  #lookAt = FEW_USERS;

  /** Whether a frame of this many bytes is within what its sender may say. */
  allows(connection: Connection, bytes: number, now: number): boolean {
    const { id } = connection.facts.user;
    let own = this.#connections.get(connection);
    if (!own) this.#connections.set(connection, (own = allowance(1)));
    const user = this.#users.get(id) ?? this.#add(id, now);
    return own.frames.take(now) && own.bytes.take(now, bytes) && user.frames.take(now) && user.bytes.take(now, bytes);
  }

  /** A user who has not spoken yet. When many have, those who have rested in full since are forgotten: seldom, as it costs a look at all. */
  #add(id: string, now: number): Allowance {
    if (this.#users.size >= this.#lookAt) {
      for (const [other, { frames, bytes }] of this.#users)
        if (frames.isFull(now) && bytes.isFull(now)) this.#users.delete(other);
      this.#lookAt = Math.max(FEW_USERS, 2 * this.#users.size);
    }
    const added = allowance(USER_FACTOR);
    this.#users.set(id, added);
    return added;
  }
}
