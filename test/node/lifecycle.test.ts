/**
 * A room's client in any order of events: tokens that come, come late, fail or never come, sockets that open, break, go silent or
 * are closed with any code, a page that comes and goes. It is never stuck, never has two sockets or asks for two tokens at once, and
 * tells of every action in the end.
 */
import { createClient, within, type Status } from "coterie/client";
import { describe, expect, test } from "vitest";
import type { RoomError } from "coterie";
import type { Environment, TransportEvents } from "../../client/environment.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, join, type BoardRoom } from "../kit/board.ts";
import { MemoryBrowser } from "../kit/memory-shelf.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { Draw, SEED } from "../kit/random.ts";
import { Simulation } from "../kit/simulation.ts";

const LIVES = 60;
const STEPS = 40;
/** So short that a token is refreshed now and then. */
const TOKEN_S = 10;
const CODES = [
  1000, 1001, 1006, 1011, 4400, 4401, 4403, 4404, 4409, 4410, 4413, 4426, 4500, 4503, 4508, 4529, 4530, 4531, 4532, 4999,
];

/** A client whose world is watched, and meddled with. */
class Life {
  readonly simulation = boardSimulation();
  readonly room: BoardRoom;
  readonly statuses: Status[] = [];
  tokens: "come" | "come late" | "fail" | "never come" = "come";
  /** What was promised for each action, by what became of it. */
  readonly outcomes: string[] = [];
  made = 0;
  mostSockets = 0;
  mostRequests = 0;
  refreshes = 0;
  /** The browser is to ask before the page is closed. */
  asks = 0;
  readonly #wire;
  readonly #timers = new Set<object>();
  readonly #returns = new Set<() => void>();
  readonly #requests = new Set<AbortSignal>();
  #sockets = 0;
  #events: TransportEvents | undefined;

  constructor(keeps: boolean) {
    this.#wire = this.simulation.client("ann");
    const { offline } = new MemoryBrowser().page("ann").options;
    this.room = createClient({
      host: "simulation",
      environment: this.#watched(this.#wire.environment),
      auth: ({ signal, reason }) => {
        if (reason === "refresh") this.refreshes++;
        return this.#token(signal);
      },
      warnOnUnsaved: true,
      ...(keeps && offline && { offline }),
    }).join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 3 } });
    this.room.on("status", (status) => this.statuses.push(status));
  }

  #watched(world: Environment): Environment {
    return {
      ...world,
      after: (ms, run) => {
        const timer = {};
        this.#timers.add(timer);
        const cancel = world.after(ms, () => {
          this.#timers.delete(timer);
          run();
        });
        return () => {
          this.#timers.delete(timer);
          cancel();
        };
      },
      onReturn: (listener) => {
        this.#returns.add(listener);
        return () => this.#returns.delete(listener);
      },
      askBeforeLeaving: () => {
        this.asks++;
        return () => void this.asks--;
      },
      transport: (events) => {
        this.#events = events;
        let waiting = (): void => {};
        const transport = world.transport({
          ...events,
          opened: () => {
            waiting();
            events.opened();
          },
          closed: (code, reason) => {
            this.#sockets = 0;
            waiting();
            events.closed(code, reason);
          },
        });
        return {
          ...transport,
          open: (url, protocols) => {
            this.mostSockets = Math.max(this.mostSockets, ++this.#sockets);
            transport.open(url, protocols);
            // As every real one: a socket that does not open is given up.
            waiting = world.after(10_000, () => events.closed(1006, ""));
          },
          close: (code, reason) => {
            this.#sockets = 0; // one that went silent does not say so
            waiting();
            transport.close(code, reason);
          },
        };
      },
    };
  }

  async #token(signal: AbortSignal): Promise<string> {
    this.#requests.add(signal);
    signal.addEventListener("abort", () => this.#requests.delete(signal));
    this.mostRequests = Math.max(this.mostRequests, this.#requests.size);
    if (this.tokens === "never come") await new Promise(() => {});
    if (this.tokens === "come late") await new Promise<void>((resolve) => this.simulation.clock.after(3000, resolve));
    this.#requests.delete(signal);
    if (this.tokens === "fail") throw new Error("no token");
    const iat = Math.floor(this.simulation.now / 1000);
    return `head.${btoa(JSON.stringify({ sub: "ann", iat, exp: iat + TOKEN_S }))}.signature`;
  }

  /** What the client has going, so that it will do something by itself. */
  get going(): number {
    return this.#timers.size + this.#requests.size + this.#sockets;
  }

  do(): void {
    this.made++;
    this.room.do.add({ n: 1 }).then(
      () => this.outcomes.push("done"),
      (error: RoomError) => this.outcomes.push(error.code),
    );
  }

  comeBack(): void {
    for (const listener of this.#returns) listener();
  }

  cut(): void {
    this.#wire.network.drop();
  }

  goSilent(): void {
    this.#wire.network.stall();
  }

  close(code: number): void {
    for (const connection of this.simulation.room.connections.open())
      if (connection.facts.user.id === "ann") connection.socket.close(code, "as the test says");
  }

  /** The wire says what no wire should: the socket of before has closed, or opens again. */
  sayLate(draw: Draw): void {
    if (draw.chance(0.5)) this.#events?.closed(draw.one(CODES), "late");
    else this.#events?.opened();
  }

  async step(draw: Draw): Promise<void> {
    switch (draw.below(12)) {
      case 0:
        this.room.disconnect();
        break;
      case 1:
      case 2:
        this.room.connect();
        break;
      case 3:
        this.tokens = draw.one(["come", "come", "come late", "fail", "never come"]);
        break;
      case 4:
        this.cut();
        break;
      case 5:
        this.goSilent();
        break;
      case 6:
        this.close(draw.one(CODES));
        break;
      case 7:
        this.comeBack();
        break;
      case 8:
        this.simulation.crash();
        break;
      default:
        for (let n = draw.below(4); n >= 0; n--) this.do();
    }
    await this.simulation.advance(draw.chance(0.1) ? draw.below(40_000) : draw.below(300));
  }
}

/** Runs lives, each from its own seed; what fails says which. */
async function lives(name: string, run: (draw: Draw, nth: number) => Promise<void>): Promise<void> {
  for (let nth = 0; nth < LIVES; nth++)
    try {
      await run(new Draw(name, SEED, nth), nth);
    } catch (error) {
      throw new Error(`life ${nth} of seed ${SEED}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
}

describe(`in any order of events (seed ${SEED})`, () => {
  test("[P2] it is never stuck, has one socket and asks for one token at a time; and once all is well it is in, and every action is told of", async () => {
    let refreshes = 0;
    await lives("healed", async (draw, nth) => {
      const life = new Life(nth % 2 === 1);
      const { room, simulation } = life;
      for (let step = 0; step < STEPS; step++) {
        await life.step(draw);
        if (nth % 2 === 0) expect(life.asks).toBe(room.sync.pending > 0 ? 1 : 0);
        if (room.status !== "disconnected") expect(life.going, `${room.status} after step ${step}`).toBeGreaterThan(0);
      }
      life.tokens = "come";
      if (room.status === "disconnected") room.connect();
      for (let s = 0; s < 900 && (room.status !== "connected" || room.sync.pending > 0); s += 10) {
        await simulation.advance(10_000);
        if (room.status === "disconnected") room.connect(); // a close that was under way has stopped it
      }
      expect(room.sync).toEqual({ state: "saved", pending: 0 });
      expect([life.mostSockets, life.mostRequests, life.asks]).toEqual([1, 1, 0]);
      refreshes += life.refreshes;
      const done = life.outcomes.filter((code) => code === "done").length;
      const unsure = life.outcomes.filter((code) => code === "disconnected" || code === "unanswered").length;
      expect(done + unsure).toBe(life.made);
      const { total } = (await join(simulation, "watcher")).room.state.meta;
      expect(total).toBeGreaterThanOrEqual(done);
      expect(total).toBeLessThanOrEqual(done + unsure);
      if (nth % 2 === 1) expect(total).toBe(done + unsure); // what is kept is sent, whatever its promise was told
    });
    expect(refreshes).toBeGreaterThan(0);
  });

  test("[P2] left for good at any moment, it tells of every action at once, and leaves nothing running", () =>
    lives("left", async (draw, nth) => {
      const life = new Life(nth % 2 === 1);
      for (let step = draw.below(STEPS); step >= 0; step--) await life.step(draw);
      life.room.destroy();
      await life.simulation.advance(100);
      expect([life.outcomes.length, life.room.status]).toEqual([life.made, "disconnected"]);
      life.sayLate(draw);
      life.comeBack();
      await life.simulation.advance(60_000);
      expect([life.going, life.asks]).toEqual([0, 0]);
      expect(() => life.room.connect()).toThrow("destroyed");
      await expect(life.room.do.add({ n: 1 })).rejects.toThrow("destroyed");
    }));
});

test("what is asked over HTTP goes with the token that the socket has: the app is asked for one at a time", async () => {
  const simulation = new Simulation(notesRoom);
  const said: (string | null)[] = [];
  let asked = 0;
  const client = simulation.client("ann", {
    auth: async () => `token ${++asked}`,
    environment: {
      ...simulation.client("ann").environment,
      fetch: async (_url, { headers }) => {
        said.push(new Headers(headers).get("authorization"));
        return Response.json([]);
      },
    },
  });
  const room = client.join(notesRoom, "paper");
  await simulation.advance(100);
  expect(room.status).toBe("connected");
  await room.versions.list();
  room.disconnect();
  await room.versions.list();
  expect([asked, said]).toEqual([2, ["Bearer token 1", "Bearer token 2"]]);
});

describe("waiting no longer", () => {
  test("for an answer: the error says that the action stays queued, and it takes effect when the room is there", async () => {
    const { simulation, room } = new Life(false);
    await simulation.advance(200);
    room.disconnect();
    const giveUp = new AbortController();
    const waiting = within(room.do.add({ n: 7 }), giveUp.signal).catch((error: RoomError) => [error.code, error.retryable]);
    giveUp.abort();
    expect(await waiting).toEqual(["unanswered", false]);
    expect(room.sync).toEqual({ state: "offline", pending: 1 });
    room.connect();
    await simulation.advance(1000);
    expect([room.confirmed.meta.total, room.sync.pending]).toEqual([7, 0]);
  });

  test("for the room: ready is given up after so many ms, and the room goes on trying", async () => {
    const life = new Life(false);
    life.tokens = "fail";
    await expect(within(life.room.ready, 5)).rejects.toMatchObject({ code: "unanswered", reason: "no answer within 5 ms" });
    await expect(within(life.room.ready, AbortSignal.abort("the user went on"))).rejects.toThrow("the user went on");
    expect(life.room.status).toBe("connecting");
    life.tokens = "come";
    await life.simulation.advance(30_000);
    await within(life.room.ready, 1000);
    expect(await within(Promise.resolve(1), 1000)).toBe(1);
  });
});
