/**
 * How a scenario's plan becomes iterations of virtual users. An executor starts iterations and waits for them; it never knows
 * what they do. Those that are under way at its end have the grace that the scenario gives, and are then cut off.
 */
import { sleep, type Clock } from "./clock.ts";
import type { Plan, Scenario } from "./options.ts";
import { arrivals, lengthMs, userSteps } from "./schedule.ts";

/** A virtual user, as far as an executor knows one: it does one iteration at a time. */
export interface Worker {
  /** Resolves when the iteration has ended, in whichever way. */
  iterate(): Promise<void>;
  /** Ends the iteration under way, at once. */
  interrupt(): void;
}

export interface Crew {
  readonly clock: Clock;
  /** A user that is free: made beforehand, as many as `mostUsers` says, or now. */
  hire(): Worker;
  /** An iteration could not be started, since all users were busy. */
  dropped(): void;
  /** Given when the whole run is to end at once. */
  readonly stop: AbortSignal;
}

/** Resolves when nothing of the scenario is under way any more. */
export async function runScenario({ startTimeMs, gracefulStopMs, plan }: Scenario, crew: Crew): Promise<void> {
  await sleep(crew.clock, startTimeMs, crew.stop);
  if (crew.stop.aborted) return;
  const shift = new Shift(crew, gracefulStopMs);
  if (plan.kind === "users") await byUsers(plan, shift);
  else if (plan.kind === "arrivals") await byArrivals(plan, shift);
  else await byIterations(plan, shift);
}

/** Who is at work for one scenario, and until when. */
class Shift {
  readonly crew: Crew;
  readonly #graceMs: number;
  readonly #began: number;
  readonly #busy = new Map<Worker, Promise<void>>();

  constructor(crew: Crew, graceMs: number) {
    this.crew = crew;
    this.#graceMs = graceMs;
    this.#began = crew.clock.now;
  }

  /** So many ms after the scenario began, or when `earlier` has come. */
  until(ms: number, earlier?: Promise<unknown>): Promise<void> {
    return this.#wait(this.#began + ms - this.crew.clock.now, earlier);
  }

  #wait(ms: number, earlier: Promise<unknown> | undefined): Promise<void> {
    if (!earlier) return sleep(this.crew.clock, ms, this.crew.stop);
    const come = new AbortController();
    void earlier.then(() => come.abort());
    return sleep(this.crew.clock, ms, AbortSignal.any([this.crew.stop, come.signal]));
  }

  /** Whether the user is in the middle of something. */
  isBusy(worker: Worker): boolean {
    return this.#busy.has(worker);
  }

  /** One iteration after the other, as long as `goesOn` says so. */
  work(worker: Worker, goesOn: () => boolean): Promise<void> {
    const loop = async (): Promise<void> => {
      while (!this.crew.stop.aborted && goesOn()) await worker.iterate();
      this.#busy.delete(worker);
    };
    const working = loop();
    this.#busy.set(worker, working);
    return working;
  }

  /** Waits for those who have not ended, and cuts them off when their time is over. */
  async end(): Promise<void> {
    const all = Promise.all(this.#busy.values());
    await this.#wait(this.#graceMs, all);
    for (const worker of this.#busy.keys()) worker.interrupt();
    await all;
  }
}

async function byUsers({ start, stages, gracefulRampDownMs }: Plan & { kind: "users" }, shift: Shift): Promise<void> {
  const { clock, hire } = shift.crew;
  /** In the order in which they came; the last to come is the first to go. */
  const workers: { readonly worker: Worker; wanted: boolean; cutOff?: () => void }[] = [];
  const set = (users: number): void => {
    while (workers.length < users) workers.push({ worker: hire(), wanted: false });
    for (const [index, each] of workers.entries()) {
      const wanted = index < users;
      if (wanted === each.wanted) continue;
      each.wanted = wanted;
      if (wanted) {
        each.cutOff?.();
        if (!shift.isBusy(each.worker)) void shift.work(each.worker, () => each.wanted);
      } else each.cutOff = clock.after(gracefulRampDownMs, () => each.worker.interrupt());
    }
  };
  for (const { at, users } of userSteps(start, stages)) {
    await shift.until(at);
    if (!shift.crew.stop.aborted) set(users);
  }
  await shift.until(lengthMs(stages));
  for (const each of workers) each.wanted = false;
  await shift.end();
  for (const { cutOff } of workers) cutOff?.();
}

async function byArrivals({ startRate, stages, perMs, most }: Plan & { kind: "arrivals" }, shift: Shift): Promise<void> {
  const free: Worker[] = [];
  let hired = 0;
  for (const at of arrivals(startRate, stages, perMs)) {
    await shift.until(at);
    if (shift.crew.stop.aborted) break;
    const worker = free.pop() ?? (hired++ < most ? shift.crew.hire() : undefined);
    if (!worker) {
      shift.crew.dropped();
      continue;
    }
    let left = 1;
    void shift.work(worker, () => left-- > 0).then(() => free.push(worker));
  }
  await shift.until(lengthMs(stages));
  await shift.end();
}

async function byIterations(
  { users, iterations, shared, maxDurationMs }: Plan & { kind: "iterations" },
  shift: Shift,
): Promise<void> {
  let over = false;
  let left = iterations;
  const all = Array.from({ length: users }, () => {
    let own = iterations;
    return shift.work(shift.crew.hire(), () => !over && (shared ? left-- : own--) > 0);
  });
  await shift.until(maxDurationMs, Promise.all(all));
  over = true;
  await shift.end();
}
