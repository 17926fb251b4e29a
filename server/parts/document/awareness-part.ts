/** Who points where in the document: shown with the beat, never stored, the same to the SDK and to stock clients. */
import { DOWN } from "../../../shared/protocol/down.ts";
import type { Frame } from "../../../shared/protocol/frame.ts";
import { writeAwareness } from "../../../shared/protocol/yjs.ts";
import type { Connection } from "../../room/connections.ts";
import type { PartHost, PartMessage, RoomFrame, RoomPart } from "../part.ts";
import { AwarenessTable, type Heard, type Shown } from "./awareness-table.ts";

/** Stock peers forget who has not been heard of for 30 s: with this much less, in ms, those who are quiet are told again. */
const RENEW_AFTER_MS = 12_000;

/** A connection shows one client id, or a few one after the other: of more than these it is not noted whose they are. */
const MOST_CLAIMS = 16;

/** Whose client ids are. */
export interface Owners {
  mayBe(client: number, me: number): boolean;
  /** True: it was nobody's until now. */
  claim(client: number, me: number): boolean;
}

export class AwarenessPart implements RoomPart {
  readonly #host: PartHost;
  readonly #owners: () => Owners | undefined;
  readonly #table = new AwarenessTable<Connection>();
  readonly #shows: (connection: Connection, atOnce: boolean) => void;
  readonly #claims = new WeakMap<Connection, number>();
  #renewedAt = 0;

  /** `shows`: what a connection shows is to be kept with its socket; at once where it is seldom, as a timer would keep the room awake. */
  constructor(host: PartHost, owners: () => Owners | undefined, shows: (connection: Connection, atOnce: boolean) => void) {
    this.#host = host;
    this.#owners = owners;
    this.#shows = shows;
  }

  receive(connection: Connection, message: PartMessage): boolean {
    if (message.kind !== "awareness") return false;
    // An editor shows itself unasked: where the token does not allow it, nobody sees that, and nobody is bothered.
    if (connection.facts.scopes.includes("presence")) this.take(connection, message.update);
    return true;
  }

  /** What a connection says of itself. */
  take(connection: Connection, update: Uint8Array): Heard {
    const before = this.#table.client(connection);
    const heard = this.#table.receive(connection, update, (client) => this.#owners()?.mayBe(client, connection.me) ?? false);
    const client = this.#table.client(connection);
    if (client !== undefined && client !== before) this.#claim(connection, client);
    if (heard !== "repeated") {
      this.#host.mark();
      this.#shows(connection, client !== before || heard === "renewed");
    }
    this.renew();
    return heard;
  }

  #claim(connection: Connection, client: number): void {
    const claims = this.#claims.get(connection) ?? 0;
    if (connection.me === 0 || claims >= MOST_CLAIMS) return;
    if (this.#owners()?.claim(client, connection.me)) this.#claims.set(connection, claims + 1);
  }

  /** Whoever is quiet is told again while stock clients are there, if it is time for it. */
  renew(): void {
    const now = this.#host.now();
    if (now - this.#renewedAt < RENEW_AFTER_MS) return;
    this.#renewedAt = now;
    for (const { facts } of this.#host.joined())
      if (facts.stock !== undefined) {
        this.renewAll();
        return this.#host.mark();
      }
  }

  /** The client ids that are shown, and who shows them. */
  clients(): Iterable<[client: number, Connection]> {
    return this.#table.clients();
  }

  /** Whether it shows anything. */
  shows(connection: Connection): boolean {
    return this.#table.client(connection) !== undefined;
  }

  left(connection: Connection): void {
    if (!this.shows(connection)) return;
    this.#table.left(connection);
    this.#host.mark();
  }

  volatile(frame: RoomFrame): void {
    const changed = this.#table.collect();
    if (!changed) return;
    frame.add(DOWN.awareness, changed);
    frame.stock.push(writeAwareness(changed));
  }

  welcome(frame: Frame): void {
    const whole = this.#table.whole();
    if (whole) frame.add(DOWN.awareness, whole);
  }

  /**
   * For a stock client that has just come, or asks. One that was away has taken everyone out and kept their clocks: it
   * believes none that is not higher.
   */
  wholeAnew(): Uint8Array | undefined {
    this.#table.raise();
    const whole = this.#table.whole();
    return whole && writeAwareness(whole);
  }

  /** For the socket's attachment. */
  shown(connection: Connection): Shown | undefined {
    return this.#table.shown(connection);
  }

  /** The object is back. */
  restore(connection: Connection, shown: Shown): void {
    this.#table.restore(connection, shown);
  }

  /** Everyone is told again with clocks above those that peers know, and which are kept: one who wakes begins above them. */
  renewAll(): void {
    this.#table.renew();
    for (const [, connection] of this.#table.clients()) this.#shows(connection, true);
  }
}
