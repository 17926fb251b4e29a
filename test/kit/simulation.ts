/**
 * A room and its clients in one process, without a platform: a clock that moves only when told to, a store whose commits
 * take time, a wire with latency that can be cut. Everything is in one queue of events, so a run is the same every time.
 *
 * Like the platform's, the clock stands still within an event, and an output gate holds what is sent after a write until
 * the write is durable.
 */
import { createClient, type ClientOptions } from "coterie/client";
import type { AnyRoom } from "coterie";
import type { Environment, Transport, TransportEvents } from "../../client/environment.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { PING, PONG } from "../../shared/protocol/limits.ts";
import { UP } from "../../shared/protocol/up.ts";
import { QUERY_AWARENESS } from "../../shared/protocol/yjs.ts";
import type { Attachment, Connection, Facts, Scope, Socket } from "../../server/room/connections.ts";
import { HARD_BYTES } from "../../server/room/flow.ts";
import type { RoomHooks, RoomOptions } from "../../server/room/host.ts";
import type { LobbyLine } from "../../server/lobby/summary.ts";
import { Room } from "../../server/room/room.ts";
import { MemoryStore } from "../../server/storage/memory-store.ts";
import { frameOf } from "./frames.ts";

interface Wire {
  readonly events: TransportEvents;
  readonly facts: Facts;
  socket: Socket;
  connection: Connection | undefined;
  attachment: Attachment | undefined;
  /** When its heartbeat was last answered. */
  heardAt: number;
  state: "opening" | "open" | "closed";
}

export interface SimulationOptions extends RoomOptions {
  /** One way, in ms. Default 5. */
  latencyMs?: number;
  /** How long a row takes to become durable, in ms. Default 1. */
  commitMs?: number;
  hooks?: RoomHooks;
  /** Default: none. */
  lobby?: LobbyLine;
  /** Whether it lists the room. Default false. */
  listed?: boolean;
  /** What was stored before. Default: nothing. */
  store?: MemoryStore;
}

/** A room with a timer shorter than this, in ms, is busy. */
const SOON_MS = 1000;

/** What the store has of writes. */
const WRITES = new Set<string | symbol>([
  "create",
  "carryOver",
  "append",
  "draft",
  "adopt",
  "sweep",
  "keepAgenda",
  "keepVersion",
  "dropVersion",
  "bury",
]);

/** 2026-01-01: far from 0, as a real clock is. */
const START = Date.UTC(2026, 0, 1);

export class Simulation {
  /** What the room reads: with rows that may not be durable yet. Another one after a crash, and after a commit that was lost. */
  store: MemoryStore;
  room!: Room;
  latencyMs: number;
  commitMs: number;
  /** Every frame the room sent, by user. */
  readonly sent: { to: string; bytes: Uint8Array; at: number }[] = [];
  /** What the room logged. */
  readonly logged: string[] = [];
  alarmAt: number | undefined;
  #unsetAlarm: () => void = () => {};
  /** Set to make the next row be lost after it was taken. */
  commitFailure: Error | undefined;
  /** Events that have happened. */
  events = 0;
  /** Called between one event and the next, with the number of those that have happened. */
  onEvent: ((events: number) => void) | undefined;
  /** Called when a client has been given a frame. */
  onDelivered: ((to: string, bytes: Uint8Array) => void) | undefined;
  readonly #definition: AnyRoom;
  readonly #options: SimulationOptions;
  #now = START;
  #queue: { at: number; order: number; run: () => void }[] = [];
  #order = 0;
  #random = 1;
  /** Sends wait until then: a write is on its way to the disk. */
  #gateUntil = 0;
  /** The room's timers that are no rest. */
  #soon = 0;
  /** What waited for a write that the disk lost is never sent. */
  #lostGates: { after: number; to: number } | undefined;
  /** Counts the objects that ran this room: what an old one left in the queue dies with it. */
  #object = 0;
  #wires = new Set<Wire>();
  /** The store after each write, in which event that was, and when it is durable: what a crash goes back to. */
  #versions: { event: number; durableAt: number; store: MemoryStore }[] = [];

  constructor(definition: AnyRoom, options: SimulationOptions = {}) {
    this.#definition = definition;
    this.#options = options;
    this.latencyMs = options.latencyMs ?? 5;
    this.commitMs = options.commitMs ?? 1;
    this.store = options.store?.copy() ?? new MemoryStore();
    this.#begin(this.store);
    this.#start();
  }

  get now(): number {
    return this.#now;
  }

  /** Whether the object could sleep: no write of it is under way, and no beat. The platform lets no other sleep. */
  get resting(): boolean {
    return this.#now >= this.#gateUntil && this.#soon === 0;
  }

  /** Lets time pass until the object could sleep; false: it had more to do than that. */
  async comesToRest(): Promise<boolean> {
    for (let ms = 0; ms < 300 && !this.resting; ms++) await this.advance(1);
    return this.resting;
  }

  /** Timers and messages under way, of whatever side. */
  get pendingEvents(): number {
    return this.#queue.length;
  }

  /** What would be there if the process died now. */
  get durable(): MemoryStore {
    return this.#versions.findLast(({ durableAt }) => durableAt <= this.#now)!.store;
  }

  /** Nothing is under way: what there is, is durable. */
  #begin(store: MemoryStore): void {
    this.store = store;
    this.#versions = [{ event: this.events, durableAt: this.#now, store: store.copy() }];
  }

  /** When what was written is durable. A commit that is lost takes with it all that its event wrote, and what came after. */
  #commit(): Promise<void> {
    const { commitFailure } = this;
    this.commitFailure = undefined;
    const before = this.#versions.findLast(({ event }) => event < this.events) ?? this.#versions[0]!;
    if (commitFailure) this.#lostGates = { after: Math.max(this.#now, before.durableAt), to: this.#gateUntil };
    const object = this.#object;
    return new Promise((resolve, reject) => {
      this.#at(Math.max(this.#gateUntil, this.#now), () => {
        if (object !== this.#object) return;
        if (!commitFailure) return resolve();
        this.#begin(before.store.copy());
        reject(commitFailure);
      });
    });
  }

  #start(): void {
    const object = ++this.#object;
    this.#soon = 0;
    const alive = (run: () => void) => () => void (object === this.#object && run());
    this.room = new Room(
      this.#definition,
      {
        id: "table",
        lobby: this.#options.lobby,
        store: this.#gated(),
        now: () => this.#now,
        after: (ms, run) => {
          if (ms < SOON_MS) this.#soon++;
          this.#at(
            this.#now + ms,
            alive(() => {
              if (ms < SOON_MS) this.#soon--;
              run();
            }),
          );
        },
        random: () => (this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0),
        setAlarm: (at) => {
          this.#unsetAlarm();
          this.alarmAt = at;
          this.#unsetAlarm = this.#at(Math.max(at, this.#now), () => {
            this.alarmAt = undefined;
            this.room.alarm();
          });
        },
        log: (_level, message, error) =>
          void this.logged.push(`${message}: ${error instanceof Error ? error.message : String(error)}`),
      },
      this.#options,
      this.#options.hooks,
    );
  }

  /** The store, with the gate: whatever is sent after a write waits for it. */
  #gated(): MemoryStore {
    const close = (): void => void (this.#gateUntil = Math.max(this.#gateUntil, this.#now) + this.commitMs);
    return new Proxy(this.store, {
      get: (_, name) => {
        const { store } = this;
        if (name === "settled") return () => this.#commit();
        const value: unknown = Reflect.get(store, name, store);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(value, store, args);
          if (WRITES.has(name)) {
            close();
            this.#versions.push({ event: this.events, durableAt: this.#gateUntil, store: store.copy() });
            while (this.#versions.length > 1 && this.#versions[1]!.durableAt <= this.#now) this.#versions.shift();
          }
          return result;
        };
      },
    });
  }

  #at(at: number, run: () => void): () => void {
    const event = { at, order: this.#order++, run };
    this.#queue.push(event);
    return () => {
      this.#queue = this.#queue.filter((each) => each !== event);
    };
  }

  /** Lets time pass: everything due happens, each event at its own instant, with its promises settled before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (;;) {
      this.#queue.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#queue[0];
      if (!next || next.at > until) break;
      this.#queue.shift();
      this.#now = Math.max(this.#now, next.at);
      this.events++;
      next.run();
      await settle();
      this.onEvent?.(this.events);
    }
    this.#now = until;
  }

  /** A client of this user. Each has its own wire; `cut` breaks it. */
  client(
    user: string,
    scopes: readonly Scope[] = ["read", "presence", "write", "create"],
    options: ClientOptions = {},
  ): SimulatedClient {
    const listed = this.#options.listed && { listed: true as const };
    let facts: Facts = { user: { id: user, name: user }, scopes, expiresAt: Number.MAX_SAFE_INTEGER, ...listed };
    const wires: Wire[] = [];
    const environment: Environment = {
      now: () => this.#now,
      after: (ms, run) => this.#at(this.#now + ms, run),
      random: () => 0.5,
      fetch: () => Promise.reject(new Error("the simulation has no HTTP")),
      onReturn: () => () => {},
      onHidden: () => () => {},
      askBeforeLeaving: () => () => {},
      transport: (events) => this.#transport(events, () => facts, wires),
    };
    return {
      environment,
      client: createClient({ host: "simulation", auth: async () => "token", environment, ...options }),
      cut: () => {
        for (const wire of wires) this.#lose(wire);
      },
      become: (other) => {
        facts = { ...facts, user: { id: other, name: other } };
      },
      die: () => {
        for (const wire of wires) wire.state = "closed";
      },
      raw: (bytes) => {
        const wire = wires.findLast((each) => each.state === "open");
        if (wire?.connection) this.room.receive(wire.connection, bytes);
      },
      hears: (bytes) => wires.findLast((each) => each.state === "open")?.events.received(bytes),
    };
  }

  /** A wire for a stock Yjs client of this user, which says what it likes. */
  stock(
    user: string,
    scopes: readonly Scope[],
    events: TransportEvents,
    expiresAt: number = Number.MAX_SAFE_INTEGER,
  ): Omit<Transport, "send"> & { send(bytes: Uint8Array): void; cut(): void } {
    const wires: Wire[] = [];
    const facts: Facts = { user: { id: user, name: user }, scopes, expiresAt, stock: "y-websocket" };
    return { ...this.#transport(events, () => facts, wires), cut: () => wires.forEach((wire) => this.#lose(wire)) };
  }

  /** Runs something once this much time has passed. */
  after(ms: number, run: () => void): void {
    this.#at(this.#now + ms, run);
  }

  #transport(events: TransportEvents, factsNow: () => Facts, wires: Wire[]): Transport {
    let wire: Wire | undefined;
    const alive = (which: Wire, run: () => void) => () => void (which.state !== "closed" && run());
    return {
      open: () => {
        const facts = factsNow();
        const opened: Wire = {
          events,
          facts,
          socket: this.#socket(() => opened),
          connection: undefined,
          attachment: undefined,
          heardAt: 0,
          state: "opening",
        };
        wire = opened;
        wires.push(opened);
        this.#wires.add(opened);
        this.#at(
          this.#now + this.latencyMs,
          alive(opened, () => {
            opened.connection = this.room.connect(opened.socket, facts);
            opened.state = "open";
            this.#at(
              this.#now + this.latencyMs,
              alive(opened, () => events.opened()),
            );
          }),
        );
      },
      send: (data) => {
        const over = wire;
        if (!over) return;
        this.#at(
          this.#now + this.latencyMs,
          alive(over, () => {
            if (data === PING) {
              over.heardAt = this.#now;
              this.#at(
                this.#now + this.latencyMs,
                alive(over, () => events.received(PONG)),
              );
            } else if (over.connection && typeof data !== "string") this.room.receive(over.connection, data);
          }),
        );
      },
      close: (code, reason) => {
        const over = wire;
        if (!over || over.state === "closed") return;
        over.state = "closed";
        this.#roomHears(over);
        events.closed(code, reason);
      },
    };
  }

  #socket(wire: () => Wire): Socket {
    return {
      send: (bytes) => {
        this.sent.push({ to: wire().facts.user.id, bytes, at: this.#now });
        const object = this.#object;
        const gate = Math.max(this.#now, this.#gateUntil);
        this.#at(gate, () => {
          if (object !== this.#object || this.#lost(gate)) return; // held by the gate when the object, or its row, died
          this.#at(this.#now + this.latencyMs, () => {
            if (wire().state !== "open") return;
            wire().events.received(bytes);
            this.onDelivered?.(wire().facts.user.id, bytes);
          });
        });
      },
      close: (code, reason) => {
        this.#wires.delete(wire()); // an object that wakes now finds it no more
        this.#at(this.#now + this.latencyMs, () => {
          if (wire().state === "closed") return;
          wire().state = "closed";
          wire().events.closed(code, reason);
        });
      },
      heardAt: () => wire().heardAt,
      attach: (attachment) => {
        wire().attachment = structuredClone(attachment);
      },
    };
  }

  #lost(gate: number): boolean {
    return this.#lostGates !== undefined && gate > this.#lostGates.after && gate <= this.#lostGates.to;
  }

  /** The network drops a wire; both sides hear of it after a while. */
  #lose(wire: Wire): void {
    if (wire.state === "closed") return;
    wire.state = "closed";
    this.#roomHears(wire);
    this.#at(this.#now + this.latencyMs, () => wire.events.closed(1006, ""));
  }

  /** Until the room hears that a wire is closed it holds it for open, also when it wakes meanwhile. */
  #roomHears(wire: Wire): void {
    this.#at(this.#now + this.latencyMs, () => {
      this.#wires.delete(wire);
      if (wire.connection) this.room.closed(wire.connection);
    });
  }

  /** The object leaves memory with its sockets open, and wakes: what is left is storage and attachments. */
  evict(): void {
    this.#start();
    for (const wire of this.#wires) if (wire.attachment) wire.connection = this.room.adopt(wire.socket, wire.attachment);
  }

  /** One of those who are open falls behind, and has read it all after `ms`; unless the object has slept meanwhile. */
  lag(which: number, ms: number): void {
    const { room } = this;
    room.inspect(); // it says what it has to say: nobody falls behind in what an object says first
    const open = [...room.connections.open()];
    const connection = open[which % open.length];
    if (!connection) return;
    connection.flow.sent(HARD_BYTES + 1);
    this.after(ms, () => {
      if (room !== this.room || connection.stage === "gone") return;
      connection.flow.sent(-HARD_BYTES - 1);
      // Either says something then, by which the room sees how far it has read.
      if (connection.facts.stock) connection.socket.send(QUERY_AWARENESS);
      else room.receive(connection, frameOf([UP.ack, writeAck(0)]));
    });
  }

  /** The process dies: sockets too, and rows that were not durable. */
  crash(): void {
    this.#begin(this.durable.copy());
    for (const wire of [...this.#wires]) {
      wire.connection = undefined;
      this.#lose(wire);
    }
    this.#wires.clear();
    this.#gateUntil = 0;
    this.#start();
  }
}

export interface SimulatedClient {
  /** The world as it is to the client: for another client on the same wire. */
  readonly environment: Environment;
  readonly client: ReturnType<typeof createClient>;
  /** Breaks the wire. */
  cut(): void;
  /** The next socket is another user's. */
  become(user: string): void;
  /** The wire goes dead: nothing passes, and neither side is told. */
  die(): void;
  /** Sends bytes of one's own making over the open wire. */
  raw(bytes: Uint8Array): void;
  /** Hears bytes that the room never said. */
  hears(bytes: Uint8Array): void;
}

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
