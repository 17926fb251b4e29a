/**
 * A room and its pages in one process, without a platform: the real room, the real SDK, on a clock that moves only when told
 * to, a disk whose commits take time, and a network that breaks when it is asked to. All that is random comes from one seed,
 * and everything happens in one queue, so a run is the same every time.
 */
import type { AnyRoom } from "coterie";
import { createClient, type Client, type ClientOptions, type Room as SdkRoom, type RoomError } from "coterie/client";
import type { Environment, Transport, TransportEvents } from "../../client/environment.ts";
import type { Rows } from "../../shared/game/tables.ts";
import { UP_FRAME_MS } from "../../shared/protocol/limits.ts";
import type { GameOf } from "../../shared/room/define-room.ts";
import type { Table, Value } from "../../shared/schema/t.ts";
import type { Facts, Scope } from "../../server/room/connections.ts";
import { resimulate, type Divergence } from "../../server/parts/game/resimulate.ts";
import { settle } from "./clock.ts";
import { differences } from "./convergence.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import { Network, type Weather } from "./network.ts";
import { Draw } from "./random.ts";

export interface SimulationOptions<D extends AnyRoom = AnyRoom> extends MachineOptions, Weather {
  /** The parameters that the first to join makes the room with. */
  create?: GameOf<D>["params"];
  /** Whether the lobby lists the room. Default false. */
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
  /** The world as the page has it: for another client in its place, with something of it changed. */
  readonly environment: Environment;
  readonly network: Network;
  /** The next socket is another user's. */
  become(user: string): void;
}

/** A game's state on the server: rows of private tables too, whoever they belong to. */
export type Whole<S> = {
  readonly [K in keyof S]: S[K] extends Table<infer R>
    ? Rows<Readonly<R> & { readonly id: number }, R>
    : S[K] extends Value<infer V>
      ? Readonly<V>
      : never;
};

interface Joined {
  readonly user: string;
  readonly network: Network;
  /** Why it was not let in, until that is said. */
  refused: RoomError | undefined;
  /** The test waits for its `ready`, and is told by it. */
  knows: boolean;
}

/** How much of the room's time passes before it is given up that something comes about, in ms. */
const WITHIN_MS = 60_000;
const MEMBER: readonly Scope[] = ["read", "presence", "write", "create"];

/** Runs a room of this kind, alone, in this process; nobody has joined it. */
export const simulate = <D extends AnyRoom>(definition: D, options: SimulationOptions<D> = {}): Simulation<D> =>
  new Simulation(definition, options);

export class Simulation<D extends AnyRoom = AnyRoom> extends Machine<D> {
  /** How long a frame takes, one way, in ms, where a page has no network of its own kind. */
  readonly latencyMs: number;
  /** Random choices for the test itself, from the same seed: what it plays does not change what the room draws. */
  readonly draw: Draw;
  readonly #options: SimulationOptions<D>;
  /** The rooms that were joined, and over which networks. */
  readonly #pages = new Map<SdkRoom<D>, Joined>();

  constructor(definition: D, options: SimulationOptions<D> = {}) {
    super(definition, options);
    this.#options = options;
    this.latencyMs = options.latencyMs ?? 5;
    this.draw = new Draw("play", this.seed);
  }

  // ---- time

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
    if (typeof what !== "function") what.then(over, over);
    const isOver = typeof what === "function" ? what : () => settled;
    for (const [{ ready }, page] of this.#pages) if (ready === what) page.knows = true;
    await settle();
    while (!isOver()) {
      if (this.now >= end)
        throw this.failure(`waited ${withinMs} ms for ${typeof what === "function" ? String(what) : "a promise"}`);
      await this.clock.step(end);
    }
    return typeof what === "function" ? undefined : what;
  }

  /**
   * Lets time pass until all is quiet: every page is in and saved, nothing is under way. [P4] Then everyone has to have what the room
   * has: throws where a page is not there within `withinMs` of the room's time, or shows something else. Pages that have no network,
   * or were disconnected, are not waited for; one that was not let in throws, once, unless `until` was given its `ready`.
   */
  async settle(withinMs: number = WITHIN_MS): Promise<void> {
    const end = this.now + withinMs;
    await this.advance(UP_FRAME_MS); // what was said just now, presence too, is then on its way
    for (;;) {
      this.#refusals();
      const wanting = this.#wanting();
      if (wanting.length === 0) return;
      if (this.now >= end) throw this.failure(`not settled within ${withinMs} ms:\n${wanting.join("\n")}`);
      await this.clock.step(end);
    }
  }

  /** Throws where a page was not let in that the test takes for one that is. */
  #refusals(): void {
    for (const [, page] of this.#pages) {
      const { user, refused } = page;
      page.refused = undefined;
      if (refused && !page.knows) throw this.failure(`${user} was not let in: ${refused.message}`);
    }
  }

  /** What there is to wait for. */
  #wanting(): string[] {
    const here = [...this.#pages].filter(([room, { network }]) => room.status !== "disconnected" && !network.isCut);
    const busy = here.filter(([{ status, sync }]) => status !== "connected" || sync.state !== "saved" || sync.pending > 0);
    if (busy.length > 0)
      return busy.map(([{ status, sync }, { user }]) => `${user} is ${status}, ${sync.state}, with ${sync.pending} pending`);
    const rests = this.definition.game?.["~rules"].tick ? this.disk.resting : this.resting; // who ticks has no other rest
    if (!rests) return ["the room is busy"];
    if ([...this.wires].some(({ busy }) => busy)) return ["something is on its way"];
    return here.flatMap(([room, { user }]) => differences(this.definition, this.room, room).map((each) => `${user}: ${each}`));
  }

  // ---- people

  /** A new page of this user joins the room; returns at once, as `client.join` does: `settle` waits until it is in. */
  join(user: string, options: JoinOptions<D> = {}): SdkRoom<D> {
    const { presence = this.definition.presence.type.zero, create = this.#options.create, ...rest } = options;
    const page = this.client(user, rest);
    const join = page.join as (room: AnyRoom, id: string, options: object) => unknown; // what is optional here, its types may not know
    const room = join(this.definition, "room", { presence, ...(create !== undefined && { create }) }) as SdkRoom<D>;
    if ("doc" in room && room.doc) (room.doc as { clientID: number }).clientID = Math.floor(this.random() * 2 ** 32);
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
    const network = new Network(this.host, {
      latencyMs: latencyMs ?? this.latencyMs,
      jitterMs: jitterMs ?? usual.jitterMs ?? 0,
      loss: loss ?? usual.loss ?? 0,
    });
    let facts: Facts = { user: { id: user, name }, scopes, expiresAt: Number.MAX_SAFE_INTEGER, ...(listed && { listed }) };
    const environment: Environment = {
      now: () => this.now,
      after: this.clock.after,
      random: this.random,
      uuid: () =>
        Array.from({ length: 4 }, () =>
          Math.floor(this.random() * 2 ** 32)
            .toString(16)
            .padStart(8, "0"),
        ).join("-"),
      fetch: () => Promise.reject(new Error("the simulation has no HTTP")),
      onReturn: network.onReturn,
      onHidden: () => () => {},
      askBeforeLeaving: () => () => {},
      transport: (events) => network.transport(events, () => facts),
    };
    const { join, lobby } = createClient({ host: "simulation", auth: async () => "token", environment, ...clientOptions });
    return {
      join: (definition, ...how) => {
        const room = join(definition, ...how);
        if ((definition as AnyRoom) !== this.definition) return room;
        const page: Joined = { user, network, refused: undefined, knows: false };
        room.ready.catch((error: RoomError) => void (error.code !== "destroyed" && (page.refused = error)));
        this.#pages.set(room as unknown as SdkRoom<D>, page);
        return room;
      },
      environment,
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
    const network = new Network(this.host, this.#options);
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
    const { game } = this.definition;
    if (!game) throw new RangeError(`${this.definition.name} has no game to run once more`);
    return resimulate(game, this.store).divergence;
  }
}
