/**
 * What a script's `options` ask for, checked, in one form: scenarios of three kinds, each k6 executor being one of them with
 * its particulars. What this runner cannot do is refused by its name, and every run is bounded in users and time.
 */
import { durationMs } from "./duration.ts";
import { configError } from "./exit-code.ts";
import { lengthMs, type Stage } from "./schedule.ts";
import { parseThresholds, type Thresholds } from "./thresholds.ts";
import { DEFAULT_STATISTICS, statistic } from "./metrics.ts";

/** The most virtual users of a run, and the longest it may be planned for, in ms. */
export const MAX_USERS = 2000;
export const MAX_RUN_MS = 30 * 60_000;

export type Plan =
  /** So many users at each moment, each starting one iteration after the other. */
  | { readonly kind: "users"; readonly start: number; readonly stages: readonly Stage[]; readonly gracefulRampDownMs: number }
  /** Iterations start by the clock, whether or not the ones before have ended. */
  | {
      readonly kind: "arrivals";
      readonly startRate: number;
      readonly perMs: number;
      readonly stages: readonly Stage[];
      readonly preAllocated: number;
      readonly most: number;
    }
  /** So many iterations, by each user or by all together. */
  | {
      readonly kind: "iterations";
      readonly users: number;
      readonly iterations: number;
      readonly shared: boolean;
      readonly maxDurationMs: number;
    };

export interface Scenario {
  readonly name: string;
  readonly executor: string;
  readonly exec: string;
  readonly startTimeMs: number;
  readonly gracefulStopMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly plan: Plan;
}

export interface Options {
  readonly scenarios: readonly Scenario[];
  readonly thresholds: Thresholds;
  /** Of trends, in the summary. */
  readonly statistics: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly setupTimeoutMs: number;
  readonly teardownTimeoutMs: number;
}

/** What the command line says instead of the script. As with k6 it takes the place of the script's scenarios. */
export interface Overrides {
  readonly vus?: string | undefined;
  readonly duration?: string | undefined;
  readonly iterations?: string | undefined;
  /** "10s:50" */
  readonly stages?: readonly string[] | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const SHORT = ["vus", "duration", "iterations", "stages"];
const KNOWN = [...SHORT, "scenarios", "thresholds", "summaryTrendStats", "tags", "setupTimeout", "teardownTimeout"];
/** k6's default of `gracefulStop` and `gracefulRampDown`, `setupTimeout` and `teardownTimeout`, and `maxDuration`. */
const GRACE = "30s";
const HOOK_TIMEOUT = "60s";
const MAX_DURATION = "10m";

export function readOptions(exported: unknown, overrides: Overrides = {}): Options {
  const said = fields(exported ?? {}, "options");
  known(said, KNOWN, "options");
  const short: Record<string, unknown> = Object.fromEntries(SHORT.filter((key) => key in said).map((key) => [key, said[key]]));
  let scenarios = said["scenarios"];
  const { vus, duration, iterations, stages } = overrides;
  if (vus !== undefined || duration !== undefined || iterations !== undefined || stages !== undefined) {
    scenarios = undefined;
    if (vus !== undefined) short["vus"] = Number(vus);
    if (duration !== undefined) Object.assign(short, { duration, stages: undefined });
    if (iterations !== undefined) short["iterations"] = Number(iterations);
    if (stages !== undefined) Object.assign(short, { stages: stages.map(stageOf), duration: undefined });
  }
  const named = scenarios === undefined ? { default: shortcut(short) } : fields(scenarios, "options.scenarios");
  const read = Object.entries(named).map(([name, each]) => readScenario(name, fields(each, `scenario ${name}`)));
  if (read.length === 0) throw configError("options.scenarios: there are none");
  const users = read.reduce((sum, scenario) => sum + mostUsers(scenario.plan), 0);
  if (users > MAX_USERS) throw configError(`${users} virtual users, of which this runner has at most ${MAX_USERS}`);
  for (const scenario of read)
    if (endMs(scenario) > MAX_RUN_MS)
      throw configError(`scenario ${scenario.name} is longer than ${MAX_RUN_MS / 60_000} minutes`);
  const statistics = (said["summaryTrendStats"] as string[] | undefined) ?? DEFAULT_STATISTICS;
  for (const name of statistics) statistic(name);
  return {
    scenarios: read,
    thresholds: parseThresholds(fields(said["thresholds"] ?? {}, "options.thresholds")),
    statistics,
    tags: strings(said["tags"], "options.tags"),
    setupTimeoutMs: durationMs(said["setupTimeout"] ?? HOOK_TIMEOUT, "setupTimeout"),
    teardownTimeoutMs: durationMs(said["teardownTimeout"] ?? HOOK_TIMEOUT, "teardownTimeout"),
  };
}

/** The scenario that `vus`, `duration`, `iterations` and `stages` stand for. */
function shortcut({ vus, duration, iterations, stages }: Fields): Fields {
  if (stages !== undefined) return { executor: "ramping-vus", startVUs: vus, stages };
  if (iterations !== undefined)
    return { executor: "shared-iterations", vus, iterations, ...(duration === undefined ? {} : { maxDuration: duration }) };
  if (duration !== undefined) return { executor: "constant-vus", vus, duration };
  return { executor: "per-vu-iterations", vus };
}

const COMMON = ["executor", "exec", "startTime", "gracefulStop", "tags", "env"];

/** Executor → its own fields, and the plan that they make. */
const EXECUTORS: Readonly<Record<string, { fields: readonly string[]; plan(said: Fields, of: string): Plan }>> = {
  "constant-vus": {
    fields: ["vus", "duration"],
    plan(said, of) {
      const vus = count(said["vus"] ?? 1, `${of}.vus`);
      const stages = [{ durationMs: durationMs(said["duration"], `${of}.duration`), target: vus }];
      return { kind: "users", start: vus, stages, gracefulRampDownMs: 0 };
    },
  },
  "ramping-vus": {
    fields: ["startVUs", "stages", "gracefulRampDown"],
    plan: (said, of) => ({
      kind: "users",
      start: count(said["startVUs"] ?? 1, `${of}.startVUs`),
      stages: readStages(said["stages"], of),
      gracefulRampDownMs: durationMs(said["gracefulRampDown"] ?? GRACE, `${of}.gracefulRampDown`),
    }),
  },
  "constant-arrival-rate": {
    fields: ["rate", "timeUnit", "duration", "preAllocatedVUs", "maxVUs"],
    plan(said, of) {
      const rate = count(said["rate"], `${of}.rate`);
      const stages = [{ durationMs: durationMs(said["duration"], `${of}.duration`), target: rate }];
      return { kind: "arrivals", startRate: rate, stages, ...allowance(said, of) };
    },
  },
  "ramping-arrival-rate": {
    fields: ["startRate", "timeUnit", "stages", "preAllocatedVUs", "maxVUs"],
    plan: (said, of) => ({
      kind: "arrivals",
      startRate: count(said["startRate"] ?? 0, `${of}.startRate`),
      stages: readStages(said["stages"], of),
      ...allowance(said, of),
    }),
  },
  "per-vu-iterations": {
    fields: ["vus", "iterations", "maxDuration"],
    plan: (said, of) => ({ kind: "iterations", shared: false, ...iterating(said, of) }),
  },
  "shared-iterations": {
    fields: ["vus", "iterations", "maxDuration"],
    plan: (said, of) => ({ kind: "iterations", shared: true, ...iterating(said, of) }),
  },
};

function readScenario(name: string, said: Fields): Scenario {
  const of = `scenario ${name}`;
  const executor = String(said["executor"]);
  if (!Object.hasOwn(EXECUTORS, executor))
    throw configError(`${of}: the executor ${executor} is not one of this runner's: ${Object.keys(EXECUTORS).join(", ")}`);
  const { fields: own, plan } = EXECUTORS[executor]!;
  known(said, [...COMMON, ...own], of);
  return {
    name,
    executor,
    exec: typeof said["exec"] === "string" ? said["exec"] : "default",
    startTimeMs: durationMs(said["startTime"] ?? 0, `${of}.startTime`),
    gracefulStopMs: durationMs(said["gracefulStop"] ?? GRACE, `${of}.gracefulStop`),
    tags: strings(said["tags"], `${of}.tags`),
    env: strings(said["env"], `${of}.env`),
    plan: plan(said, of),
  };
}

function allowance(said: Fields, of: string): { perMs: number; preAllocated: number; most: number } {
  const preAllocated = count(said["preAllocatedVUs"], `${of}.preAllocatedVUs`);
  return {
    perMs: durationMs(said["timeUnit"] ?? "1s", `${of}.timeUnit`),
    preAllocated,
    most: Math.max(preAllocated, count(said["maxVUs"] ?? preAllocated, `${of}.maxVUs`)),
  };
}

const iterating = (said: Fields, of: string): { users: number; iterations: number; maxDurationMs: number } => ({
  users: count(said["vus"] ?? 1, `${of}.vus`),
  iterations: count(said["iterations"] ?? 1, `${of}.iterations`),
  maxDurationMs: durationMs(said["maxDuration"] ?? MAX_DURATION, `${of}.maxDuration`),
});

/** The most users that a plan can take. */
export function mostUsers(plan: Plan): number {
  if (plan.kind === "users") return Math.max(plan.start, ...plan.stages.map(({ target }) => target));
  return plan.kind === "arrivals" ? plan.most : plan.users;
}

/** When a scenario starts nothing more, in ms from the start of the run. */
export const endMs = ({ startTimeMs, plan }: Scenario): number =>
  startTimeMs + (plan.kind === "iterations" ? plan.maxDurationMs : lengthMs(plan.stages));

function readStages(value: unknown, of: string): Stage[] {
  if (!Array.isArray(value) || value.length === 0) throw configError(`${of}.stages: expected a list of { duration, target }`);
  return value.map((each, index) => {
    const stage = fields(each, `${of}.stages[${index}]`);
    known(stage, ["duration", "target"], `${of}.stages[${index}]`);
    return {
      durationMs: durationMs(stage["duration"], `${of}.stages[${index}].duration`),
      target: count(stage["target"], `${of}.stages[${index}].target`),
    };
  });
}

function stageOf(text: string): Fields {
  const [duration, target] = text.split(":");
  return { duration, target: Number(target) };
}

function count(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw configError(`${what}: ${JSON.stringify(value)}, expected a whole number`);
}

function fields(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw configError(`${what}: ${JSON.stringify(value)}, expected an object`);
}

function strings(value: unknown, what: string): Record<string, string> {
  return Object.fromEntries(Object.entries(fields(value ?? {}, what)).map(([key, each]) => [key, String(each)]));
}

function known(said: Fields, names: readonly string[], what: string): void {
  for (const key of Object.keys(said))
    if (!names.includes(key)) throw configError(`${what}: this runner has no ${key}; it has ${names.join(", ")}`);
}
