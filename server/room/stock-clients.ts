/**
 * Stock Yjs clients in a room with a document: `y-websocket`, `y-partyserver/provider`, and whatever else speaks y-protocols.
 * They say no hello: the first thing they say is what they have (step 1), and with that they come in. They acknowledge
 * nothing, so they are asked for everyone's awareness now and then, and their answer shows how far they have read.
 */
import { readStateVector } from "../../shared/document/update.ts";
import type { YMessage } from "../../shared/protocol/yjs.ts";
import { STILL_HERE, writeDenied } from "../../shared/protocol/yjs.ts";
import type { AwarenessPart } from "../parts/document/awareness-part.ts";
import type { DocumentPart } from "../parts/document/document-part.ts";
import { Refusal, type PartHost } from "../parts/part.ts";
import { Bucket } from "../../shared/bucket.ts";
import { Closing, type Connection } from "./connections.ts";

/** `y-websocket` gives up a room that says nothing for 30 s: one who shows nothing, and so says nothing, is told before that. */
export const STILL_HERE_MS = 25_000;
/** `y-websocket` says its awareness every 15 s; a hidden page's timers run once a minute. */
const SPEAKS_EVERY_MS = 65_000;
/** How often a client may ask for all that it lacks, a second, and at once: each time the whole document is looked through. */
const ASKS = { perSecond: 0.2, atOnce: 5 };

export interface StockHost {
  now(): number;
  /** It comes in, and is given the document when the open group has closed. Throws where it may not. */
  enter(connection: Connection): void;
  /** It is given what it lacks when the open group has closed. */
  join(connection: Connection): void;
  /** Throws where there is none. */
  document(): DocumentPart;
  behind: PartHost["behind"];
  /** It has shown that it reads. */
  credited(connection: Connection): void;
  /** It shows something no more: it is to be told that the room is still here. */
  quiet(connection: Connection): void;
}

export class StockClients {
  readonly #awareness: AwarenessPart;
  readonly #host: StockHost;
  readonly #asks = new WeakMap<Connection, Bucket>();

  constructor(awareness: AwarenessPart, host: StockHost) {
    this.#awareness = awareness;
    this.#host = host;
  }

  receive(connection: Connection, message: YMessage): void {
    if (message.kind === "step1") return this.#step1(connection, message.stateVector);
    if (connection.stage === "greeting") throw new Closing(4400, `${message.kind} before step 1`);
    try {
      if (message.kind === "awareness") this.#spoke(connection, message.update);
      else if (message.kind === "query") this.#tellAwareness(connection);
      else this.#host.document().editByStock(connection, message.update);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { message: reason } = error;
      this.#host.behind(connection, "denied", () => writeDenied(reason));
    }
  }

  #step1(connection: Connection, stateVector: Uint8Array): void {
    let asks = this.#asks.get(connection);
    if (!asks) this.#asks.set(connection, (asks = new Bucket(ASKS.perSecond, ASKS.atOnce)));
    if (!asks.take(this.#host.now())) return;
    const clocks = readStateVector(stateVector);
    if (connection.stage === "greeting") {
      connection.paceMs = Infinity; // until it shows something, it says nothing
      this.#host.enter(connection);
      connection.stateVector = this.#host.document().has(clocks);
    } else if (connection.stage === "open") {
      connection.stateVector = this.#host.document().has(clocks);
      connection.resumeFrom = 0;
      this.#host.join(connection);
    }
  }

  #spoke(connection: Connection, update: Uint8Array): void {
    // Where it may not show itself its answers are not looked into, and are answers all the same.
    const heard = connection.facts.scopes.includes("presence") ? this.#awareness.take(connection, update) : "repeated";
    const renews = connection.facts.stock === "y-websocket" && this.#awareness.shows(connection);
    connection.paceMs = renews ? SPEAKS_EVERY_MS : Infinity;
    if (heard === "changed") {
      if (this.#isQuiet(connection)) this.#host.quiet(connection);
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

  /** Whether anyone would take the room for dead if it said nothing. */
  stillHereDue(connections: Iterable<Connection>): boolean {
    for (const connection of connections) if (this.#isQuiet(connection)) return true;
    return false;
  }

  /** And that those are whom they were told of: nobody who is heard of every 15 s may be there, to have that told. */
  tellStillHere(connections: Iterable<Connection>): void {
    for (const connection of connections)
      if (this.#isQuiet(connection)) {
        connection.socket.send(STILL_HERE);
        this.#awareness.renew();
      }
  }
}
