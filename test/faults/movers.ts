/** People who move their cursors at a steady pace, one after the other, and measure when each is seen by all the others. */
import { createClient, type Room } from "coterie/client/game";
import { setTimeout as sleep } from "node:timers/promises";
import { boardRoom } from "../kit/board-game.ts";
import type { Served } from "./served.ts";

const PEOPLE = 8;
/** Each moves 20 times a second: more seldom than the SDK sends, so that no place is passed over. */
const MOVE_EVERY_MS = 50;
/** What is not seen by then is not seen at all, in ms. */
const SEEN_WITHIN_MS = 500;

export interface Seen {
  readonly moves: number;
  /** From each move to each other's sight of it, in ms. */
  readonly latencies: readonly number[];
  /** The share of sights that there were. */
  readonly share: number;
}

export class Movers {
  readonly #rooms: readonly Room<typeof boardRoom>[];
  /** When each place was taken: a place is a number, and nobody takes one twice. */
  readonly #movedAt: number[] = [];
  #latencies: number[] = [];

  private constructor(rooms: readonly Room<typeof boardRoom>[]) {
    this.#rooms = rooms;
    for (const room of rooms) this.#watch(room);
  }

  static async join(served: Served, id: string): Promise<Movers> {
    const rooms = Array.from({ length: PEOPLE }, (_, index) =>
      createClient({ host: served.host, auth: () => served.token(`mover ${index}`) }).join(boardRoom, id, {
        presence: { cursor: null, mood: "" },
        create: { pieces: 3 },
      }),
    );
    await Promise.all(rooms.map(({ ready }) => ready));
    return new Movers(rooms);
  }

  #watch(room: Room<typeof boardRoom>): void {
    const seen = new Map<number, number>();
    room.on("others", (others) => {
      const now = performance.now();
      for (const { id, presence } of others) {
        const place = presence.cursor?.x;
        if (place === undefined || seen.get(id) === place) continue;
        seen.set(id, place);
        this.#latencies.push(now - this.#movedAt[place]!);
      }
    });
  }

  async move(ms: number): Promise<Seen> {
    this.#latencies = [];
    const before = this.#movedAt.length;
    const timer = setInterval(() => {
      const place = this.#movedAt.push(performance.now()) - 1;
      this.#rooms[place % PEOPLE]!.setPresence({ cursor: { x: place, y: 0 } });
    }, MOVE_EVERY_MS / PEOPLE);
    await sleep(ms);
    clearInterval(timer);
    await sleep(SEEN_WITHIN_MS);
    const moves = this.#movedAt.length - before;
    return { moves, latencies: this.#latencies, share: this.#latencies.length / (moves * (PEOPLE - 1)) };
  }

  get connected(): boolean {
    return this.#rooms.every(({ status }) => status === "connected");
  }

  leave(): void {
    for (const room of this.#rooms) room.destroy();
  }
}
