/**
 * Between a simulated page and its room: what each says comes later, in order, over a socket that can break, hang, or not be
 * there. Heartbeats are answered by the platform, and wake no room.
 */
import { delayed } from "../../client/debug.ts";
import type { Environment, Transport, TransportEvents } from "../../client/environment.ts";
import { PING, PONG } from "../../shared/protocol/limits.ts";
import type { Attachment, Connection, Facts, Socket } from "../../server/room/connections.ts";
import type { Room } from "../../server/room/room.ts";
import type { Clock } from "./clock.ts";
import type { Disk } from "./disk.ts";

export interface Weather {
  /** How long a frame takes, one way, in ms. Default 5. */
  latencyMs?: number;
  /** Up to how much later still, at random, in ms. Default 0. */
  jitterMs?: number;
  /** The share of frames that are lost and come 200 ms later, with those behind them: 0 to 1. Default 0. */
  loss?: number;
}

/** Where sockets lead to. */
export interface Host {
  readonly clock: Clock;
  readonly disk: Disk;
  /** The object that runs the room now. */
  room(): Room;
  /** [0, 1). */
  readonly random: () => number;
  /** Sockets that an object would find when it wakes. */
  readonly wires: Set<Wire>;
  said(to: string, bytes: Uint8Array): void;
  delivered(to: string, bytes: Uint8Array): void;
}

/** What a page has of the network. May be changed at any time: what is said next goes by it. */
export class Network implements Required<Weather> {
  latencyMs: number;
  jitterMs: number;
  loss: number;
  readonly #host: Host;
  #wires: Wire[] = [];
  readonly #returns = new Set<() => void>();
  #isCut = false;

  constructor(host: Host, { latencyMs = 5, jitterMs = 0, loss = 0 }: Weather) {
    this.#host = host;
    this.latencyMs = latencyMs;
    this.jitterMs = jitterMs;
    this.loss = loss;
  }

  /** Whether there is none: since `cut`, until `restore`. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** There is none from now on: the socket breaks, and no other opens. Both sides hear of it after a latency. */
  cut(): void {
    this.#isCut = true;
    this.drop();
  }

  /** It is back, and the page is told so, as by a browser's "online". */
  restore(): void {
    this.#isCut = false;
    for (const listener of this.#returns) listener();
  }

  /** The socket breaks once: the page comes back by itself. */
  drop(): void {
    for (const wire of this.#wires.splice(0)) wire.lose();
  }

  /** The socket goes dead: nothing passes, and neither side is told. */
  stall(): void {
    for (const wire of this.#wires) wire.state = "closed";
  }

  /** Says bytes of one's own making over the open socket, to be heard at once. */
  says(bytes: Uint8Array): void {
    this.#open?.heard(bytes);
  }

  /** Hears bytes that the room never said. */
  hears(bytes: Uint8Array): void {
    this.#open?.events.received(bytes);
  }

  get #open(): Wire | undefined {
    return this.#wires.findLast(({ state }) => state === "open");
  }

  readonly onReturn: Environment["onReturn"] = (listener) => {
    this.#returns.add(listener);
    return () => this.#returns.delete(listener);
  };

  /** `facts`: who the next socket is, as an edge would have verified it. */
  transport(events: TransportEvents, facts: () => Facts): Transport {
    let wire: Wire | undefined;
    return {
      open: () => {
        const opened = new Wire(this.#host, this, events, facts());
        wire = opened;
        if (this.#isCut) opened.refuse();
        else {
          this.#wires = [...this.#wires.filter(({ state }) => state !== "closed"), opened];
          opened.open();
        }
      },
      send: (data) => wire?.send(data),
      close: (code, reason) => wire?.close(code, reason),
    };
  }
}

/** A socket, with both its ends. */
export class Wire {
  state: "opening" | "open" | "closed" = "opening";
  readonly events: TransportEvents;
  readonly facts: Facts;
  /** The room's end. */
  readonly socket: Socket;
  connection: Connection | undefined;
  attachment: Attachment | undefined;
  /** When its heartbeat was last answered. */
  #heardAt = 0;
  #underWay = 0;
  readonly #host: Host;
  readonly #network: Network;
  readonly #up: (run: () => void) => void;
  readonly #down: (run: () => void) => void;

  constructor(host: Host, network: Network, events: TransportEvents, facts: Facts) {
    this.#host = host;
    this.#network = network;
    this.events = events;
    this.facts = facts;
    const later = { now: () => host.clock.now, after: host.clock.after, random: host.random };
    this.#up = this.#counted(delayed(later, network));
    this.#down = this.#counted(delayed(later, network));
    this.socket = {
      send: (bytes) => this.#say(bytes),
      close: (code, reason) => {
        host.wires.delete(this); // an object that wakes now finds it no more
        this.#down(() => this.#end(code, reason));
      },
      heardAt: () => this.#heardAt,
      attach: (attachment) => void (this.attachment = structuredClone(attachment)),
    };
  }

  /** Something is on its way. */
  get busy(): boolean {
    return this.#underWay > 0;
  }

  #counted(later: (run: () => void) => void): (run: () => void) => void {
    return (run) => {
      this.#underWay++;
      later(() => {
        this.#underWay--;
        run();
      });
    };
  }

  // ---- the page's end

  open(): void {
    this.#host.wires.add(this);
    this.#up(() => {
      if (this.state === "closed") return;
      this.connection = this.#host.room().connect(this.socket, this.facts);
      this.state = "open";
      this.#down(() => void (this.state !== "closed" && this.events.opened()));
    });
  }

  /** There is no network. */
  refuse(): void {
    this.#down(() => this.#end(1006, ""));
  }

  send(data: Uint8Array | string): void {
    this.#up(() => {
      if (this.state === "closed") return;
      if (data === PING) {
        this.#heardAt = this.#host.clock.now;
        this.#down(() => void (this.state !== "closed" && this.events.received(PONG)));
      } else if (typeof data !== "string") this.heard(data);
    });
  }

  close(code: number, reason: string): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#roomHears();
    this.events.closed(code, reason);
  }

  /** The network drops it; both sides hear of it after a while. */
  lose(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#roomHears();
    this.#host.clock.after(this.#network.latencyMs, () => this.events.closed(1006, ""));
  }

  // ---- the room's end

  heard(bytes: Uint8Array): void {
    if (this.connection) this.#host.room().receive(this.connection, bytes);
  }

  #say(bytes: Uint8Array): void {
    const { id } = this.facts.user;
    this.#host.said(id, bytes);
    this.#host.disk.behindGate(() =>
      this.#down(() => {
        if (this.state !== "open") return;
        this.events.received(bytes);
        this.#host.delivered(id, bytes);
      }),
    );
  }

  #end(code: number, reason: string): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.events.closed(code, reason);
  }

  /** Until the room hears that a wire is closed it holds it for open, also when it wakes meanwhile. */
  #roomHears(): void {
    this.#host.clock.after(this.#network.latencyMs, () => {
      this.#host.wires.delete(this);
      if (this.connection) this.#host.room().closed(this.connection);
    });
  }
}
