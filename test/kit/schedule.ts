/**
 * One random life of a room: clients come, act, are cut off and go, the object sleeps, crashes and fails to write. Then
 * it is quiet, and what the promises say must hold. Everything is drawn from one seed, so a run is the same every time.
 */
import { boardSimulation } from "./board.ts";
import { Draw } from "./random.ts";
import type { Simulation } from "./simulation.ts";
import { Witness } from "./witness.ts";

const USERS = ["ann", "ben", "cleo", "dan"];
const PIECES = 8;
/** So many that the state is longer than a window: it goes out bit by bit, and faults come in between. */
const MANY_PIECES = 45_000;
const STEPS = 40;

/** Lives one life; `meddle` may spoil the room beforehand. Throws `Broken`. */
export async function live(seed: number, meddle: (simulation: Simulation) => void = () => {}): Promise<void> {
  const life = new Life(new Draw("schedule", seed));
  meddle(life.simulation);
  await life.run();
}

class Life {
  readonly simulation: Simulation;
  readonly #draw: Draw;
  readonly #witness: Witness;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.simulation = boardSimulation({
      commitMs: draw.one([1, 30]),
      latencyMs: 1 + draw.below(80),
      leaveGraceMs: draw.one([500, 5000]),
    });
    this.#witness = new Witness(this.simulation, { pieces: draw.chance(0.03) ? MANY_PIECES : PIECES });
  }

  async run(): Promise<void> {
    for (let n = 2 + this.#draw.below(3); n > 0; n--) this.#join();
    await this.simulation.advance(this.#draw.below(400));
    for (let step = 0; step < STEPS; step++) {
      this.#act();
      if (this.#draw.chance(0.15)) await this.#disturb();
      await this.simulation.advance(this.#draw.chance(0.1) ? this.#draw.below(2000) : this.#draw.below(60));
    }
    await this.#witness.quiet();
    this.#witness.check();
    await this.#witness.newcomer();
  }

  // ---- what people do

  #join(): void {
    if (this.#witness.open.length < 6) this.#witness.join(this.#draw.one(USERS));
  }

  #act(): void {
    const witness = this.#witness;
    for (let n = this.#draw.below(6); n > 0; n--) {
      const page = this.#draw.one(witness.open);
      const { room } = page;
      const id = this.#draw.below(PIECES + 1);
      switch (this.#draw.below(10)) {
        case 0:
        case 1:
        case 2:
          witness.add(page);
          break;
        case 3:
          witness.watch(room.do.grab({ id }));
          break;
        case 4:
          room.do.drag({ id, x: this.#draw.below(1000), y: this.#draw.below(1000) });
          break;
        case 5:
          witness.watch(room.do.drop({ id, x: this.#draw.below(1000), y: this.#draw.below(1000) }));
          break;
        case 6:
          witness.watch(this.#draw.one([room.do.roll, room.do.broken, room.do.waver, room.do.rare])());
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

  // ---- what befalls them

  async #disturb(): Promise<void> {
    const { simulation } = this;
    const witness = this.#witness;
    const page = this.#draw.one(witness.open);
    switch (this.#draw.below(12)) {
      case 0:
      case 1:
        page.wire.network.drop();
        break;
      case 2:
        simulation.crash();
        break;
      case 3:
        for (let times = 1 + this.#draw.below(3); times > 0; times--) {
          await this.#sleep();
          await simulation.advance(this.#draw.below(200));
        }
        break;
      case 4:
        simulation.store.failure = new Error("database or disk is full: SQLITE_FULL");
        break;
      case 5:
        simulation.commitFailure = new Error("disk I/O error: SQLITE_IOERR");
        break;
      case 6:
        if (witness.open.length < 2) break;
        witness.leave(page);
        break;
      case 7:
        page.room.disconnect();
        await simulation.advance(this.#draw.below(300));
        page.room.connect();
        break;
      case 8:
        simulation.lag(this.#draw.below(6), this.#draw.below(3000));
        break;
      case 9:
      case 10:
        // In the middle of somebody's coming, or being given the state.
        this.#join();
        await simulation.advance(this.#draw.below(6 * simulation.latencyMs));
        if (this.#draw.chance(0.5)) this.#draw.one(witness.open).wire.network.drop();
        else await this.#sleep();
        break;
      default:
        this.#join();
    }
  }

  /** The object sleeps, and wakes for something: none does without a cause. */
  async #sleep(): Promise<void> {
    if (!(await this.simulation.comesToRest())) return;
    this.simulation.evict();
    if (this.#draw.chance(0.5)) this.simulation.room.inspect();
    else this.#witness.add(this.#draw.one(this.#witness.open));
  }
}
