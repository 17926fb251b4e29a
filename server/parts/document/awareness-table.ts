/**
 * Who points where in the document, without an Awareness object: a connection has one client id, and its state is a piece of
 * text that is never looked into, but for being JSON. The connection is the socket's: nobody can speak for another, and who goes is taken out by
 * the room.
 *
 * Peers ignore an entry whose clock is not above the one they know. So the room counts the clocks it sends by itself: a
 * client that comes back under its old id with its old clock is seen at once, although its leaving was told with that one.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode } from "../../../shared/protocol/frame.ts";

/** The longest state, in bytes: it has to fit the socket's attachment beside everything else. */
const MAX_STATE_BYTES = 4096;
/** Ids are 32 bits, in Yjs; clocks this far have been counted up by nobody. */
const MAX_CLIENT = 2 ** 32;
const MAX_CLOCK = 2 ** 31;
/** Of as many who have gone the clocks are known: one who comes back later, after as many others, is seen when it next moves enough. */
const MAX_GONE = 10_000;
/** Entries of one message: a stock client sends those of all it knows. */
const MAX_ENTRIES = 10_000;

/** What a connection shows, as it lies in its socket's attachment. */
export interface Shown {
  readonly client: number;
  /** The clock last sent. */
  readonly clock: number;
  /** JSON text, as the client said it. */
  readonly state: string;
}

/** What a message held: a state that is another, the same one said anew, or nothing that is not known. */
export type Heard = "changed" | "renewed" | "repeated";

interface Entry {
  client: number;
  /** The highest clock that anyone was sent. */
  clock: number;
  /** The highest that its client has said, or that everyone was sent, which it then says too when it is asked. */
  known: number;
  state: string;
  /** What everyone was told last, its client too, which may say it again as if it were its own. */
  readonly told: { readonly clock: number; readonly state: string }[];
}

/** More changes of one client than are under way to it at once. */
const MOST_TOLD = 16;

const NOBODY = "null";

export class AwarenessTable<K> {
  readonly #entries = new Map<K, Entry>();
  readonly #holders = new Map<number, K>();
  /** Who has gone, id → the clock with which that was told; the last to go last. */
  readonly #gone = new Map<number, number>();
  /** How far above their own clocks those begin who come now: in a life before this one their going may have been told. */
  #ahead = 0;
  /** To be told: id → clock and state. */
  readonly #changed = new Map<number, { clock: number; state: string }>();

  /**
   * Takes what a connection says of itself; what it says of others is passed over, as stock clients repeat what they know.
   * `mayBe`: whether an id may be this connection's user's. Throws on what is no message.
   */
  receive(key: K, update: Uint8Array, mayBe: (client: number) => boolean): Heard {
    const from = decoding.createDecoder(update);
    const entries = decoding.readVarUint(from);
    if (entries > MAX_ENTRIES) throw new RangeError(`awareness of ${entries} clients, expected at most ${MAX_ENTRIES}`);
    let heard: Heard = "repeated";
    for (let left = entries; left > 0; left--) {
      const client = decoding.readVarUint(from);
      const clock = decoding.readVarUint(from);
      const length = decoding.peekVarUint(from);
      const own = this.#entries.get(key);
      const mine = own ? own.client === client : !this.#holders.has(client);
      if (mine && length > MAX_STATE_BYTES)
        throw new RangeError(`awareness state of ${length} bytes, expected at most ${MAX_STATE_BYTES}`);
      const state = decoding.readVarString(from);
      if (!mine || client >= MAX_CLIENT || clock >= MAX_CLOCK) continue;
      if (!own && (state === NOBODY || !mayBe(client))) continue;
      const one = this.#take(key, own, client, clock, state);
      if (one === "changed" || heard === "repeated") heard = one;
    }
    if (decoding.hasContent(from)) throw new RangeError("bytes after the awareness of all clients");
    return heard;
  }

  #take(key: K, own: Entry | undefined, client: number, clock: number, state: string): Heard {
    if (state === NOBODY) {
      this.left(key);
      return "changed";
    }
    const heard = own?.state === state ? "renewed" : "changed";
    if (own && clock <= own.known && heard === "renewed") return "repeated"; // as stock clients do when they are asked
    // A client that was told of itself under a clock above its own has that state again, and says so, until it hears of the
    // newer one that it has said meanwhile. Were that taken for news, the two would follow each other for ever.
    if (own?.told.some((told) => told.clock === clock && told.state === state)) return "repeated";
    checkJson(state);
    const entry = own ?? { client, clock: this.#clockBefore(client, clock), known: clock, state, told: [] };
    entry.clock = Math.max(clock, entry.clock + 1);
    entry.state = state;
    this.#entries.set(key, entry);
    this.#holders.set(client, key);
    this.#tell(entry);
    return heard;
  }

  /**
   * Below the clock of one who comes: nothing higher was told of it, if it was here before. No more than that: a client takes
   * for its own state what it hears under a clock above its own, though it may have changed it since.
   */
  #clockBefore(client: number, clock: number): number {
    return Math.max(clock - 1 + this.#ahead, this.#gone.get(client) ?? 0);
  }

  #tell(entry: Entry): void {
    entry.known = entry.clock;
    const told = { clock: entry.clock, state: entry.state };
    this.#changed.set(entry.client, told);
    entry.told.push(told);
    if (entry.told.length > MOST_TOLD) entry.told.shift();
  }

  /** Whom each client id is shown by. */
  clients(): Iterable<[client: number, key: K]> {
    return this.#holders;
  }

  /** The client id of a connection; undefined: it shows nothing. */
  client(key: K): number | undefined {
    return this.#entries.get(key)?.client;
  }

  /** It is gone, or shows nothing any more. */
  left(key: K): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#holders.delete(entry.client);
    this.#changed.set(entry.client, { clock: entry.clock, state: NOBODY }); // under the same clock: that nobody is there wins
    this.#gone.delete(entry.client);
    this.#gone.set(entry.client, entry.clock);
    if (this.#gone.size > MAX_GONE) this.#gone.delete(this.#gone.keys().next().value!);
  }

  /** All entries are told again, with a higher clock: peers forget who has not been heard of for 30 s. */
  renew(): void {
    for (const entry of this.#entries.values()) {
      entry.clock++;
      this.#tell(entry);
    }
  }

  /** What is told next, to whomever, is above all that was. */
  raise(): void {
    for (const entry of this.#entries.values()) entry.clock++;
  }

  /** What is to be told, and has not been; undefined for nothing. */
  collect(): Uint8Array | undefined {
    if (this.#changed.size === 0) return undefined;
    const bytes = write([...this.#changed].map(([client, { clock, state }]) => ({ client, clock, state })));
    this.#changed.clear();
    return bytes;
  }

  /** Everyone who is here; undefined for nobody. */
  whole(): Uint8Array | undefined {
    return this.#entries.size > 0 ? write([...this.#entries.values()]) : undefined;
  }

  shown(key: K): Shown | undefined {
    const entry = this.#entries.get(key);
    return entry && { client: entry.client, clock: entry.clock, state: entry.state };
  }

  /** What it showed before the object slept. Clocks sent since it was kept are made up for. */
  restore(key: K, { client, clock, state }: Shown): void {
    this.#entries.set(key, { client, clock: clock + CLOCKS_UNSAVED, known: -1, state, told: [] });
    this.#holders.set(client, key);
    this.#ahead = 2 * CLOCKS_UNSAVED;
  }
}

/** Every peer parses it, and one that cannot throws the whole message away, with everyone else's state. */
function checkJson(state: string): void {
  try {
    JSON.parse(state);
  } catch {
    throw new RangeError("an awareness state that is no JSON");
  }
}

/** More changes than are sent between two times that a state is kept: 5 s of them. */
const CLOCKS_UNSAVED = 1000;

const write = (entries: readonly Shown[]): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, entries.length);
    for (const { client, clock, state } of entries) {
      encoding.writeVarUint(to, client);
      encoding.writeVarUint(to, clock);
      encoding.writeVarString(to, state);
    }
  });
