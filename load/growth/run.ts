/**
 * `npm run bench -- growth [--quick]`: how latency, CPU and memory of a server grow with players in a room, with rooms, with pieces
 * on a table and with the length of a document. The server on one core, the generator on the other; every load is bounded in count and
 * time: at most six minutes, `--quick` a minute and a half. Writes a chapter of load/RESULTS.md and load/growth.svg.
 */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { startCoterie as startDocuments } from "../documents/servers.ts";
import { move, type Moving } from "../game/moving.ts";
import { startCoterie, type Server } from "../game/servers.ts";
import { writeResults } from "../results.ts";
import { fsyncMs, memory, pin, waitedMs } from "../servers/machine.ts";
import { GENERATOR_CORE, type Process } from "../servers/processes.ts";
import { atBytes } from "./documents.ts";
import { atPieces, startFields } from "./pieces.ts";
import { plot, type Series } from "./plot.ts";
import type { Measured, Point } from "./point.ts";
import { report } from "./report.ts";

const quick = process.argv.includes("--quick");
const SECONDS = quick ? 2 : 5;
const SIZES = quick
  ? { players: [10, 100], rooms: [1, 100], pieces: [100, 10_000], bytes: [10_000, 1_000_000] }
  : {
      players: [10, 30, 100, 300, 1000],
      rooms: [1, 10, 100, 300, 1000],
      pieces: [100, 1000, 10_000, 100_000],
      bytes: [10_000, 100_000, 1_000_000, 10_000_000],
    };
/** A point is measured again where the server waited for its core for more than this share of the time, at most so often, and until this long after the start. */
const DISTURBED = 0.03;
const TRIES = 3;
const AGAIN_UNTIL_MS = quick ? 20_000 : 120_000;
/** Nothing is begun after this, in ms. */
const NONE_BEGUN_AFTER_MS = quick ? 80_000 : 330_000;
/** Everybody in one room moves this often a second; in many rooms there are two in each, who move more seldom. */
const CROWD = { cols: 40, rows: 25, hz: 5, seconds: SECONDS };
const PAIRS = { players: 2, cols: 6, rows: 4, hz: 2, seconds: SECONDS };

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // the servers go with us
pin(process.pid, GENERATOR_CORE);
const began = performance.now();
const circumstances = { date: new Date(), loads: [loadavg()[0]!], writeMs: fsyncMs(), seconds: SECONDS };
const troubles: string[] = [];
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

/**
 * Each size in turn, on a server of its own: of rooms that were there before, alarms would ring. Where other programs had the server's core for too
 * much of the time it is measured again, while there is time for that, and the least disturbed counts. What cannot be measured is said, and the rest is.
 */
async function series<S extends Process>(
  name: string,
  sizes: readonly number[],
  start: () => Promise<S>,
  at: (server: S, size: number) => Promise<Measured>,
  unit?: "bytes",
): Promise<Series> {
  const points: Point[] = [];
  for (const size of sizes)
    try {
      if (performance.now() - began > NONE_BEGUN_AFTER_MS) throw new Error("the time was up");
      let best: Point | undefined;
      for (let tries = 1; best === undefined || (best.waited > DISTURBED && tries <= TRIES && spare() > 0); tries++) {
        const server = await start();
        try {
          const from = performance.now();
          const measured = await at(server, size);
          const point = { ...measured, waited: waitedMs(server.pid) / (performance.now() - from) };
          if (best === undefined || point.waited < best.waited) best = point;
          say(`${name} ${size}: ${inBrief(point)}`);
        } finally {
          await server.stop();
        }
      }
      points.push(best);
    } catch (error) {
      troubles.push(`${name}, ${size}: ${error instanceof Error ? error.message : String(error)}`);
      say(troubles.at(-1)!);
    }
  circumstances.loads.push(loadavg()[0]!);
  return { name, points, ...(unit && { unit }) };
}

const inBrief = ({ p50, p99, cpu, memory, generator, waited, join }: Point): string =>
  `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms, cpu ${(cpu * 100).toFixed(1)} %, memory ${(memory / 1e6).toFixed(0)} MB, generator ${(generator * 100).toFixed(0)} %, waited ${(waited * 100).toFixed(0)} %` +
  (join === undefined ? "" : `, join ${join.toFixed(0)} ms`);

/** What is left of the time for measuring again, in ms, once every size has been measured that is still to come. */
const spare = (): number => AGAIN_UNTIL_MS - (performance.now() - began);

async function moving(server: Server, size: number, load: Moving): Promise<Measured> {
  const before = memory(server.pid);
  const { p50, p99, cpu, memory: after, generator } = await move(server, crypto.randomUUID().slice(0, 8), load);
  return { size, p50, p99, cpu, memory: after - before, generator };
}

const crowd = (server: Server, players: number): Promise<Measured> => moving(server, players, { ...CROWD, players });
const pairs = (server: Server, rooms: number): Promise<Measured> => moving(server, rooms, { ...PAIRS, rooms });
const all = [
  await series("players in a room", SIZES.players, startCoterie, crowd),
  await series("rooms of two", SIZES.rooms, startCoterie, pairs),
  await series("pieces on the table", SIZES.pieces, startFields, (server, pieces) => atPieces(server, pieces, SECONDS)),
  await series("bytes of a document", SIZES.bytes, startDocuments, (server, bytes) => atBytes(server, bytes, SECONDS), "bytes"),
];

say(`${((performance.now() - began) / 1000).toFixed(0)} s`);
const text = report(all, { ...circumstances, troubles });
console.log(text);
if (!quick) {
  writeResults(text);
  const when = circumstances.date.toISOString().slice(0, 16).replace("T", " ");
  writeFileSync(
    `${import.meta.dirname}/../growth.svg`,
    plot(
      all,
      `${when} UTC, workerd on one of two shared cores, players on the other; the load average was ${Math.min(...circumstances.loads).toFixed(1)} to ${Math.max(...circumstances.loads).toFixed(1)}`,
    ),
  );
}
process.exit(0); // clients may still be closing
