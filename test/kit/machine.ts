/**
 * What a simulated room runs on, in the place of the platform: one object at a time, with a clock, timers, an alarm, a disk and
 * sockets. It sleeps, wakes and dies when it is told to. Like the platform's, the clock stands still within an event.
 */
import type { AnyRoom } from "coterie";
import { random, seedOf } from "../../shared/game/random.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { UP } from "../../shared/protocol/up.ts";
import { QUERY_AWARENESS } from "../../shared/protocol/yjs.ts";
import type { GameOf, Message } from "../../shared/room/define-room.ts";
import { HARD_BYTES } from "../../server/room/flow.ts";
import type { Person, RoomHooks, RoomOptions } from "../../server/room/host.ts";
import type { LobbyLine } from "../../server/lobby/summary.ts";
import { Room } from "../../server/room/room.ts";
import { MemoryStore } from "../../server/storage/memory-store.ts";
import { Clock } from "./clock.ts";
import { Disk } from "./disk.ts";
import { frameOf } from "./frames.ts";
import type { Host, Wire } from "./network.ts";
import { SEED } from "./random.ts";

export interface MachineOptions extends RoomOptions {
  /** What everything random is drawn from. Default: SEED in the environment, else 1. */
  seed?: number;
  /** How long a row takes to become durable, in ms. Default 1. */
  commitMs?: number;
  /** What the room was stored as before: another simulation's `store`. Default: nothing. */
  store?: MemoryStore;
  /** The room's own code, beside what `told` keeps. */
  hooks?: RoomHooks;
  /** Default: none. */
  lobby?: LobbyLine;
}

/** A call of the room's own code, as `durableRoom`'s class would get it. */
export type Told<D extends AnyRoom> =
  | { readonly call: "onEvent"; readonly event: Message<GameOf<D>["events"], "room"> }
  | { readonly call: "onJoin" | "onLeave"; readonly who: Person }
  | { readonly call: "onEmpty" };

/** A room with a timer shorter than this, in ms, is busy. */
const SOON_MS = 1000;
/** A room that is not given a rest for this long, in ms, is never at rest. */
const REST_WITHIN_MS = 300;
/** 2026-01-01: far from 0, as a real clock is. */
const START = Date.UTC(2026, 0, 1);

export class Machine<D extends AnyRoom = AnyRoom> {
  readonly seed: number;
  readonly clock: Clock = new Clock(START);
  /** The server's room itself, another after each sleep and crash: what is not here can be asked of it (`room.inspect()`, `room.game.act(name, input)`). */
  room!: Room;
  /** Every frame the room sent, by user. */
  readonly sent: { to: string; bytes: Uint8Array; at: number }[] = [];
  /** What the room's own code was told. */
  readonly told: Told<D>[] = [];
  /** What the room logged: what its rules threw, and what it could not store. */
  readonly logged: string[] = [];
  /** When the platform will wake the room, in ms since 1970; undefined: nobody asked for it. */
  alarmAt: number | undefined;
  /** Called when a page has been given a frame. */
  onDelivered: ((to: string, bytes: Uint8Array) => void) | undefined;
  protected readonly definition: D;
  protected readonly disk: Disk;
  /** [0, 1). */
  protected readonly random: () => number;
  /** Sockets that an object would find when it wakes. */
  protected readonly wires: Set<Wire> = new Set<Wire>();
  readonly #options: MachineOptions;
  #unsetAlarm: () => void = () => {};
  /** The room's timers that are no rest. */
  #soon = 0;
  /** Counts the objects that ran this room: what an old one left in the queue dies with it. */
  #object = 0;

  constructor(definition: D, options: MachineOptions) {
    this.definition = definition;
    this.#options = options;
    this.seed = options.seed ?? SEED;
    const store = options.store?.copy() ?? new MemoryStore();
    // With what was before, or two simulations, one after the other, would draw the same sessions.
    this.random = random(seedOf("simulation", this.seed, store.sizes()[0]?.seq ?? 0));
    this.disk = new Disk(this.clock, store, options.commitMs ?? 1);
    this.#start();
  }

  /** ms since 1970: the room's clock, and everyone's. */
  get now(): number {
    return this.clock.now;
  }

  /** Lets time pass, in ms: an hour of a room that nobody is busy in takes some milliseconds. */
  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** What the room reads: with rows that may not be durable yet (`store.rows(0)`). Set its `failure`, and the next write throws it. */
  get store(): MemoryStore {
    return this.disk.store;
  }

  /** What would be there if the process died now. */
  get durable(): MemoryStore {
    return this.disk.durable;
  }

  /** Set to have the disk lose the next row after it was taken. */
  get commitFailure(): Error | undefined {
    return this.disk.commitFailure;
  }
  set commitFailure(error: Error | undefined) {
    this.disk.commitFailure = error;
  }

  /** Whether the object could sleep: no write of it is under way, and no beat. The platform lets no other sleep. */
  get resting(): boolean {
    return this.disk.resting && this.#soon === 0;
  }

  /** Lets time pass until the object could sleep; false: it had more to do than that. */
  async comesToRest(): Promise<boolean> {
    for (let ms = 0; ms < REST_WITHIN_MS && !this.resting; ms++) await this.advance(1);
    return this.resting;
  }

  /**
   * The object comes to rest, leaves memory with its sockets open, and wakes with what comes next: what is left is storage and
   * attachments. Throws where it has no rest: a room with a `tick` has none while somebody is there.
   */
  async sleep(): Promise<void> {
    if (!(await this.comesToRest())) throw this.failure("the room does not come to rest");
    this.evict();
  }

  /** The same at once, whatever is under way. */
  evict(): void {
    this.#start();
    for (const wire of this.wires) if (wire.attachment) wire.connection = this.room.adopt(wire.socket, wire.attachment);
  }

  /** The process dies, as by kill -9: memory, sockets, and rows that were not durable. It is there again at once. */
  crash(): void {
    this.disk.crash();
    for (const wire of [...this.wires]) {
      wire.connection = undefined;
      wire.lose();
    }
    this.wires.clear();
    this.#start();
  }

  /** One of those who are open falls behind, and has read it all after `ms`; unless the object has slept meanwhile. */
  lag(which: number, ms: number): void {
    const { room } = this;
    room.inspect(); // it says what it has to say: nobody falls behind in what an object says first
    const open = [...room.connections.open()];
    const connection = open[which % open.length];
    if (!connection) return;
    connection.flow.sent(HARD_BYTES + 1);
    this.clock.after(ms, () => {
      if (room !== this.room || connection.stage === "gone") return;
      connection.flow.sent(-HARD_BYTES - 1);
      // Either says something then, by which the room sees how far it has read.
      if (connection.facts.stock) connection.socket.send(QUERY_AWARENESS);
      else room.receive(connection, frameOf([UP.ack, writeAck(0)]));
    });
  }

  #start(): void {
    const object = ++this.#object;
    const { clock } = this;
    this.#soon = 0;
    const alive = (run: () => void) => () => void (object === this.#object && run());
    const { hooks } = this.#options;
    this.room = new Room(
      this.definition,
      {
        id: "room",
        lobby: this.#options.lobby,
        store: this.disk.open(),
        now: () => this.now,
        after: (ms, run) => {
          if (ms < SOON_MS) this.#soon++;
          clock.after(
            ms,
            alive(() => {
              if (ms < SOON_MS) this.#soon--;
              run();
            }),
          );
        },
        random: () => Math.floor(this.random() * 2 ** 32),
        setAlarm: (at) => {
          this.#unsetAlarm();
          this.alarmAt = at;
          this.#unsetAlarm = clock.at(Math.max(at, this.now), () => {
            this.alarmAt = undefined;
            this.room.alarm();
          });
        },
        log: (_level, message, error) =>
          void this.logged.push(`${message}: ${error instanceof Error ? error.message : String(error)}`),
      },
      this.#options,
      {
        event: (event) => {
          this.told.push({ call: "onEvent", event: { ...event, from: "room" } as Message<GameOf<D>["events"], "room"> });
          hooks?.event?.(event);
        },
        join: (who) => {
          this.told.push({ call: "onJoin", who });
          hooks?.join?.(who);
        },
        leave: (who) => {
          this.told.push({ call: "onLeave", who });
          hooks?.leave?.(who);
        },
        empty: () => {
          this.told.push({ call: "onEmpty" });
          hooks?.empty?.();
        },
      },
    );
  }

  protected failure(what: string): Error {
    return new Error(`${what} (seed ${this.seed}, ${this.now - START} ms after the start)`);
  }

  /** What the network leads to. */
  protected get host(): Host {
    return {
      clock: this.clock,
      disk: this.disk,
      room: () => this.room,
      random: this.random,
      wires: this.wires,
      said: (to, bytes) => void this.sent.push({ to, bytes, at: this.now }),
      delivered: (to, bytes) => this.onDelivered?.(to, bytes),
    };
  }
}
