/**
 * `npm run load -- stateless`: the same moves at the same times, at a table that is a room and at one that stateless functions keep
 * in a store: what of the moves that were answered with yes is there in the end, and how long it took. Prints a table.
 */
import { setTimeout } from "node:timers/promises";
import { random } from "../../shared/game/random.ts";
import { startDemo } from "../servers/demo.ts";
import { cpuMs, pin } from "../servers/machine.ts";
import { GENERATOR_CORE, underWorkerd } from "../servers/processes.ts";
import { percentile, round } from "../statistics.ts";
import { newTable, type Move } from "./table.ts";
import { byFunctions, byRoom, type Way } from "./ways.ts";

const PLAYERS = 5;
/** Moves a second, of all players together: each puts a piece down every two and a half seconds. */
const RATE = 2;
const SECONDS = 20;
/** What is under way at the end may still come for this long, in ms. */
const DRAIN_MS = 3000;

interface Outcome {
  readonly name: string;
  readonly answered: number;
  readonly refused: number;
  /** Answered with yes, and not there. */
  readonly lost: number;
  /** ms, from the moment a move was due. */
  readonly answeredMs: readonly number[];
  readonly seenMs: readonly number[];
  /** ms of the server, a move. */
  readonly cpuMs: number;
}

/** When moves are due, in ms: at random moments, as people have them; the same in every run. */
const draw = random(7);
const DUE: readonly number[] = Array.from({ length: RATE * SECONDS }, () => draw() * SECONDS * 1000).sort((a, b) => a - b);

/** The n-th move: a piece that nobody else touches, by another player each time. */
const moveOf = (n: number): Move => ({ piece: n * 7, x: 100 + n, y: -100 - n });

async function measure(way: Way): Promise<Outcome> {
  const due = DUE.map((ms, n) => ({ ms, move: moveOf(n), player: n % PLAYERS, at: 0, yes: false }));
  const byPiece = new Map(due.map((each) => [each.move.piece, each]));
  const [answeredMs, seenMs]: [number[], number[]] = [[], []];
  const seen = new Set<number>();
  const stop = way.watch(({ piece }) => {
    if (seen.has(piece)) return;
    seen.add(piece);
    const each = byPiece.get(piece);
    if (each) seenMs.push(performance.now() - each.at);
  });
  const before = cpuMs(way.server.pid);
  const start = performance.now();
  const all = due.map(async (each) => {
    each.at = start + each.ms;
    await setTimeout(each.at - performance.now());
    await way.move(each.player, each.move);
    each.yes = true;
    answeredMs.push(performance.now() - each.at);
  });
  const settled = await Promise.allSettled(all);
  const spent = cpuMs(way.server.pid) - before;
  await setTimeout(DRAIN_MS);
  await stop();
  const moved = await way.moved();
  way.end();
  const isThere = ({ piece, x, y }: Move): boolean => moved.get(piece)?.x === x && moved.get(piece)?.y === y;
  return {
    name: way.name,
    answered: due.filter(({ yes }) => yes).length,
    refused: settled.filter(({ status }) => status === "rejected").length,
    lost: due.filter(({ yes, move }) => yes && !isThere(move)).length,
    answeredMs,
    seenMs,
    cpuMs: spent / due.length,
  };
}

const both = (ms: readonly number[]): string =>
  ms.length === 0 ? "never" : `${round(percentile(ms, 0.5), 0)} / ${round(percentile(ms, 0.99), 0)} ms`;

const ROWS: readonly (readonly [what: string, of: (outcome: Outcome) => string])[] = [
  ["moves answered with yes", ({ answered }) => String(answered)],
  ["of these lost", ({ lost }) => String(lost)],
  ["moves that could not be made", ({ refused }) => String(refused)],
  ["answered, p50 / p99", ({ answeredMs }) => both(answeredMs)],
  ["seen by another, p50 / p99", ({ seenMs }) => both(seenMs)],
  ["CPU of the server, a move", (outcome) => `${round(outcome.cpuMs)} ms`],
];

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // the servers go with us
const room = await startDemo();
const functions = await underWorkerd<object>({}, "../../load/stateless/worker.ts", [
  { binding: "STORE", className: "Store", folder: "store" },
]);
pin(process.pid, GENERATOR_CORE);
try {
  const outcomes = [
    await measure(await byRoom(room, PLAYERS)),
    await measure(await byFunctions(functions, false)),
    await measure(await byFunctions(functions, true)),
  ];
  const width = Math.max(...ROWS.map(([what]) => what.length));
  const columns = outcomes.map(({ name }, index) => Math.max(name.length, ...ROWS.map(([, of]) => of(outcomes[index]!).length)));
  const line = (first: string, cells: readonly string[]): string =>
    `${first.padEnd(width)}  ${cells.map((cell, index) => cell.padStart(columns[index]!)).join("  ")}`;
  console.log(
    line(
      "",
      outcomes.map(({ name }) => name),
    ),
  );
  for (const [what, of] of ROWS) console.log(line(what, outcomes.map(of)));
  console.log(`
${PLAYERS} players, ${RATE} moves a second of all together at random moments, ${SECONDS} s; each moves pieces that nobody else touches. The table is ${round(JSON.stringify(newTable()).length / 1e6)} MB
of JSON, the cut of its pieces included. "Functions" is a worker that remembers nothing: for each move it reads the whole table from a store, changes
one piece and writes all of it back; two that overlap write over each other, and both have said yes. Those that look first write
only what nobody has changed meanwhile, and begin again up to ten times. Others see a move when they next poll, once a second.

What is simulated: the store is a Durable Object that keeps bytes in SQLite and knows nothing, beside the functions in one workerd on one
core. On the platform a store is farther away (each read and write takes longer, so more moves overlap) and functions run on
many machines (so they wait less for a core). A room keeps the table in memory, journals each move, and sends it to everyone; its players use the SDK.`);
} finally {
  await room.stop();
  await functions.stop();
}
