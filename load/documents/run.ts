/**
 * `npm run bench -- documents [--quick]`: rooms with a document beside other servers, and beside a relay that knows
 * nothing of documents. One run, measures interleaved, several rounds; servers on one core, the generator on the other.
 * Every load is bounded in count and time. Writes load/RESULTS.md.
 */
import { loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";
import { writeResults } from "../results.ts";
import { joinBySdk, joinOnce, put, STORED_AFTER_MS, type Joined } from "./joining.ts";
import { fsyncMs, pin } from "../servers/machine.ts";
import { report, type Results } from "./report.ts";
import { GENERATOR_CORE, installPeers } from "../servers/processes.ts";
import { seed } from "./seed.ts";
import {
  startCoterie,
  startHocuspocus,
  startPartyServer,
  startRelay,
  startWebsocketServer,
  versions,
  type Server,
} from "./servers.ts";
import { memoryPerSocket } from "./sockets.ts";
import { type, type Typed, type Typing } from "./typing.ts";
import { wakes } from "./waking.ts";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 1 : 3;
const SECONDS = 2;
const JOINS = quick ? 2 : 7;
const DOCUMENT_BYTES = 4_000_000;
const SLEEPERS = quick ? [10_000, 2_000_000] : [10_000, 10_000_000];
/** Edits a second of 20 typists, until p99 is over the bound. */
const RAMP = quick ? [2000, 6000] : [400, 1000, 2000, 4000, 8000, 15_000];
const RAMP_SECONDS = 2;
/** Other work on the machine may spoil one. */
const RAMP_TRIES = 2;
const P99_MS = 100;
/** Less than this share of the edits, and a server does not keep up. */
const ENOUGH = 0.99;
const LOADS: Readonly<Record<string, Typing>> = {
  twenty: { typists: 20, perSecond: 400, seconds: SECONDS },
  fifty: { typists: 50, perSecond: 1000, seconds: SECONDS },
  quiet: { typists: 1, readers: 1, perSecond: 13, seconds: 2 * SECONDS },
};

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // the servers go with us
installPeers();
pin(process.pid, GENERATOR_CORE);
const coterie = await startCoterie();
const lifted = await startCoterie({ lifted: true });
const relay = await startRelay(false);
const rowRelay = await startRelay(true);
const peers = [await startPartyServer(), await startHocuspocus(), await startWebsocketServer()];
const documents: Server[] = [coterie, ...peers];
const all: Server[] = [coterie, relay, rowRelay, ...peers];
let rooms = 0;
const newRoom = (): string => `bench-${++rooms}`;

const results: Results = {
  typed: new Map(),
  most: new Map(),
  warm: new Map(),
  cold: new Map(),
  warmSdk: new Map(),
  coldSdk: new Map(),
  wakes: new Map(),
  memory: new Map(),
  troubles: [],
};
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
const into = <T>(map: Map<string, T[]>, key: string, value: T): void => void map.set(key, [...(map.get(key) ?? []), value]);
const brief = ({ cpu, p50, p99, delivered, generator }: Typed): string =>
  `cpu ${(cpu * 100).toFixed(0)} %, p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, came ${(delivered * 100).toFixed(1)} %, generator ${(generator * 100).toFixed(0)} %`;

/** What cannot be measured is said, and the rest is. */
async function stage(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    say(`done: ${name}`);
  } catch (error) {
    say(`${name}: ${String(error)}`);
    results.troubles.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function typing(): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++)
    for (const [load, typing] of Object.entries(LOADS)) {
      const byServer = results.typed.get(load) ?? new Map<string, Typed[]>();
      results.typed.set(load, byServer);
      for (const server of round % 2 === 0 ? all.toReversed() : all)
        await stage(`${load}, ${server.name}`, async () => {
          const typed = await type(server, newRoom(), typing);
          say(`${load} ${server.name}: ${brief(typed)}`);
          into(byServer, server.name, typed);
        });
    }
}

async function ramp(server: Server): Promise<void> {
  let most = 0;
  let typed: Typed | undefined;
  for (const perSecond of RAMP) {
    let keepsUp = false;
    for (let tries = 0; tries < RAMP_TRIES && !keepsUp; tries++) {
      typed = await type(server, newRoom(), { typists: 20, perSecond, seconds: RAMP_SECONDS });
      say(`ramp ${server.name} ${perSecond}: ${brief(typed)}`);
      keepsUp = typed.p99 <= P99_MS && typed.delivered >= ENOUGH;
    }
    if (!keepsUp) break;
    most = perSecond;
  }
  results.most.set(server.name, { most, cpu: typed?.cpu ?? 0, last: most === RAMP.at(-1) });
}

async function joining(): Promise<void> {
  const long = seed(DOCUMENT_BYTES);
  const room = newRoom();
  for (const server of documents) await put(server, room, long);
  await setTimeout(STORED_AFTER_MS);
  for (let n = 0; n < JOINS; n++)
    for (const server of documents) {
      into<Joined>(results.warm, server.name, await joinOnce(server, room, long));
      if (server === coterie) into<Joined>(results.warmSdk, server.name, await joinBySdk(coterie, room, long));
    }
  for (let n = 0; n < ROUNDS; n++)
    for (const server of documents) {
      await server.restart();
      into<Joined>(results.cold, server.name, await joinOnce(server, room, long));
      if (server !== coterie) continue;
      await server.restart();
      into<Joined>(results.coldSdk, server.name, await joinBySdk(coterie, room, long));
    }
}

const fsync = fsyncMs();
try {
  await typing();
  for (const server of [lifted, relay, rowRelay, ...peers]) await stage(`ramp, ${server.name}`, () => ramp(server));
  await stage("joins", joining);
  for (const server of all)
    await stage(`memory, ${server.name}`, async () => {
      results.memory.set(server.name, await memoryPerSocket(server, newRoom()));
    });
  await stage("wakes", async () => {
    for (const [bytes, woken] of await wakes(coterie, SLEEPERS, ROUNDS + 1)) results.wakes.set(bytes, woken);
  });
} finally {
  for (const server of [...all, lifted]) await server.stop();
}

const text = report(results, {
  seed: DOCUMENT_BYTES,
  rounds: ROUNDS,
  seconds: SECONDS,
  versions: versions(),
  date: new Date(),
  fsyncMs: [fsync, fsyncMs()],
  load: loadavg()[1]!,
});
console.log(text);
if (!quick) writeResults(text);
