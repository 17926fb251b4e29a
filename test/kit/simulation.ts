/**
 * A room and its pages in one process, without a platform: the real room, the real SDK, on a clock that moves only when told
 * to, a disk whose commits take time, and a network that breaks when it is asked to. All that is random comes from one seed,
 * and everything happens in one queue, so a run is the same every time.
 */
import type { AnyRoom } from "coterie";
import { createClient, type Client, type ClientOptions, type Room as SdkRoom } from "coterie/client";
import type { Environment, Transport, TransportEvents } from "../../client/environment.ts";
import { random, seedOf } from "../../shared/game/random.ts";
import type { Rows } from "../../shared/game/tables.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { UP_FRAME_MS } from "../../shared/protocol/limits.ts";
import { UP } from "../../shared/protocol/up.ts";
import { QUERY_AWARENESS } from "../../shared/protocol/yjs.ts";
import type { GameOf, Message } from "../../shared/room/define-room.ts";
import type { Table, Value } from "../../shared/schema/t.ts";
import type { Facts, Scope } from "../../server/room/connections.ts";
import { HARD_BYTES } from "../../server/room/flow.ts";
import type { Person, RoomHooks, RoomOptions } from "../../server/room/host.ts";
import type { LobbyLine } from "../../server/lobby/summary.ts";
import { Room } from "../../server/room/room.ts";
import { resimulate, type Divergence } from "../../server/parts/game/resimulate.ts";
import { MemoryStore } from "../../server/storage/memory-store.ts";
import { Clock, settle } from "./clock.ts";
import { differences } from "./convergence.ts";
import { Disk } from "./disk.ts";
import { frameOf } from "./frames.ts";
import { Network, type Wire, type Weather } from "./network.ts";
import { Draw, SEED } from "./random.ts";

export interface SimulationOptions<D extends AnyRoom = AnyRoom> extends RoomOptions, Weather {
  /** What everything random is drawn from. Default: SEED in the environment, else 1. */
  seed?: number;
  /** The parameters that the first to join makes the room with. */
  create?: GameOf<D>["params"];
  /** How long a row takes to become durable, in ms. Default 1. */
  commitMs?: number;
  /** What the room was stored as before: another simulation's `store`. Default: nothing. */
  store?: MemoryStore;
  /** The room's own code, beside what `told` keeps. */
  hooks?: RoomHooks;
  /** Default: none. */
  lobby?: LobbyLine;
  /** Whether it lists the room. Default false. */
  listed?: boolean;
}

/** Who opens a page, and over which network. What is not said of the network is as the simulation's. */
export interface PageOptions extends Weather, ClientOptions {
  /** How the user is called. Default: as their id. */
  name?: string;
  /** What the user's token allows here. Default: read, presence, write and create. */
  scopes?: readonly Scope[];
}

export interface JoinOptions<D extends AnyRoom> extends PageOptions {
  /** Default: its type's zero. */
  presence?: D["~types"]["presence"];
  /** The parameters to make the room with. Default: the simulation's. */
  create?: GameOf<D>["params"];
}

/** One page of a user: its client, and its network. */
export interface SimulatedClient extends Client<true> {
  readonly network: Network;
  /** The next socket is another user's. */
  become(user: string): void;
}

/** A call of the room's own code, as `durableRoom`'s class would get it. */
export type Told<D extends AnyRoom> =
  | { readonly call: "onEvent"; readonly event: Message<GameOf<D>["events"], "room"> }
  | { readonly call: "onJoin" | "onLeave"; readonly who: Person }
  | { readonly call: "onEmpty" };

/** A game's state on the server: rows of private tables too, whoever they belong to. */
export type Whole<S> = {
  readonly [K in keyof S]: S[K] extends Table<infer R>
    ? Rows<Readonly<R> & { readonly id: number }, R>
    : S[K] extends Value<infer V>
      ? Readonly<V>
      : never;
};

/** A room with a timer shorter than this, in ms, is busy. */
const SOON_MS = 1000;
/** A room that is not given a rest for this long, in ms, is never at rest. */
const REST_WITHIN_MS = 300;
/** How much of the room's time passes before it is given up that something comes about, in ms. */
const WITHIN_MS = 60_000;
/** 2026-01-01: far from 0, as a real clock is. */
const START = Date.UTC(2026, 0, 1);
const MEMBER: readonly Scope[] = ["read", "presence", "write", "create"];

/** Runs a room of this kind, alone, in this process; nobody has joined it. */
export const simulate = <D extends AnyRoom>(definition: D, options: SimulationOptions<D> = {}): Simulation<D> =>
  new Simulation(definition, options);

export class Simulation<D extends AnyRoom = AnyRoom> {
  readonly seed: number;
  /** How long a frame takes, one way, in ms, where a page has no network of its own kind. */
  readonly latencyMs: number;
  readonly clock: Clock = new Clock(START);
  /** Random choices for the test itself, from the same seed: what it plays does not change what the room draws. */
  readonly draw: Draw;
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
  readonly #definition: D;
  readonly #options: SimulationOptions<D>;
  readonly #disk: Disk;
  readonly #random: () => number;
  readonly #wires = new Set<Wire>();
  /** The rooms that were joined, and over which networks. */
  readonly #pages = new Map<SdkRoom<D>, { user: string; network: Network }>();
  #unsetAlarm: () => void = () => {};
  /** The room's timers that are no rest. */
  #soon = 0;
  /** Counts the objects that ran this room: what an old one left in the queue dies with it. */
  #object = 0;

  constructor(definition: D, options: SimulationOptions<D> = {}) {
    this.#definition = definition;
    this.#options = options;
    this.seed = options.seed ?? SEED;
    this.latencyMs = options.latencyMs ?? 5;
    this.draw = new Draw("play", this.seed);
    const store = options.store?.copy() ?? new MemoryStore();
    // With what was before, or two simulations, one after the other, would draw the same sessions.
    this.#random = random(seedOf("simulation", this.seed, store.sizes()[0]?.seq ?? 0));
    this.#disk = new Disk(this.clock, store, options.commitMs ?? 1);
    this.#start();
  }

  // ---- the clock

  /** ms since 1970: the room's clock, and everyone's. */
  get now(): number {
    return this.clock.now;
  }

  /** Lets time pass, in ms: an hour of a room that nobody is busy in takes some milliseconds. */
  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /**
   * Lets time pass until `what` has come about, or has settled: its value then. Whatever a room promises has to be awaited
   * so, since no time passes otherwise: `await simulation.until(ann.do.grab({ id: 1 }))`. Throws when it has not within `withinMs`
   * of the room's time; rejects as a promise does.
   */
  async until<T>(what: Promise<T>, withinMs?: number): Promise<T>;
  async until(what: () => boolean, withinMs?: number): Promise<void>;
  async until<T>(what: Promise<T> | (() => boolean), withinMs: number = WITHIN_MS): Promise<T | void> {
    const end = this.now + withinMs;
    let settled = false;
    const over = (): void => void (settled = true);
    if (what instanceof Promise) what.then(over, over);
    const isOver = what instanceof Promise ? () => settled : what;
    await settle();
    while (!isOver()) {
      if (this.now >= end)
        throw this.#failure(`waited ${withinMs} ms for ${what instanceof Promise ? "a promise" : String(what)}`);
      await this.clock.step(end);
    }
    return what instanceof Promise ? what : undefined;
  }

  /**
   * Lets time pass until all is quiet: every page is in and saved, nothing is under way. [P4] Then everyone has to have what the room
   * has: throws where a page is not there within `withinMs` of the room's time, or shows something else. Pages that have no network,
   * or were disconnected, are not waited for.
   */
  async settle(withinMs: number = WITHIN_MS): Promise<void> {
    const end = this.now + withinMs;
    await this.advance(UP_FRAME_MS); // what was said just now, presence too, is then on its way
    for (;;) {
      const wanting = this.#wanting();
      if (wanting.length === 0) return;
      if (this.now >= end) throw this.#failure(`not settled within ${withinMs} ms:\n${wanting.join("\n")}`);
      await this.clock.step(end);
    }
  }

  /** What there is to wait for. */
  #wanting(): string[] {
    const here = [...this.#pages].filter(([room, { network }]) => room.status !== "disconnected" && !network.isCut);
    const busy = here.filter(([{ status, sync }]) => status !== "connected" || sync.state !== "saved" || sync.pending > 0);
    if (busy.length > 0)
      return busy.map(([{ status, sync }, { user }]) => `${user} is ${status}, ${sync.state}, with ${sync.pending} pending`);
    const rests = this.#definition.game?.["~rules"].tick ? this.#disk.resting : this.resting; // who ticks has no other rest
    if (!rests) return ["the room is busy"];
    if ([...this.#wires].some(({ busy }) => busy)) return ["something is on its way"];
    return here.flatMap(([room, { user }]) => differences(this.#definition, this.room, room).map((each) => `${user}: ${each}`));
  }

  #failure(what: string): Error {
    return new Error(`${what} (seed ${this.seed}, ${this.now - START} ms after the start)`);
  }

  // ---- people

  /** A new page of this user joins the room; returns at once, as `client.join` does: `settle` waits until it is in. */
  join(user: string, options: JoinOptions<D> = {}): SdkRoom<D> {
    const { presence = this.#definition.presence.type.zero, create = this.#options.create, ...rest } = options;
    const page = this.client(user, rest);
    const join = page.join as (room: AnyRoom, id: string, options: object) => unknown; // what is optional here, its types may not know
    const room = join(this.#definition, "room", { presence, ...(create !== undefined && { create }) }) as SdkRoom<D>;
    if ("doc" in room && room.doc) (room.doc as { clientID: number }).clientID = Math.floor(this.#random() * 2 ** 32);
    room.ready.catch(() => {}); // who waits for it hears of it
    return room;
  }

  /** The network of one who has joined. */
  network(room: SdkRoom<D>): Network {
    const page = this.#pages.get(room);
    if (!page) throw new RangeError("the network of a room: expected one that was joined in this simulation");
    return page.network;
  }

  /** A page of this user that has not joined: for one who joins by another definition, as after a deploy. */
  client(user: string, options: PageOptions = {}): SimulatedClient {
    const { name = user, scopes = MEMBER, latencyMs, jitterMs, loss, ...clientOptions } = options;
    const { listed, ...usual } = this.#options;
    const network = new Network(this.#host, {
      latencyMs: latencyMs ?? this.latencyMs,
      jitterMs: jitterMs ?? usual.jitterMs ?? 0,
      loss: loss ?? usual.loss ?? 0,
    });
    let facts: Facts = { user: { id: user, name }, scopes, expiresAt: Number.MAX_SAFE_INTEGER, ...(listed && { listed }) };
    const environment: Environment = {
      now: () => this.now,
      after: this.clock.after,
      random: this.#random,
      uuid: () =>
        Array.from({ length: 4 }, () =>
          Math.floor(this.#random() * 2 ** 32)
            .toString(16)
            .padStart(8, "0"),
        ).join("-"),
      fetch: () => Promise.reject(new Error("the simulation has no HTTP")),
      onReturn: network.onReturn,
      onHidden: () => () => {},
      transport: (events) => network.transport(events, () => facts),
    };
    const { join, lobby } = createClient({ host: "simulation", auth: async () => "token", environment, ...clientOptions });
    return {
      join: (definition, ...how) => {
        const room = join(definition, ...how);
        if ((definition as AnyRoom) === this.#definition) this.#pages.set(room as unknown as SdkRoom<D>, { user, network });
        return room;
      },
      lobby,
      network,
      become: (other) => void (facts = { ...facts, user: { id: other, name: other } }),
    };
  }

  /** A wire for a stock Yjs client of this user, which says what it likes. */
  stock(
    user: string,
    events: TransportEvents,
    { scopes = MEMBER, expiresAt = Number.MAX_SAFE_INTEGER }: { scopes?: readonly Scope[]; expiresAt?: number } = {},
  ): Transport & { readonly network: Network } {
    const network = new Network(this.#host, this.#options);
    const facts: Facts = { user: { id: user, name: user }, scopes, expiresAt, stock: "y-websocket" };
    return { ...network.transport(events, () => facts), network };
  }

  // ---- the room

  /** The game's state as the server has it. Throws where there is no room yet. */
  get state(): Whole<GameOf<D>["state"]> {
    return this.room.game.view() as Whole<GameOf<D>["state"]>;
  }

  /**
   * Runs the whole journal once more by the rules: the first answer, timer or cell that comes out differently; undefined: none does. What
   * does was drawn from elsewhere than the room: `Math.random()`, `Date.now()`, a variable outside of the state.
   */
  rerun(): Divergence | undefined {
    const { game } = this.#definition;
    if (!game) throw new RangeError(`${this.#definition.name} has no game to run once more`);
    return resimulate(game, this.store).divergence;
  }

  /** What the room reads: with rows that may not be durable yet (`store.rows(0)`). Set its `failure`, and the next write throws it. */
  get store(): MemoryStore {
    return this.#disk.store;
  }

  /** What would be there if the process died now. */
  get durable(): MemoryStore {
    return this.#disk.durable;
  }

  /** Set to have the disk lose the next row after it was taken. */
  get commitFailure(): Error | undefined {
    return this.#disk.commitFailure;
  }
  set commitFailure(error: Error | undefined) {
    this.#disk.commitFailure = error;
  }

  /** Whether the object could sleep: no write of it is under way, and no beat. The platform lets no other sleep. */
  get resting(): boolean {
    return this.#disk.resting && this.#soon === 0;
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
    if (!(await this.comesToRest())) throw this.#failure("the room does not come to rest");
    this.evict();
  }

  /** The same at once, whatever is under way. */
  evict(): void {
    this.#start();
    for (const wire of this.#wires) if (wire.attachment) wire.connection = this.room.adopt(wire.socket, wire.attachment);
  }

  /** The process dies, as by kill -9: memory, sockets, and rows that were not durable. It is there again at once. */
  crash(): void {
    this.#disk.crash();
    for (const wire of [...this.#wires]) {
      wire.connection = undefined;
      wire.lose();
    }
    this.#wires.clear();
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
      this.#definition,
      {
        id: "room",
        lobby: this.#options.lobby,
        store: this.#disk.open(),
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
        random: () => Math.floor(this.#random() * 2 ** 32),
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

  /** What the network leads to. */
  get #host(): ConstructorParameters<typeof Network>[0] {
    return {
      clock: this.clock,
      disk: this.#disk,
      room: () => this.room,
      random: this.#random,
      wires: this.#wires,
      said: (to, bytes) => void this.sent.push({ to, bytes, at: this.now }),
      delivered: (to, bytes) => this.onDelivered?.(to, bytes),
    };
  }
}
