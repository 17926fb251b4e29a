/**
 * `npm run bench -- game [--quick]`: a table where everybody drags, beside a relay with the same beat and beside Colyseus.
 * One run, measures interleaved, several rounds; servers on one core, the generator on the other. Every load is bounded in
 * count and time. Writes a chapter of load/RESULTS.md.
 */
import { loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";
import { writeResults } from "../results.ts";
import { pin } from "../servers/machine.ts";
import { GENERATOR_CORE, installPeers } from "../servers/processes.ts";
import { move, type Moved, type Moving } from "./moving.ts";
import { report, type Results } from "./report.ts";
import { startColyseus, startCoterie, startRelay, type Server } from "./servers.ts";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 1 : 3;
const SECONDS = quick ? 2 : 3;
/** A few take so little of a core that what they take shows in a longer time only. */
const FEW = 30;
const SECONDS_OF_FEW = 3 * SECONDS;
const TABLES = [
  { cols: 40, rows: 25, players: [FEW, 100, 400, 825] },
  { cols: 100, rows: 100, players: [FEW, 400] },
];
const JOINS = quick ? 3 : 7;
/** Between two who come one after the other, in ms: a row that the one before has written is not waited for. */
const REST_MS = 300;

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // the servers go with us
installPeers();
pin(process.pid, GENERATOR_CORE);
const servers: Server[] = [await startCoterie(), await startRelay(), await startColyseus(16), await startColyseus(50)];
const results: Results = { moved: new Map(), joins: new Map(), troubles: [] };
let rooms = 0;
const newRoom = (): string => `bench-${++rooms}`;
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
const brief = ({ cpu, p50, p99, delivered, generator, bytesPerMove }: Moved): string =>
  `cpu ${(cpu * 100).toFixed(0)} %, p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, ${bytesPerMove.toFixed(1)} B, came ${(delivered * 100).toFixed(1)} %, generator ${(generator * 100).toFixed(0)} %`;

/** What cannot be measured is said, and the rest is. */
async function stage(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    say(`${name}: ${String(error)}`);
    results.troubles.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function dragging(load: string, moving: Moving, turn: readonly Server[]): Promise<void> {
  const byServer = results.moved.get(load) ?? new Map<string, Moved[]>();
  results.moved.set(load, byServer);
  for (const server of turn)
    await stage(`${load}, ${server.name}`, async () => {
      const moved = await move(server, newRoom(), moving);
      say(`${load} ${server.name}: ${brief(moved)}`);
      byServer.set(server.name, [...(byServer.get(server.name) ?? []), moved]);
    });
}

/** How long it takes to have the whole table: as it is in memory, and after the server was killed. */
async function joining({ cols, rows }: (typeof TABLES)[number]): Promise<void> {
  for (const server of servers)
    await stage(`joining ${cols * rows}, ${server.name}`, async () => {
      if (server.name.startsWith("relay")) return; // it has no table
      const room = newRoom();
      const join = async (user: string): Promise<number> => {
        await setTimeout(REST_MS);
        const player = await server.join({ port: server.port, room, cols, rows }, user);
        player.close();
        return player.joinMs;
      };
      await join("first");
      const warm: number[] = [];
      for (let n = 0; n < JOINS; n++) warm.push(await join(`warm-${n}`));
      const cold: number[] = [];
      for (let n = 0; n < ROUNDS && server.name === "Coterie"; n++) {
        await server.restart();
        cold.push(await join(`cold-${n}`));
      }
      results.joins.set(`${cols * rows}, ${server.name}`, { warm, cold });
      say(
        `join ${cols * rows} ${server.name}: ${warm.map((ms) => ms.toFixed(0)).join(" ")}; cold ${cold.map((ms) => ms.toFixed(0)).join(" ")}`,
      );
    });
}

try {
  for (let round = 1; round <= ROUNDS; round++)
    for (const { cols, rows, players: each } of TABLES)
      for (const players of each)
        await dragging(
          `${players} at ${(cols * rows).toLocaleString("en-US")} pieces`,
          { players, cols, rows, seconds: players === FEW ? SECONDS_OF_FEW : SECONDS },
          round % 2 === 0 ? servers.toReversed() : servers,
        );
  for (const table of TABLES) await joining(table);
} finally {
  for (const server of servers) await server.stop();
}

const text = report(results, {
  servers: servers.map(({ name }) => name),
  rounds: ROUNDS,
  seconds: [SECONDS, SECONDS_OF_FEW],
  date: new Date(),
  load: loadavg()[1]!,
});
console.log(text);
if (!quick) writeResults(text);
