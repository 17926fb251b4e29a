/**
 * People who drag, each a piece of their own, as often as the SDK lets them. Every move has a time at which it is meant to
 * be sent; latency counts from then to its receipt by those who look, so a server that falls behind is not spared what
 * waited. Everyone's bytes are counted, but only a few read them: the generator has one core.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { cpuMs } from "../servers/machine.ts";
import { percentile } from "../statistics.ts";
import type { Player } from "./player.ts";
import type { Server } from "./servers.ts";

const HZ = 30;
const LOOKERS = 3;
const WARM_MS = 1000;
/** What is under way at the end may still come for this long. */
const DRAIN_MS = 400;
/** Timers come this much too late: what is due sooner is waited for without one. */
const TIMER_MS = 2;
/** Players who come at once. */
const LOT = 25;
/** Those who look read a piece's x as the number of its move. */
const RANGE = 32_768;

export interface Moving {
  readonly players: number;
  readonly cols: number;
  readonly rows: number;
  readonly seconds: number;
}

export interface Moved {
  /** Share of a core. */
  readonly cpu: number;
  /** µs of the server, and bytes to everyone, for each move that reached somebody else; as many as those who look have seen. */
  readonly cpuPerMove: number;
  readonly bytesPerMove: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** Share of what was said: a server that sends less often sends only the latest. */
  readonly delivered: number;
  /** Share of a core that the generator took. */
  readonly generator: number;
}

export async function move(server: Server, room: string, { players, cols, rows, seconds }: Moving): Promise<Moved> {
  const everyMs = 1000 / HZ;
  const endMs = WARM_MS + seconds * 1000;
  const count = Math.floor(endMs / everyMs);
  const sentAt = Array.from({ length: players }, () => new Float64Array(count));
  const latencies: number[] = [];
  let from = Infinity;
  let to = Infinity;

  const moved =
    (self: number) =>
    (piece: number, x: number): void => {
      const at = piece === self ? 0 : (sentAt[piece]?.[x] ?? 0);
      if (at >= from && at < to) latencies.push(performance.now() - at);
    };
  const all: Player[] = [];
  while (all.length < players)
    all.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(all.length === 0 ? 1 : LOT, players - all.length) }, async (_, n) => {
          const index = all.length + n;
          const looks = index < LOOKERS ? moved(index) : undefined;
          const player = await server.join({ port: server.port, room, cols, rows }, `player-${index}`, looks);
          await player.take(index);
          return player;
        }),
      )),
    );
  await setTimeout(300);

  const start = performance.now();
  from = start + WARM_MS;
  to = start + endMs;
  const cost = (): { cpu: number; bytes: number; own: number } => ({
    cpu: cpuMs(server.pid),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    own: process.cpuUsage().user + process.cpuUsage().system,
  });
  let before: ReturnType<typeof cost> | undefined;
  let said = 0;
  for (let k = 0; k < count && performance.now() < to + DRAIN_MS; k++)
    for (let n = 0; n < players; n++) {
      const at = start + (k + n / players) * everyMs;
      for (let left = at - performance.now(); left > 0; left = at - performance.now())
        await (left > TIMER_MS ? setTimeout(left - TIMER_MS) : setImmediate());
      if (at >= from) {
        before ??= cost();
        said++;
      }
      sentAt[n]![k] = at;
      all[n]!.move(n, k % RANGE, n);
      if (n % LOT === 0) await setImmediate(); // what has come is read even by a generator that is behind
    }
  await setTimeout(DRAIN_MS);
  const after = cost();
  const closed = all.filter((player) => player.closed !== undefined);
  for (const player of all) player.close();
  if (closed.length > 0) throw new Error(`${server.name} closed ${closed.length} of ${players} with ${closed[0]!.closed}`);
  if (!before) throw new Error("nothing was said");
  const looking = Math.min(LOOKERS, players);
  const delivered = latencies.length / (said * looking - (said / players) * looking);
  const reached = said * (players - 1) * delivered;
  return {
    cpu: (after.cpu - before.cpu) / (seconds * 1000),
    cpuPerMove: ((after.cpu - before.cpu) * 1000) / reached,
    bytesPerMove: (after.bytes - before.bytes) / reached,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    delivered,
    generator: (after.own - before.own) / 1000 / (seconds * 1000),
  };
}
