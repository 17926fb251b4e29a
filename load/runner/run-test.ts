/**
 * One run of a script: it is loaded, sets up, its scenarios run beside each other, it tears down, and its thresholds are judged.
 * What it printed, how it ended and all that was measured comes back; nothing here ends the process.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { bundleForRunner } from "./bundle.ts";
import { realClock, sleep } from "./clock.ts";
import { runScenario } from "./executors.ts";
import { EXIT, LoadError, type ExitCode } from "./exit-code.ts";
import { endMs, mostUsers, readOptions, type Overrides } from "./options.ts";
import { progressLine } from "./progress.ts";
import { Run, type Running } from "./run.ts";
import { summarize, summaryText, type Summary } from "./summary.ts";
import { Judge, type Verdict } from "./thresholds.ts";
import { Timeline } from "./timeline.ts";
import { Script, VirtualUser } from "./virtual-user.ts";

/** How often it is looked how the run goes, and whether a threshold ends it, in ms. */
const SECOND_MS = 1000;

export interface TestOptions {
  /** Path of the script. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly overrides?: Overrides;
  /** Of a server on this machine, whose time and memory are to be seen. */
  readonly serverPid?: number | undefined;
  /** Errors and news. */
  readonly say: (line: string) => void;
  /** Once a second. */
  readonly progress?: (line: string) => void;
  /** Given when somebody stops the run. */
  readonly stop?: AbortSignal;
}

export interface TestResult {
  readonly exitCode: ExitCode;
  /** Why, where it is not 0. */
  readonly reason: string | undefined;
  readonly summary: Summary;
  readonly verdicts: readonly Verdict[];
  readonly timeline: Timeline;
  readonly run: Run;
  /** What is to be written: name of a file, or "stdout" → text. k6's standard summary unless the script makes its own. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Throws a LoadError where there is nothing to report: the script or its options cannot be run. */
export async function runTest({ script, env, overrides, serverPid, say, progress, stop }: TestOptions): Promise<TestResult> {
  const code = await bundleForRunner(script);
  const compiled = new Script(code, script, (path, mode) => {
    const bytes = readFileSync(resolve(dirname(script), path));
    return mode === "b" ? new Uint8Array(bytes).buffer : bytes.toString();
  });
  const run = new Run(realClock, env, say);
  const host = new VirtualUser(0, compiled, run);
  run.options = readOptions(host.exports["options"], overrides);
  const judge = new Judge(run.options.thresholds, run.metrics);
  for (const { exec } of run.options.scenarios)
    if (typeof host.exports[exec] !== "function") throw new LoadError(EXIT.config, `${script} exports no function ${exec}`);
  const stopped = (): void => run.end(EXIT.stopped, "somebody stopped it");
  stop?.addEventListener("abort", stopped);
  if (stop?.aborted) stopped();
  // A promise that nobody looks at is an error of the script, too.
  const lost = (error: unknown): void => run.threw(error);
  process.on("unhandledRejection", lost);

  const timeline = new Timeline(run, serverPid);
  let data: unknown;
  try {
    data = await hook(host, "setup", run.options.setupTimeoutMs, EXIT.setupTimeout);
    const crews = run.options.scenarios.map((scenario) => {
      const running: Running = { scenario, startTime: 0, begun: 0 };
      const made: VirtualUser[] = [];
      const hire = (): VirtualUser => new VirtualUser(++run.users, compiled, run, running, data);
      const first = scenario.plan.kind === "arrivals" ? scenario.plan.preAllocated : mostUsers(scenario.plan);
      while (made.length < first) made.push(hire());
      made.reverse();
      return { scenario, running, hire: () => made.pop() ?? hire() };
    });
    run.builtin.vus_max.add(run.users, {});
    run.startedAt = run.clock.now;
    timeline.begin();
    const planned = Math.max(...run.options.scenarios.map(endMs));
    const watch = setInterval(() => {
      run.builtin.vus.add(run.activeUsers, {});
      run.builtin.vus_max.add(run.users, {});
      timeline.mark();
      progress?.(progressLine(run, planned));
      const crossed = judge.aborting(run.ms);
      if (crossed) run.end(EXIT.thresholds, `${crossed.name}: ${crossed.threshold.source} was crossed, and ends the run`);
    }, SECOND_MS);
    try {
      const dropped = (): void => run.builtin.dropped_iterations.add(1, {});
      await Promise.all(
        crews.map(({ scenario, running, hire }) => {
          running.startTime = Date.now() + scenario.startTimeMs;
          return runScenario(scenario, { clock: run.clock, stop: run.stop, dropped, hire });
        }),
      );
      run.builtin.vus.add(run.activeUsers, {});
      timeline.mark();
    } finally {
      clearInterval(watch);
    }
    await hook(host, "teardown", run.options.teardownTimeoutMs, EXIT.teardownTimeout, data);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    run.end(error.exitCode, error.message);
  } finally {
    stop?.removeEventListener("abort", stopped);
    process.off("unhandledRejection", lost);
  }

  const verdicts = judge.verdicts(run.ms);
  const summary = summarize(run, verdicts);
  const { exitCode, reason } = ending(run, verdicts);
  return { exitCode, reason, summary, verdicts, timeline, run, outputs: await outputsOf(host, summary, run) };
}

/** In the order in which k6 decides: what ended the run, then what the script said, then what the thresholds say. */
function ending(run: Run, verdicts: readonly Verdict[]): { exitCode: ExitCode; reason: string | undefined } {
  if (run.ended) return run.ended;
  if (run.markedFailed !== undefined) return { exitCode: EXIT.failed, reason: run.markedFailed };
  const crossed = [...new Set(verdicts.filter(({ passed }) => !passed).map(({ name }) => name))];
  if (crossed.length > 0) return { exitCode: EXIT.thresholds, reason: `thresholds were crossed: ${crossed.join(", ")}` };
  return { exitCode: EXIT.passed, reason: undefined };
}

/** `setup` or `teardown`, where the script has one. What it throws ends the run. */
async function hook(
  host: VirtualUser,
  name: string,
  withinMs: number,
  late: ExitCode,
  ...parameters: unknown[]
): Promise<unknown> {
  const { run } = host;
  if (host.exports[name] === undefined) return undefined;
  const before = run.errors;
  const called = host.call(name, ...parameters);
  const over = new AbortController();
  void called.then(() => over.abort());
  await sleep(run.clock, withinMs, AbortSignal.any([over.signal, run.stop]));
  const inTime = over.signal.aborted;
  host.interrupt();
  const { value } = await called;
  if (run.ended) throw new LoadError(run.ended.exitCode, run.ended.reason);
  if (!inTime) throw new LoadError(late, `${name} took longer than ${withinMs} ms`);
  if (run.errors > before) throw new LoadError(EXIT.exception, `${name} threw`);
  return value;
}

async function outputsOf(host: VirtualUser, summary: Summary, run: Run): Promise<Record<string, string>> {
  const standard = { stdout: summaryText(summary, run.options.statistics) };
  if (host.exports["handleSummary"] === undefined) return standard;
  const before = run.errors;
  const { value } = await host.call("handleSummary", structuredClone(summary));
  if (run.errors > before || typeof value !== "object" || value === null) return standard; // as k6 does
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
