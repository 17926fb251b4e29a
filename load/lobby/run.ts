/**
 * `npm run bench -- lobby [--quick]`: how long a quick match takes, from asking until the id is there, and until one sits in the
 * room. Players come at a steady rate, stay for a while and go, so that rooms fill, are left and leave the list all the time. Bounded
 * in count and time; the server on one core, the players on the other. Writes load/RESULTS.md.
 */
import { loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";
import { createClient } from "coterie/client/game";
import { signToken } from "coterie/auth";
import { DEV_SECRET } from "../../test/faults/workerd.ts";
import { writeResults } from "../results.ts";
import { cpuMs, fsyncMs, pin, waitedMs } from "../servers/machine.ts";
import { GENERATOR_CORE, underWorkerd, versionOf } from "../servers/processes.ts";
import { percentile, round } from "../statistics.ts";
import { counterRoom } from "./room.ts";

const quick = process.argv.includes("--quick");
const SECONDS = quick ? 3 : 10;
/** Players who come in a second. */
const RATES = [20, 50, 100];
/** How long each stays, in ms. */
const STAY_MS = 2000;
const LEVELS = 4;
/** A match that takes longer is counted as lost, in ms. */
const LOST_MS = 10_000;
/** What was to be reached, in ms. */
const BUDGET_P99_MS = 30;
const TOKEN_S = 60 * 60;

interface Visit {
  /** ms */
  readonly matched: number;
  readonly seated: number;
  /** Of a request that is answered by the edge alone. */
  readonly bare: number;
  readonly room: string;
}

interface Run {
  readonly rate: number;
  readonly visits: readonly Visit[];
  readonly failed: readonly string[];
  /** Of a core. */
  readonly cpu: number;
  readonly generator: number;
  /** Share of the time that server and players were ready and others had their cores. */
  readonly waited: readonly [server: number, generator: number];
}

const token = (id: string): Promise<string> =>
  signToken({
    key: DEV_SECRET,
    user: { id },
    rooms: { "counter:*": ["presence", "write", "create"] },
    expiresInSeconds: TOKEN_S,
  });

async function visit(host: string, user: string, level: number): Promise<Visit> {
  const pass = await token(user);
  const client = createClient({ host, auth: () => Promise.resolve(pass) });
  const asked = performance.now();
  await (await fetch(`http://${host}/healthz`)).arrayBuffer();
  const bare = performance.now() - asked;
  const began = performance.now();
  const { id } = await client.lobby(counterRoom).quickMatch({ level }, { create: { level } });
  const matched = performance.now() - began;
  const room = client.join(counterRoom, id);
  try {
    await room.ready;
    const seated = performance.now() - began;
    await setTimeout(STAY_MS);
    return { matched, seated, bare, room: id };
  } finally {
    room.destroy();
  }
}

async function run(host: string, pid: number, rate: number): Promise<Run> {
  const visits: Promise<Visit>[] = [];
  const [serverBefore, ownBefore, began] = [cpuMs(pid), cpuMs(process.pid), performance.now()];
  const waits = (): [number, number] => [waitedMs(pid), waitedMs(process.pid)];
  const [serverWaited, ownWaited] = waits();
  for (let n = 0; n < rate * SECONDS; n++) {
    const due = began + (n * 1000) / rate;
    if (performance.now() < due) await setTimeout(due - performance.now());
    const lost = AbortSignal.timeout(LOST_MS);
    const gaveUp = new Promise<never>((_, reject) => lost.addEventListener("abort", () => reject(new Error("lost"))));
    visits.push(Promise.race([visit(host, `${rate}-${n}`, n % LEVELS), gaveUp]));
  }
  const settled = await Promise.allSettled(visits);
  const ms = performance.now() - began;
  return {
    rate,
    visits: settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])),
    failed: settled.flatMap((each) => (each.status === "rejected" ? [String(each.reason)] : [])),
    cpu: (cpuMs(pid) - serverBefore) / ms,
    generator: (cpuMs(process.pid) - ownBefore) / ms,
    waited: [(waits()[0] - serverWaited) / ms, (waits()[1] - ownWaited) / ms],
  };
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // the server goes with us
const server = await underWorkerd({ name: "Coterie" }, "../../load/lobby/coterie-worker.ts", [
  { binding: "COUNTER", className: "Counter", folder: "counter" },
  { binding: "LOBBY", className: "Lobby", folder: "lobby" },
]);
pin(process.pid, GENERATOR_CORE);
const runs: Run[] = [];
const date = new Date();
const writeMs = fsyncMs();
try {
  const host = `127.0.0.1:${server.port}`;
  await visit(host, "first", 0); // everything has been run once
  for (const rate of RATES) {
    const done = await run(host, server.pid, rate);
    runs.push(done);
    console.log(`${rate} a second: ${summary(done).join(", ")}`);
  }
} finally {
  await server.stop();
}

/** Matches with a room that there was, and those that made one: the first in each. */
function kinds(visits: readonly Visit[]): { found: number[]; made: number[] } {
  const known = new Set<string>();
  const [found, made]: [number[], number[]] = [[], []];
  for (const { room, matched } of visits) {
    (known.has(room) ? found : made).push(matched);
    known.add(room);
  }
  return { found, made };
}

function summary({ visits, failed, cpu, generator, waited }: Run): string[] {
  const { found, made } = kinds(visits);
  const both = (ms: readonly number[]): string => `${round(percentile(ms, 0.5))} / ${round(percentile(ms, 0.99))} ms`;
  const all = [...found, ...made];
  return [
    both(all),
    failed.length === 0 && percentile(all, 0.99) < BUDGET_P99_MS ? "met" : "**missed**",
    `${both(found)} (${found.length})`,
    `${both(made)} (${made.length})`,
    both(visits.map(({ seated }) => seated)),
    both(visits.map(({ bare }) => bare)),
    String(failed.length),
    `${round(cpu * 100)} and ${round(generator * 100)} %`,
    `${round(waited[0] * 100)} and ${round(waited[1] * 100)} %`,
  ];
}

if (!quick)
  writeResults(`# Lobby: the last run

${date.toISOString().slice(0, 16).replace("T", " ")} UTC, 2 shared cores (the server on one, the players on the other, other work on both): figures of one machine, and noisy.
The load average was ${round(loadavg()[1]!)}, and a durable write of 4 kB took ${round(writeMs, 2)} ms. workerd ${versionOf("workerd")}, Node ${process.versions.node}. Written by \`npm run bench -- lobby\`.

Players come at a steady rate for ${SECONDS} s, ask for a room of one of ${LEVELS} levels with places for four, sit in it for ${STAY_MS / 1000} s and go. The budget: matched in less than ${BUDGET_P99_MS} ms, p99.

Each figure is p50 / p99. A bare request is one that no room and no lobby sees (\`GET /healthz\`), by the same players at the same time: what
the machine takes by itself. The last column is how much of the time they had work and other programs had their cores.

| players | matched | budget | … found (matches) | … made | seated | a bare request | failed | CPU of server and players | waited for a core |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${runs.map((run) => `| ${[`${run.rate} a second`, ...summary(run)].join(" | ")} |`).join("\n")}
`);
for (const { failed } of runs) for (const reason of new Set(failed)) console.log(`failed: ${reason}`);
