/**
 * `npm run bench -- cost [--quick]`: what a player and a room use of what is billed, counted in a real room under workerd, with
 * players of the SDK. Writes load/measured.json, which `npm run cost` and the demo's page /costs reckon with. Some five minutes.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";
import { signToken } from "coterie/auth";
import { DEV_SECRET } from "../../test/faults/workerd.ts";
import type { Inspection } from "../../server/room/host.ts";
import type { Measured, RoomUse } from "../cost/measured.ts";
import { cpuMs, pin } from "../servers/machine.ts";
import { GENERATOR_CORE, installPeers, peerVersion, underWorkerd, versionOf } from "../servers/processes.ts";
import { round } from "../statistics.ts";
import type { Metered } from "./meter.ts";
import { colyseusMsPerMove, hocuspocusMsPerEdit } from "./peers.ts";
import { openDocument, sitDown, type Crowd, type Doing } from "./players.ts";
import { rewriteMs } from "./rewriting.ts";

const quick = process.argv.includes("--quick");
const SECONDS = quick ? 4 : 12;
/** Rooms that are metered. */
const TABLES: readonly Doing[] = [
  { players: 2, rate: 30, holdMs: 3000 },
  { players: 5, rate: 30, holdMs: 3000 },
  { players: 20, rate: 10, holdMs: 3000 },
  { players: 20, rate: 30, holdMs: 3000 },
  { players: 50, rate: 30, holdMs: 3000 },
];
const DOCUMENTS: readonly Doing[] = [
  { players: 2, rate: 5, holdMs: 0 },
  { players: 5, rate: 5, holdMs: 0 },
  { players: 20, rate: 5, holdMs: 0 },
];
/** The one whose figures are reckoned with. */
const REFERENCE = { game: 3, document: 1 };
/** Rows of the journal between which it is counted what is billed for one: behind the second snapshot, when as many go as come. */
const LASTING = quick ? { from: 50, to: 300 } : { from: 2100, to: 4100 };
const PEER_SECONDS = quick ? 2 : 4;

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // the servers go with us
installPeers();
pin(process.pid, GENERATOR_CORE);
const server = await underWorkerd({ name: "Coterie" }, "../../load/meter/worker.ts", [
  { binding: "PUZZLE", className: "Puzzle", folder: "puzzle" },
  { binding: "NOTES", className: "Notes", folder: "notes" },
]);
const admin = await signToken({
  key: DEV_SECRET,
  user: { id: "root" },
  rooms: { "puzzle:*": ["admin"], "notes:*": ["admin"] },
  expiresInSeconds: 60 * 60,
});
const ask = async <T>(path: string): Promise<T> => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { authorization: `Bearer ${admin}` } });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
  return (await response.json()) as T;
};
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

interface Look {
  readonly counters: Inspection["counters"];
  readonly metered: Metered;
  readonly said: number;
  readonly acted: number;
  readonly cpuMs: number;
  readonly at: number;
}

async function look(path: string, crowd: Crowd): Promise<Look> {
  const { counters } = await ask<Inspection>(`/parties/${path}/inspect`);
  const metered = await ask<Metered>(`/meter/${path}`);
  return { counters, metered, said: crowd.said(), acted: crowd.acted(), cpuMs: cpuMs(server.pid), at: performance.now() };
}

/** What one room uses in a second while everybody does this. */
async function meter(kind: "puzzle" | "notes", doing: Doing, seconds: number): Promise<RoomUse> {
  const path = `${kind}/m-${crypto.randomUUID().slice(0, 8)}`;
  const [, id] = path.split("/") as [string, string];
  const before = cpuMs(server.pid);
  const crowd = await (kind === "puzzle" ? sitDown : openDocument)(server.port, id, doing);
  const joinCpuMs = (cpuMs(server.pid) - before) / doing.players;
  const joined = await look(path, crowd);
  await setTimeout(1500);
  const from = await look(path, crowd);
  await setTimeout(seconds * 1000);
  const to = await look(path, crowd);
  await crowd.stop();
  const s = (to.at - from.at) / 1000;
  const per = (of: (look: Look) => number): number => (of(to) - of(from)) / s;
  const use = {
    players: doing.players,
    rate: per(({ said }) => said) / doing.players,
    actions: per(({ acted }) => acted) / doing.players,
    framesIn: per(({ counters }) => counters.framesIn),
    framesOut: per(({ counters }) => counters.framesOut),
    bytesIn: per(({ counters }) => counters.bytesIn),
    bytesOut: per(({ counters }) => counters.bytesOut),
    journalRows: per(({ counters }) => counters.rows),
    journalBytes: per(({ counters }) => counters.rowBytes),
    rowsWritten: per(({ metered }) => metered.rowsWritten),
    awake: Math.min(1, per(({ metered }) => metered.awakeMs) / 1000),
    cpu: per(({ cpuMs }) => cpuMs) / 1000,
    joinCpuMs,
    joinBytesOut: joined.counters.bytesOut / doing.players,
    joinRowsRead: joined.metered.rowsRead / doing.players,
    joinRowsWritten: joined.metered.rowsWritten / doing.players,
    stored: to.metered.stored,
  };
  say(
    `${kind}, ${doing.players} at ${doing.rate}: ${Object.entries(use)
      .map(([name, value]) => `${name} ${round(value, 3)}`)
      .join(", ")}`,
  );
  return use;
}

/** How many rows are billed for one of the journal in the long run: each is removed some day, and snapshots take its place. */
async function lasting(kind: "puzzle" | "notes"): Promise<number> {
  const id = `long-${crypto.randomUUID().slice(0, 8)}`;
  const crowd = await (kind === "puzzle" ? sitDown : openDocument)(server.port, id, { players: 4, rate: 30, holdMs: 10 });
  const reach = async (rows: number): Promise<Look> => {
    for (;;) {
      const now = await look(`${kind}/${id}`, crowd);
      if (now.counters.rows >= rows) return now;
      await setTimeout(500);
    }
  };
  const [from, to] = [await reach(LASTING.from), await reach(LASTING.to)];
  await crowd.stop();
  const billed = (to.metered.rowsWritten - from.metered.rowsWritten) / (to.counters.rows - from.counters.rows);
  say(`${kind}: ${round(billed, 3)} rows billed for one of the journal, from row ${from.counters.rows} to ${to.counters.rows}`);
  return billed;
}

try {
  const load = loadavg()[0]!;
  const tables: RoomUse[] = [];
  for (const doing of TABLES) tables.push(await meter("puzzle", doing, SECONDS));
  const documents: RoomUse[] = [];
  for (const doing of DOCUMENTS) documents.push(await meter("notes", doing, SECONDS));
  const [game, document] = await Promise.all([lasting("puzzle"), lasting("notes")]);
  await server.stop();

  const machines = {
    colyseusCpuMsPerMove: await colyseusMsPerMove(PEER_SECONDS),
    hocuspocusCpuMsPerEdit: await hocuspocusMsPerEdit(PEER_SECONDS),
  };
  const { colyseusCpuMsPerMove: move, hocuspocusCpuMsPerEdit: edit } = machines;
  say(`Colyseus: ${round(move * 1000)} µs a move; Hocuspocus: ${round(edit * 1000)} µs a keystroke`);

  const measured: Measured = {
    date: new Date().toISOString().slice(0, 16) + "Z",
    machine: `${cpus().length} shared cores, ${cpus()[0]!.model.replace(/\s+/g, " ")}; load average ${round(load)} before`,
    versions: `workerd ${versionOf("workerd")}, Node ${process.versions.node}, @colyseus/core ${peerVersion("@colyseus/core")}, @hocuspocus/server ${peerVersion("@hocuspocus/server")}`,
    game: { reference: tables[REFERENCE.game]!, rooms: tables, billedRowsPerRow: game },
    document: { reference: documents[REFERENCE.document]!, rooms: documents, billedRowsPerRow: document },
    machines,
    rewriteMsPerMB: rewriteMs(),
  };
  say(`a state of 1 MB read and written as JSON: ${round(measured.rewriteMsPerMB, 1)} ms`);
  if (!quick)
    writeFileSync(
      `${import.meta.dirname}/../measured.json`,
      JSON.stringify(measured, (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value), 2) +
        "\n",
    );
} finally {
  await server.stop();
}
