/**
 * One random life of a room: clients come, act, are cut off and go, the object sleeps, crashes and fails to write. Then
 * it is quiet, and what the promises say must hold. Everything is drawn from one seed, so a run is the same every time.
 */
import { RoomError } from "coterie/client";
import * as decoding from "lib0/decoding";
import { boardRoom } from "./board-game.ts";
import { boardSimulation, canonical, type BoardRoom } from "./board.ts";
import { Draw } from "./random.ts";
import type { SimulatedClient, Simulation } from "./simulation.ts";
import { readStored, type Stored } from "./stored.ts";

interface Page {
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

const USERS = ["ann", "ben", "cleo", "dan"];
const PIECES = 8;
/** What an action may be refused with in any run. */
const LAWFUL = new Set(["held", "gone", "not-yours", "internal", "rate-limited", "destroyed"]);
/** The longest that anything may take once faults have ended, in ms: the longest wait of a client, twice. */
const QUIET_MS = 25_000;
const STEPS = 40;

/** What does not hold. The message begins with the promise. */
export class Broken extends Error {}

/** Lives one life; `meddle` may spoil the room beforehand. Throws {@link Broken}. */
export async function live(seed: number, meddle: (simulation: Simulation) => void = () => {}): Promise<void> {
  const life = new Life(new Draw("schedule", seed));
  meddle(life.simulation);
  await life.run();
}

class Life {
  readonly simulation: Simulation;
  readonly #draw: Draw;
  readonly #pages: Page[] = [];
  readonly #added: Added[] = [];
  readonly #strange: string[] = [];
  #waiting = 0;
  #last = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.simulation = boardSimulation({
      commitMs: draw.one([1, 30]),
      latencyMs: 1 + draw.below(80),
      leaveGraceMs: draw.one([500, 5000]),
    });
  }

  async run(): Promise<void> {
    for (let n = 2 + this.#draw.below(3); n > 0; n--) this.#join();
    await this.simulation.advance(this.#draw.below(400));
    for (let step = 0; step < STEPS; step++) {
      this.#act();
      if (this.#draw.chance(0.15)) await this.#disturb();
      await this.simulation.advance(this.#draw.chance(0.1) ? this.#draw.below(2000) : this.#draw.below(60));
    }
    await this.#quiet();
    this.#check(readStored(this.simulation.store));
    await this.#newcomer();
  }

  // ---- what people do

  #join(): void {
    if (this.#open.length >= 6) return;
    const user = this.#draw.one(USERS);
    const wire = this.simulation.client(user);
    const room = wire.client.join(boardRoom, "table", {
      presence: { cursor: null, mood: String(this.#pages.length) },
      create: { pieces: PIECES },
    });
    room.on("error", (error) => this.#strange.push(`${user}: ${error.message}`));
    this.#pages.push({ user, room, wire, gone: false });
  }

  get #open(): Page[] {
    return this.#pages.filter(({ gone }) => !gone);
  }

  #act(): void {
    for (let n = this.#draw.below(6); n > 0; n--) {
      const page = this.#draw.one(this.#open);
      const { room } = page;
      const id = this.#draw.below(PIECES + 1);
      switch (this.#draw.below(10)) {
        case 0:
        case 1:
        case 2:
          this.#add(page);
          break;
        case 3:
          this.#watch(room.do.grab({ id }));
          break;
        case 4:
          room.do.drag({ id, x: this.#draw.below(1000), y: this.#draw.below(1000) });
          break;
        case 5:
          this.#watch(room.do.drop({ id, x: this.#draw.below(1000), y: this.#draw.below(1000) }));
          break;
        case 6:
          this.#watch(this.#draw.one([room.do.roll, room.do.broken, room.do.waver, room.do.rare])());
          break;
        case 7:
          room.setPresence({ cursor: { x: this.#draw.below(99), y: this.#draw.below(99) } });
          break;
        case 8:
          room.setPresence({ mood: String(this.#draw.below(99)) });
          break;
        default:
          if (room.sync.pending < 20) room.broadcast("wave", { hand: "left" });
      }
    }
  }

  #add(page: Page): void {
    const added: Added = { n: ++this.#last, page, done: undefined, refused: undefined };
    this.#added.push(added);
    this.#watch(
      page.room.do.add({ n: added.n }).then(
        (done) => void (added.done = done),
        (error: unknown) => {
          added.refused = error instanceof RoomError ? error.code : String(error);
          throw error;
        },
      ),
    );
  }

  #watch(call: Promise<unknown>): void {
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

  // ---- what befalls them

  async #disturb(): Promise<void> {
    const { simulation } = this;
    const page = this.#draw.one(this.#open);
    switch (this.#draw.below(9)) {
      case 0:
      case 1:
        page.wire.cut();
        break;
      case 2:
        simulation.crash();
        break;
      case 3:
        for (let ms = 0; ms < 300 && !simulation.resting; ms++) await simulation.advance(1);
        if (simulation.resting) simulation.evict();
        break;
      case 4:
        simulation.store.failure = new Error("database or disk is full: SQLITE_FULL");
        break;
      case 5:
        simulation.commitFailure = new Error("disk I/O error: SQLITE_IOERR");
        break;
      case 6:
        if (this.#open.length < 2) break;
        page.room.destroy();
        page.gone = true;
        break;
      case 7:
        page.room.disconnect();
        await simulation.advance(this.#draw.below(300));
        page.room.connect();
        break;
      default:
        this.#join();
    }
  }

  async #quiet(): Promise<void> {
    const { simulation } = this;
    simulation.store.failure = simulation.commitFailure = undefined;
    await simulation.advance(QUIET_MS);
    for (const { room } of this.#open)
      for (const { id } of room.confirmed.pieces.where("heldBy", room.self?.id ?? -1))
        this.#watch(room.do.drop({ id, x: 1, y: 1 }));
    await simulation.advance(QUIET_MS);
  }

  // ---- what must hold

  #check(stored: Stored | undefined): void {
    if (!stored) throw new Broken("[P1] the room is gone");
    if (this.#strange.length > 0) throw new Broken(`[P5] ${this.#strange.join("; ")}`);
    if (this.#waiting > 0) throw new Broken(`[P2] ${this.#waiting} actions have no answer`);
    expectEqual(
      "[P3] rows",
      stored.seqs,
      stored.seqs.map((_, index) => index + 1),
    );
    this.#ledger(stored);
    expectEqual("[P4] the rules, run again", stored.again, stored.state);
    for (const { user, room } of this.#open) {
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
    for (const { user, room } of this.#open) expectEqual(`[P2] the sum at ${user}'s`, room.confirmed.meta.total, total);
  }

  /** The people shown are the sockets open, with what they last said. */
  #people(): void {
    const open = this.#open;
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

  async #newcomer(): Promise<void> {
    const before = readStored(this.simulation.store)!.state;
    const room = this.simulation
      .client("zoe", ["read"])
      .client.join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
    await this.simulation.advance(2000);
    expectEqual("[P4] what a newcomer is given", canonical(room.state), before);
    for (const page of this.#open) page.room.destroy();
    room.destroy();
    await this.simulation.advance(QUIET_MS);
    expectEqual("[P7] timers in a room that everyone has left", this.simulation.pendingEvents, 0);
  }
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Broken(`${what}: ${a}, expected ${b}`);
}
