/** What all virtual users of one run share: the metrics, the options, the clock, and the word that ends it. */
import type { Clock } from "./clock.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { Metrics, type Metric } from "./metrics.ts";
import type { Options, Scenario } from "./options.ts";

/** Errors of the script that are printed in full; the others are counted. */
const ERRORS_SHOWN = 10;

/** A check by its name: how often it held. */
export interface Check {
  passes: number;
  fails: number;
}

/** A scenario that is running. */
export interface Running {
  readonly scenario: Scenario;
  /** ms since 1970. */
  startTime: number;
  /** Iterations begun by all its users. */
  begun: number;
}

export class Run {
  readonly metrics = new Metrics();
  readonly checks = new Map<string, Check>();
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string>>;
  readonly #say: (line: string) => void;
  readonly #stop = new AbortController();
  /** Why it ended early, or is not to be taken for passed. */
  ended: { readonly exitCode: ExitCode; readonly reason: string } | undefined;
  markedFailed: string | undefined;
  options!: Options;
  /** Of the script: what it threw. */
  errors = 0;
  interrupted = 0;
  completed = 0;
  activeUsers = 0;
  users = 0;
  openSockets = 0;
  /** ms of the clock. */
  startedAt = 0;
  readonly builtin: Readonly<Record<(typeof BUILTIN)[number][0], Metric>>;

  constructor(clock: Clock, env: Readonly<Record<string, string>>, say: (line: string) => void) {
    this.clock = clock;
    this.env = env;
    this.#say = say;
    this.builtin = Object.fromEntries(
      BUILTIN.map(([name, kind, isTime]) => [name, this.metrics.define(name, kind, isTime)]),
    ) as typeof this.builtin;
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get ms(): number {
    return this.clock.now - this.startedAt;
  }

  /** Ends the run at once. The first reason counts. */
  end(exitCode: ExitCode, reason: string): void {
    this.ended ??= { exitCode, reason };
    this.#stop.abort();
  }

  /** The script threw within an iteration: it is said, and the run goes on, as in k6. */
  threw(error: unknown): void {
    this.errors++;
    if (this.errors > ERRORS_SHOWN) return;
    this.#say(`the script threw: ${stackOf(error)}`);
    if (this.errors === ERRORS_SHOWN) this.#say("(what it throws from here on is only counted)");
  }

  abort(reason: string | undefined): void {
    this.end(EXIT.aborted, reason ?? "the script ended the run");
  }
}

/** Of an error of whichever realm. */
const stackOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "stack" in error ? String(error.stack) : String(error);

/** What is measured of every script, under k6's names. */
const BUILTIN = [
  ["checks", "rate", false],
  ["iterations", "counter", false],
  ["iteration_duration", "trend", true],
  ["dropped_iterations", "counter", false],
  ["vus", "gauge", false],
  ["vus_max", "gauge", false],
  ["data_sent", "counter", false],
  ["data_received", "counter", false],
  ["ws_sessions", "counter", false],
  ["ws_connecting", "trend", true],
  ["ws_session_duration", "trend", true],
  ["ws_msgs_sent", "counter", false],
  ["ws_msgs_received", "counter", false],
  ["http_reqs", "counter", false],
  ["http_req_duration", "trend", true],
  ["http_req_failed", "rate", false],
] as const;
