/**
 * Who watches a simulated room of the board game: it knows what everyone did and was answered, and holds it against what
 * is stored and shown once all is quiet. What does not hold is thrown, with the promise in front.
 */
import { RoomError } from "coterie/client";
import * as decoding from "lib0/decoding";
import type { Store } from "../../server/storage/store.ts";
import { boardRoom } from "./board-game.ts";
import { canonical, type BoardRoom } from "./board.ts";
import type { SimulatedClient, Simulation } from "./simulation.ts";
import { readStored, type Stored } from "./stored.ts";

export interface Page {
  readonly user: string;
  readonly room: BoardRoom;
  readonly wire: SimulatedClient;
  gone: boolean;
}

/** One call of `add`: its number is its name, since no two of a run are alike. */
interface Added {
  readonly n: number;
  readonly page: Page;
  done: { seq: number; value: number } | undefined;
  refused: string | undefined;
}

/** What an action may be refused with in any run. */
const LAWFUL = new Set(["held", "gone", "not-yours", "internal", "rate-limited", "destroyed"]);
/** The longest that anything may take once faults have ended, in ms: the longest wait of a client, twice. */
const QUIET_MS = 25_000;

/** What does not hold. The message begins with the promise. */
export class Broken extends Error {}

export interface WitnessOptions {
  readonly pieces: number;
  /** What was stored before, when what is stored in the end may not reach back that far. */
  readonly past?: Store;
}

export class Witness {
  readonly pages: Page[] = [];
  readonly #simulation: Simulation;
  readonly #options: WitnessOptions;
  readonly #added: Added[] = [];
  readonly #strange: string[] = [];
  #waiting = 0;

  constructor(simulation: Simulation, options: WitnessOptions) {
    this.#simulation = simulation;
    this.#options = options;
  }

  // ---- what people do

  join(user: string): Page {
    const wire = this.#simulation.client(user);
    const room = wire.join(boardRoom, "table", {
      presence: { cursor: null, mood: String(this.pages.length) },
      create: { pieces: this.#options.pieces },
    });
    room.on("error", (error) => this.#strange.push(`${user}: ${error.message}`));
    const page = { user, room, wire, gone: false };
    this.pages.push(page);
    return page;
  }

  get open(): Page[] {
    return this.pages.filter(({ gone }) => !gone);
  }

  leave(page: Page): void {
    page.room.destroy();
    page.gone = true;
  }

  add(page: Page): void {
    const added: Added = { n: this.#added.length + 1, page, done: undefined, refused: undefined };
    this.#added.push(added);
    this.watch(
      page.room.do.add({ n: added.n }).then(
        (done) => void (added.done = done),
        (error: unknown) => {
          added.refused = error instanceof RoomError ? error.code : String(error);
          throw error;
        },
      ),
    );
  }

  watch(call: Promise<unknown>): void {
    this.#waiting++;
    call.then(
      () => this.#waiting--,
      (error: unknown) => {
        this.#waiting--;
        const code = error instanceof RoomError ? error.code : String(error);
        if (!LAWFUL.has(code)) this.#strange.push(`an action ended with ${code}`);
      },
    );
  }

  /** Faults end, and everything comes to rest; at last nobody holds a piece. */
  async quiet(): Promise<void> {
    const simulation = this.#simulation;
    simulation.store.failure = simulation.commitFailure = undefined;
    await simulation.advance(QUIET_MS);
    for (const { room } of this.open)
      for (const { id } of room.confirmed.pieces.where("heldBy", room.self?.id ?? -1))
        this.watch(room.do.drop({ id, x: 1, y: 1 }));
    await simulation.advance(QUIET_MS);
  }

  // ---- what must hold

  check(): void {
    const stored = readStored(this.#simulation.store, this.#options.past);
    if (!stored) throw new Broken("[P1] the room is gone");
    if (this.#strange.length > 0) throw new Broken(`[P5] ${this.#strange.join("; ")}`);
    if (this.#waiting > 0) throw new Broken(`[P2] ${this.#waiting} actions have no answer`);
    for (const [index, seq] of stored.seqs.entries())
      if (seq !== index + 1) throw new Broken(`[P3] row ${seq} is the ${index + 1}th`);
    this.#ledger(stored);
    expectEqual(
      "[P3] states that differed from the room's hash",
      this.#simulation.logged.filter((line) => /differed/.test(line)),
      [],
    );
    expectEqual("[P4] the rules, run again", stored.again, stored.state);
    expectEqual("[P1] what the last snapshot leads to", readStored(this.#simulation.store)?.state, stored.state);
    for (const { user, room } of this.open) {
      expectEqual(`[P4] ${user}'s connection`, room.status, "connected");
      expectEqual(`[P4] what waits at ${user}'s`, room.sync, { state: "saved", pending: 0 });
      expectEqual(`[P4] what ${user} has confirmed`, canonical(room.confirmed), stored.state);
      expectEqual(`[P4] what ${user} is shown`, canonical(room.state), stored.state);
    }
    this.#people();
  }

  /** Every `add` is in one row at most; those that were answered are in the row that was named, with the answer given. */
  #ledger({ inputs }: Stored): void {
    const found = new Map<number, { seq: number; value: number }>();
    const order = new Map<Page, number>();
    let total = 0;
    for (const { seq, input, answer } of inputs) {
      if (input.kind !== "act" || boardRoom.game["~rules"].actions[input.action]!.name !== "add") continue;
      const n = decoding.readUint16(decoding.createDecoder(input.input));
      total += n;
      if (input.me === 0) continue; // the room's own code
      if (found.has(n)) throw new Broken(`[P2] add ${n} ran in row ${found.get(n)!.seq} and again in row ${seq}`);
      found.set(n, { seq, value: total });
      expectEqual(`[P2] the answer kept for add ${n}`, answer, { kind: "done", json: String(total) });
      const { page } = this.#added[n - 1]!;
      if ((order.get(page) ?? 0) > n) throw new Broken(`[P2] add ${n} ran after a later one of the same page`);
      order.set(page, n);
    }
    for (const { n, done, refused } of this.#added) {
      if (done) expectEqual(`[P1] add ${n} as answered`, found.get(n), done);
      else if (refused !== "destroyed") throw new Broken(`[P2] add ${n} was neither done nor given up: ${refused}`);
    }
    for (const { user, room } of this.open) expectEqual(`[P2] the sum at ${user}'s`, room.confirmed.meta.total, total);
  }

  /** The people shown are the sockets open, with what they last said. */
  #people(): void {
    const open = this.open;
    for (const { user, room } of open) {
      const shown = [...room.others, room.self!].map(({ user: { id }, connections }) => `${id} ×${connections}`).sort();
      const there = [...new Set(open.map((page) => page.user))].map(
        (id) => `${id} ×${open.filter((page) => page.user === id).length}`,
      );
      expectEqual(`[P6] whom ${user} sees`, shown, there.sort());
      for (const other of room.others) {
        const said = open.filter((page) => page.user === other.user.id).map((page) => JSON.stringify(page.room.self?.presence));
        if (!said.includes(JSON.stringify(other.presence)))
          throw new Broken(
            `[P6] ${user} sees ${JSON.stringify(other.presence)} of ${other.user.id}, who shows ${said.join(" or ")}`,
          );
      }
    }
  }

  /** Who comes now is given what is stored; and when all have gone nothing is left to do. */
  async newcomer(): Promise<void> {
    const before = readStored(this.#simulation.store)!.state;
    const room = this.#simulation
      .client("zoe", { scopes: ["read"] })
      .join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
    await this.#simulation.advance(2000);
    expectEqual("[P4] what a newcomer is given", canonical(room.state), before);
    for (const page of this.open) page.room.destroy();
    room.destroy();
    await this.#simulation.advance(QUIET_MS);
    expectEqual("[P7] timers in a room that everyone has left", this.#simulation.clock.timers, 0);
  }
}

export function expectEqual(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Broken(`${what}: ${a}, expected ${b}`);
}
