/**
 * A virtual user: its own copy of the script's modules, in the one thread that all share. The script is compiled once, as a
 * function; each user calls it, and so has module state of its own for a few kilobytes: thousands fit on one core, where a
 * thread for each would take megabytes. (Only what a script puts on `globalThis` is not kept apart.) It sees the language and
 * what k6 has, and nothing of Node, so that what runs here does not fail there.
 *
 * As in k6 an iteration ends when nothing is under way any more: no timer, no socket, no request.
 */
import { compileFunction, createContext } from "node:vm";
import { MODULES, STATE } from "./bundle.ts";
import type { Worker } from "./executors.ts";
import { Aborted, EXIT, LoadError } from "./exit-code.ts";
import { modulesFor } from "./modules/index.ts";
import type { Metric, Tags } from "./metrics.ts";
import type { Run, Running } from "./run.ts";

type Exports = Readonly<Record<string, unknown>>;
type Load = (...parameters: unknown[]) => void;

/** The globals of k6, and `performance`, which it has not: who looks for it has times with fractions. */
const GLOBALS = { console, crypto, TextEncoder, TextDecoder, ArrayBuffer, performance };

/** A bundled script, compiled. */
export class Script {
  readonly #load: Load;
  readonly #open: (path: string, mode?: "b") => string | ArrayBuffer;

  /** `open`: k6's, for files that a script reads while it is loaded. */
  constructor(code: string, filename: string, open: (path: string, mode?: "b") => string | ArrayBuffer) {
    const parameters = ["exports", MODULES, STATE, "__ENV", "open", "setTimeout", "clearTimeout", "setInterval", "clearInterval"];
    this.#load = compileFunction(code, parameters, { filename, parsingContext: createContext({ ...GLOBALS }) }) as Load;
    this.#open = open;
  }

  /** Runs the script's modules anew. Throws a LoadError when they do. */
  instance(modules: Readonly<Record<string, object>>, state: object, env: Readonly<Record<string, string>>): Exports {
    const exports = {};
    const { setTimeout, clearTimeout, setInterval, clearInterval } = modules["k6/timers"] as Record<string, unknown>;
    try {
      this.#load(exports, modules, state, env, this.#open, setTimeout, clearTimeout, setInterval, clearInterval);
    } catch (error) {
      if (error instanceof LoadError) throw error;
      throw new LoadError(EXIT.exception, `the script threw while it was loaded: ${String(error)}`, { cause: error });
    }
    return exports;
  }
}

export class VirtualUser implements Worker {
  readonly id: number;
  readonly run: Run;
  readonly running: Running | undefined;
  /** As the script's `__VU` and `__ITER`. */
  readonly state: { readonly vu: number; iteration: number };
  readonly exports: Exports;
  /** Of its samples; a script may add to them. */
  readonly tags: Record<string, string>;
  /** The number of this iteration among all of its scenario. */
  iterationInTest = 0;
  readonly #data: unknown;
  /** What can be cut off. */
  readonly #underWay = new Set<() => void>();
  #iteration: { readonly done: () => void; interrupted: boolean } | undefined;

  /** `running`: none for the one user that loads the script, sets up and tears down. */
  constructor(id: number, script: Script, run: Run, running?: Running, data?: unknown) {
    this.id = id;
    this.run = run;
    this.running = running;
    this.state = { vu: id, iteration: -1 };
    this.tags = { ...run.options?.tags, ...(running && { scenario: running.scenario.name, ...running.scenario.tags }) };
    this.exports = script.instance(modulesFor(this), this.state, { ...run.env, ...running?.scenario.env });
    this.#data = data === undefined ? undefined : structuredClone(data);
  }

  /** Resolves when all that it began has ended. What is thrown is counted, and ends it. */
  async iterate(): Promise<void> {
    const { run } = this;
    const { exec } = this.running!.scenario;
    this.state.iteration++;
    this.iterationInTest = this.running!.begun++;
    run.activeUsers++;
    const start = run.clock.now;
    const outcome = await this.call(exec, this.#data);
    run.activeUsers--;
    if (outcome.interrupted) {
      run.interrupted++;
      return;
    }
    run.completed++;
    this.add(run.builtin.iterations, 1);
    this.add(run.builtin.iteration_duration, run.clock.now - start);
  }

  /** Calls a function that the script exports, and waits until nothing of it is under way. */
  async call(name: string, ...parameters: unknown[]): Promise<{ readonly interrupted: boolean; readonly value: unknown }> {
    const exec = this.exports[name];
    if (typeof exec !== "function") throw new LoadError(EXIT.config, `the script exports no function ${name}`);
    let value: unknown;
    const iteration = await new Promise<{ interrupted: boolean }>((resolve) => {
      const current = { interrupted: false, done: () => resolve(current) };
      this.#iteration = current;
      this.guard(() => {
        const returned: unknown = exec(...parameters);
        if (!isPromise(returned)) value = returned;
        else
          returned.then(
            (awaited) => (value = awaited),
            (error) => this.#fail(error),
          );
      });
      this.#look();
    });
    return { interrupted: iteration.interrupted, value };
  }

  /** Something is under way until the function that is returned is called; `cutOff` ends it. */
  begin(cutOff: () => void): () => void {
    this.#underWay.add(cutOff);
    return () => {
      if (this.#underWay.delete(cutOff)) this.#look();
    };
  }

  /** Runs what the script is called back with. What it throws ends the iteration. */
  guard(callback: () => void): void {
    if (!this.#iteration) return;
    try {
      callback();
    } catch (error) {
      this.#fail(error);
    }
  }

  interrupt(): void {
    if (!this.#iteration) return;
    this.#iteration.interrupted = true;
    this.#cutOff();
  }

  add(metric: Metric, value: number, tags?: Tags): void {
    metric.add(value, this.tags, tags);
  }

  #fail(error: unknown): void {
    if (!this.#iteration || this.#iteration.interrupted) return;
    if (!(error instanceof Aborted)) this.run.threw(error);
    this.#cutOff();
  }

  #cutOff(): void {
    const done = this.#iteration?.done;
    this.#iteration = undefined;
    for (const cutOff of this.#underWay) cutOff();
    this.#underWay.clear();
    done?.();
  }

  /** Whether the iteration is over: once all promises that could settle have. */
  #look(): void {
    if (this.#underWay.size > 0) return;
    setImmediate(() => {
      if (this.#underWay.size > 0 || !this.#iteration) return;
      this.#iteration.done();
      this.#iteration = undefined;
    });
  }
}

/** Also one of the script's own realm. */
const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
