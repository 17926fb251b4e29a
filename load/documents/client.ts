/** The least that speaks to all of the servers: y-protocols on a socket, with the document's name before each message where it is wanted. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Server } from "./servers.ts";
import { framed, Wire } from "../servers/wire.ts";

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const QUERY = 3;
/** Hocuspocus: a step 1 that asks for no other. */
const SYNC_REPLY = 4;
const HOCUSPOCUS_PING = 9;
const HOCUSPOCUS_PONG = 10;
const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;
const OPEN_WITHIN_MS = 30_000;
/** Coterie: what is sent has just given way to something newer. */
const DRAINING = 4503;
const TRIES = 4;

class ComeBack extends Error {}

const NOTHING = Uint8Array.of(0);

export interface ClientEvents {
  /** An update has come, within the memory it came in. `step2`: with it, all that there was has come. */
  updated?(update: Uint8Array, step2: boolean): void;
  pointed?(awareness: Uint8Array): void;
  /** What the server lacks that knows this state vector. */
  lacks?(stateVector: Uint8Array): Uint8Array;
}

export class Client {
  readonly #server: Server;
  readonly #prefix: Uint8Array;
  readonly #events: ClientEvents;
  #wire!: Wire;
  /** It has all that there was. */
  readonly synced: Promise<void>;
  readonly #synced = Promise.withResolvers<void>();

  private constructor(server: Server, room: string, events: ClientEvents) {
    this.#server = server;
    this.#events = events;
    this.#prefix =
      server.dialect === "hocuspocus" ? encoding.encode((to) => encoding.writeVarString(to, room)) : new Uint8Array();
    this.synced = this.#synced.promise;
  }

  /** Opens a socket, and asks for the document. */
  static async open(server: Server, room: string, user: string, events: ClientEvents = {}): Promise<Client> {
    const client = new Client(server, room, events);
    client.#wire = await Wire.open(server.port, await server.path(room, user), (body) => client.#read(body));
    if (server.dialect === "relay") client.#synced.resolve();
    else if (server.dialect === "y") client.#askAll();
    else
      client.#say(AUTH, (to) => {
        encoding.writeVarUint(to, 0);
        encoding.writeVarString(to, "");
        encoding.writeVarString(to, "");
      });
    return client;
  }

  /** As `open`, and waits for all of it; comes back, as clients do, where the server says that it should. */
  static async join(server: Server, room: string, user: string, events: ClientEvents = {}): Promise<Client> {
    for (let left = TRIES; ; left--)
      try {
        return await Client.#joinOnce(server, room, user, events);
      } catch (error) {
        if (left === 1 || !(error instanceof ComeBack)) throw error;
      }
  }

  static async #joinOnce(server: Server, room: string, user: string, events: ClientEvents = {}): Promise<Client> {
    const client = await Client.open(server, room, user, events);
    const late = setTimeout(
      () => client.#synced.reject(new Error(`${server.name} did not sync in time; closed: ${client.closed}`)),
      OPEN_WITHIN_MS,
    );
    void client.#wire.ended.then(() => {
      const reason = `${server.name} closed the socket with ${client.closed}`;
      client.#synced.reject(client.closed === DRAINING ? new ComeBack(reason) : new Error(reason));
    });
    try {
      await client.synced;
      return client;
    } finally {
      clearTimeout(late);
    }
  }

  get bytes(): number {
    return this.#wire.bytes;
  }

  get closed(): number | undefined {
    return this.#wire.closed;
  }

  /** The frame of an update, to be sent later or at once. */
  frameOf(update: Uint8Array): Buffer {
    return framed(this.#message(SYNC, (to) => this.#sync(to, UPDATE, update)));
  }

  send(frame: Buffer): void {
    this.#wire.send(frame);
  }

  point(awareness: Uint8Array): void {
    this.#say(AWARENESS, (to) => encoding.writeVarUint8Array(to, awareness));
  }

  close(): void {
    this.#wire.close();
  }

  #askAll(): void {
    this.#say(SYNC, (to) => this.#sync(to, STEP1, NOTHING));
  }

  #sync(to: encoding.Encoder, step: number, body: Uint8Array): void {
    encoding.writeVarUint(to, step);
    encoding.writeVarUint8Array(to, body);
  }

  #message(type: number, write: (to: encoding.Encoder) => void): Uint8Array {
    return encoding.encode((to) => {
      encoding.writeUint8Array(to, this.#prefix);
      encoding.writeVarUint(to, type);
      write(to);
    });
  }

  #say(type: number, write: (to: encoding.Encoder) => void): void {
    this.#wire.send(framed(this.#message(type, write)));
  }

  #read(body: Buffer): void {
    const from = decoding.createDecoder(body);
    if (this.#server.dialect === "hocuspocus") {
      if (body.length === 1 && body[0] === HOCUSPOCUS_PING) return this.#wire.send(framed(Uint8Array.of(HOCUSPOCUS_PONG)));
      from.pos += this.#prefix.length;
    }
    const type = decoding.readVarUint(from);
    if (type === SYNC || type === SYNC_REPLY) this.#readSync(from);
    else if (type === AWARENESS) this.#events.pointed?.(decoding.readVarUint8Array(from));
    else if (type === QUERY) this.#say(AWARENESS, (to) => encoding.writeVarUint8Array(to, NOTHING));
    else if (type === AUTH && this.#server.dialect === "hocuspocus") this.#askAll();
  }

  #readSync(from: decoding.Decoder): void {
    const step = decoding.readVarUint(from);
    const body = decoding.readVarUint8Array(from);
    if (step === STEP1) {
      const lacked = this.#events.lacks?.(body);
      if (lacked) this.#say(SYNC, (to) => this.#sync(to, STEP2, lacked));
      return;
    }
    this.#events.updated?.(body, step === STEP2);
    if (step === STEP2) this.#synced.resolve();
  }
}
