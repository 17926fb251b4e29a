/** People who talk without a pause, as much as one connection may, and measure when each is heard by all of them. */
import { createClient, type Room } from "coterie/client/game";
import { setTimeout as sleep } from "node:timers/promises";
import { Draw, SEED } from "../kit/random.ts";
import { LOUD_TEXT, loudRoom } from "./loud-room.ts";
import type { Served } from "./served.ts";

const PEOPLE = 8;
/** 8 × 20 kB / 90 ms: 1.8 MB/s. Each stays below the 256 KiB/s that a room allows. */
const SAY_EVERY_MS = 90;
/** At first a note too, by one after the other, which lasts and is sent to whoever is spared the talk: 75 × 20 kB. */
const NOTES = 75;
const NOTE_EVERY_MS = 40;
/** What was said is heard within this time, or never, in ms. */
const HEARD_WITHIN_MS = 5000;
/** Text is cut from this much, at random places: no compression finds anything in it. */
const NOISE_BYTES = 1_000_000;

interface Lap {
  /** Bytes of events and notes. */
  readonly said: number;
  /** From each call of `broadcast` to each one's hearing of it, in ms. */
  readonly latencies: readonly number[];
  /** Events that one of them did not hear. */
  readonly missed: number;
}

export class Loudmouths {
  readonly #rooms: readonly Room<typeof loudRoom>[];
  readonly #draw = new Draw("noise", SEED);
  readonly #noise = Buffer.from(this.#draw.bytes(NOISE_BYTES)).toString("base64");
  #latencies: number[] = [];

  private constructor(rooms: readonly Room<typeof loudRoom>[]) {
    this.#rooms = rooms;
    for (const room of rooms)
      room.on("event", ({ data }) => this.#latencies.push(performance.now() - Number.parseFloat(data.text)));
  }

  static async join(served: Served, id: string): Promise<Loudmouths> {
    const rooms = Array.from({ length: PEOPLE }, (_, index) =>
      createClient({ host: served.host, auth: () => served.token(`loud ${index}`) }).join(loudRoom, id),
    );
    await Promise.all(rooms.map((room) => room.ready));
    return new Loudmouths(rooms);
  }

  /** All of them talk until this many bytes are said, and heard. */
  async say(bytes: number): Promise<Lap> {
    this.#latencies = [];
    let [events, notes] = [0, 0];
    const talk = setInterval(() => {
      for (const room of this.#rooms) room.broadcast("say", { text: this.#text() });
      events += this.#rooms.length;
    }, SAY_EVERY_MS);
    const write = setInterval(() => {
      void this.#rooms[notes % PEOPLE]!.do.write({ note: this.#text() });
      if (++notes === NOTES) clearInterval(write);
    }, NOTE_EVERY_MS);
    const said = (): number => (events + notes) * LOUD_TEXT;
    while (said() < bytes) await sleep(SAY_EVERY_MS);
    clearInterval(talk);
    clearInterval(write);
    const over = performance.now() + HEARD_WITHIN_MS;
    while (this.#latencies.length < events * PEOPLE && performance.now() < over) await sleep(SAY_EVERY_MS);
    const latencies = this.#latencies;
    return { said: said(), latencies, missed: events * PEOPLE - latencies.length };
  }

  get connected(): boolean {
    return this.#rooms.every(({ status }) => status === "connected");
  }

  leave(): void {
    for (const room of this.#rooms) room.destroy();
  }

  /** When it was said, and noise. */
  #text(): string {
    const stamp = `${performance.now()} `;
    const from = this.#draw.below(this.#noise.length - LOUD_TEXT);
    return stamp + this.#noise.slice(from, from + LOUD_TEXT - stamp.length);
  }
}
