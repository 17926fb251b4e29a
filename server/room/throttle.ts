/**
 * How much one connection, one user over all their connections, and all in the room together may say. Far above what the
 * SDK sends (31 frames a second), far below what would keep a room from serving the others; who goes over is closed, and
 * nobody else notices. What a full room asks of everybody first is in pace.ts.
 */
import { Bucket } from "../../shared/bucket.ts";
import type { Connection } from "./connections.ts";

const FRAMES_PER_SECOND = 100;
const BYTES_PER_SECOND = 256 * 1024;
/** After a rest: a page that comes back sends what waited at once. */
const BURST_SECONDS = 4;
/** A user may have several pages open, and still not the sum of what each may say. */
const USER_FACTOR = 2;

/** The room's own bound is this many times what it asks clients to keep to, and this many bytes a second. */
const ROOM_FACTOR = 2;
const ROOM_BYTES_PER_SECOND = 64 * 1024 * 1024;

/** What a frame costs the room besides its bytes, as bytes. */
const FRAME_BYTES = 100;

/** As many allowances as these are not worth a look. */
const FEW_USERS = 1000;

/** Who says most is looked at over this long, in ms. */
const WINDOW_MS = 1000;

interface Allowance {
  readonly frames: Bucket;
  readonly bytes: Bucket;
}

const allowance = (frames: number, bytes: number): Allowance => ({
  frames: new Bucket(frames, frames * BURST_SECONDS),
  bytes: new Bucket(bytes, bytes * BURST_SECONDS),
});

export class Throttle {
  readonly #connections = new WeakMap<Connection, Allowance & { window: number; said: number }>();
  /** What has been said in this window, and by how many. */
  #window = 0;
  #said = 0;
  #speakers = 0;
  /** By user id. It outlasts the user's connections: coming back buys nothing. */
  readonly #users = new Map<string, Allowance>();
  readonly #room: Allowance;
  /** With this many users it is looked who can be forgotten. */
  #lookAt = FEW_USERS;

  constructor(framesPerSecond: number) {
    this.#room = allowance(framesPerSecond * ROOM_FACTOR, ROOM_BYTES_PER_SECOND);
  }

  /**
   * Whether a frame of this many bytes is within what its sender may say. When all together say too much, those are over
   * who say more than the others do: nobody pays for their noise.
   */
  allows(connection: Connection, bytes: number, now: number): boolean {
    const { id } = connection.facts.user;
    let own = this.#connections.get(connection);
    if (!own)
      this.#connections.set(connection, (own = { ...allowance(FRAMES_PER_SECOND, BYTES_PER_SECOND), window: 0, said: 0 }));
    const user = this.#users.get(id) ?? this.#add(id, now);
    if (!takes(own, now, bytes) || !takes(user, now, bytes)) return false;
    const window = Math.floor(now / WINDOW_MS);
    if (this.#window !== window) {
      this.#window = window;
      this.#said = this.#speakers = 0;
    }
    if (own.window !== window) {
      own.window = window;
      own.said = 0;
      this.#speakers++;
    }
    own.said += bytes + FRAME_BYTES;
    this.#said += bytes + FRAME_BYTES;
    return takes(this.#room, now, bytes) || own.said * this.#speakers <= this.#said;
  }

  /** A user who has not spoken yet. When many have, those who have rested in full since are forgotten: seldom, as it costs a look at all. */
  #add(id: string, now: number): Allowance {
    if (this.#users.size >= this.#lookAt) {
      for (const [other, { frames, bytes }] of this.#users)
        if (frames.isFull(now) && bytes.isFull(now)) this.#users.delete(other);
      this.#lookAt = Math.max(FEW_USERS, 2 * this.#users.size);
    }
    const added = allowance(FRAMES_PER_SECOND * USER_FACTOR, BYTES_PER_SECOND * USER_FACTOR);
    this.#users.set(id, added);
    return added;
  }
}

const takes = (from: Allowance, now: number, bytes: number): boolean => from.frames.take(now) && from.bytes.take(now, bytes);
