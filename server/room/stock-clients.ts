/**
 * Stock Yjs clients in a room with a document: `y-websocket`, `y-partyserver/provider`, and whatever else speaks y-protocols.
 * They say no hello: the first thing they say is what they have (step 1), and with that they come in. They acknowledge
 * nothing, so they are asked for everyone's awareness now and then, and their answer shows how far they have read.
 */
import { Bucket } from "../../shared/bucket.ts";
import { readStateVector } from "../../shared/document/update.ts";
import type { YMessage } from "../../shared/protocol/yjs.ts";
import { STILL_HERE, writeDenied } from "../../shared/protocol/yjs.ts";
import type { AwarenessPart } from "../parts/document/awareness-part.ts";
import type { DocumentPart } from "../parts/document/document-part.ts";
import { Refusal } from "../parts/part.ts";
import type { Alarms, Task } from "./alarms.ts";
import { Closing, type Connection, type Connections } from "./connections.ts";
import type { Content } from "./content.ts";
import type { Door } from "./door.ts";
import type { OpenGroup } from "./open-group.ts";
import type { Parts } from "./parts.ts";

/** `y-websocket` gives up a room that says nothing for 30 s: one who shows nothing, and so says nothing, is told before that. */
const STILL_HERE_MS = 25_000;
/** `y-websocket` says its awareness every 15 s; a hidden page's timers run once a minute. */
const SPEAKS_EVERY_MS = 65_000;
/** How often a client may ask for all that it lacks, a second, and at once: each time the whole document is looked through. */
const ASKS = { perSecond: 0.2, atOnce: 5 };

export interface StockHost {
  readonly connections: Connections;
  readonly content: Content;
  readonly parts: Parts;
  readonly group: OpenGroup;
  readonly alarms: Alarms;
  readonly door: Door;
  now(): number;
  /** It has shown that it reads. */
  credited(connection: Connection): void;
}

export class StockClients implements Task {
  readonly #host: StockHost;
  readonly #asks = new WeakMap<Connection, Bucket>();
  /** When the quiet are told again, in ms since 1970. */
  #due: number | undefined;

  constructor(host: StockHost) {
    this.#host = host;
  }

  get #awareness(): AwarenessPart {
    return this.#host.parts.awareness;
  }

  get #document(): DocumentPart {
    const { kind, document } = this.#host.content.load();
    if (!document) throw new Closing(kind === "broken" ? 4500 : 4404, "there is no document here");
    return document;
  }

  receive(connection: Connection, message: YMessage): void {
    if (message.kind === "step1") return this.#step1(connection, message.stateVector);
    if (connection.stage === "greeting") throw new Closing(4400, `${message.kind} before step 1`);
    try {
      if (message.kind === "awareness") this.#spoke(connection, message.update);
      else if (message.kind === "query") this.#tellAwareness(connection);
      else this.#document.editByStock(connection, message.update);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { message: reason } = error;
      this.#host.group.behind(connection, "denied", () => writeDenied(reason));
    }
  }

  #step1(connection: Connection, stateVector: Uint8Array): void {
    let asks = this.#asks.get(connection);
    if (!asks) this.#asks.set(connection, (asks = new Bucket(ASKS.perSecond, ASKS.atOnce)));
    if (!asks.take(this.#host.now())) return;
    const clocks = readStateVector(stateVector);
    if (connection.stage === "greeting") {
      connection.paceMs = Infinity; // until it shows something, it says nothing
      this.#host.door.greet(connection);
      connection.stateVector = this.#document.has(clocks);
    } else if (connection.stage === "open") {
      connection.stateVector = this.#document.has(clocks);
      connection.resumeFrom = 0;
      this.#host.group.join(connection);
    }
  }

  #spoke(connection: Connection, update: Uint8Array): void {
    // Where it may not show itself its answers are not looked into, and are answers all the same.
    const heard = connection.facts.scopes.includes("presence") ? this.#awareness.take(connection, update) : "repeated";
    const renews = connection.facts.stock === "y-websocket" && this.#awareness.shows(connection);
    connection.paceMs = renews ? SPEAKS_EVERY_MS : Infinity;
    if (heard === "changed") {
      if (this.#isQuiet(connection)) this.#host.alarms.arm(); // it is to be told that the room is still here
      return;
    }
    connection.flow.answered();
    this.#host.credited(connection);
  }

  #tellAwareness(connection: Connection): void {
    const whole = this.#awareness.wholeAnew();
    if (whole && connection.stage === "open") connection.socket.send(whole);
  }

  #isQuiet(connection: Connection): boolean {
    return connection.facts.stock === "y-websocket" && !this.#awareness.shows(connection);
  }

  /** While anyone would take the room for dead if it said nothing. */
  due(now: number): number | undefined {
    if (this.#due === undefined && this.#anyQuiet()) this.#due = now + STILL_HERE_MS;
    return this.#due;
  }

  #anyQuiet(): boolean {
    for (const connection of this.#host.connections.open()) if (this.#isQuiet(connection)) return true;
    return false;
  }

  ring(): void {
    this.#due = undefined;
    this.tellStillHere();
  }

  /** And that those are whom they were told of: nobody who is heard of every 15 s may be there, to have that told. */
  tellStillHere(): void {
    for (const connection of this.#host.connections.open())
      if (this.#isQuiet(connection)) {
        connection.socket.send(STILL_HERE);
        this.#awareness.renew();
      }
  }
}
