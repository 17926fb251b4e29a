/**
 * `npm run load -- [--players 30] [--seconds 10] [--url http://localhost:8787]`: scripted players on one puzzle, and what
 * it was like for them. Starts a demo of its own where no URL is given. Bounded in count and time; stops by itself.
 */
import { parseArgs } from "node:util";
import { DemoServer } from "../test/kit/demo-server.ts";
import { Observer } from "./observer.ts";
import { startPlayers } from "./players.ts";
import { percentile, round } from "./statistics.ts";

const MOST_PLAYERS = 500;
const MOST_SECONDS = 300;

const { values } = parseArgs({
  options: { players: { type: "string", default: "30" }, seconds: { type: "string", default: "10" }, url: { type: "string" } },
});
const players = within("players", values.players, MOST_PLAYERS);
const seconds = within("seconds", values.seconds, MOST_SECONDS);

const server = values.url === undefined ? await DemoServer.start() : undefined;
try {
  const origin = server?.origin ?? new URL(values.url!).origin;
  const id = `load-${crypto.randomUUID().slice(0, 8)}`;
  const running = await startPlayers(origin, id, players);
  const observer = await Observer.join(origin, id);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // all of them hold something by now
  observer.counts = { frames: 0, bytes: 0, moves: 0 };
  const before = running.drags();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const { frames, bytes, moves } = observer.counts;
  const said = running.drags() - before;
  observer.close();
  running.stop();
  console.log(`${players} players, ${seconds} s, 30 drags a second each

drags said           ${said} (${round(said / seconds)} a second)
seen by one player   ${moves} (${round((100 * moves) / said)} %), in ${round(frames / seconds)} frames a second
bytes per drag       ${round(bytes / moves, 2)} (${round(bytes / seconds / 1000)} kB a second to each player)
answers              ${running.answered.length}, p50 ${round(percentile(running.answered, 0.5))} ms, p99 ${round(percentile(running.answered, 0.99))} ms`);
} finally {
  await server?.stop();
}

function within(name: string, given: string, most: number): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new RangeError(`--${name} ${given}: expected a whole number from 1 to ${most}`);
  return value;
}
