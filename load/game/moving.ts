/**
 * People who drag, each a piece of their own, as often as the SDK lets them. Every move has a time at which it is meant to
 * be sent; latency counts from then to its receipt by those who look, so a server that falls behind is not spared what
 * waited. Everyone's bytes are counted, but only a few read them: the generator has one core.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { cpuMs, memory } from "../servers/machine.ts";
import { percentile } from "../statistics.ts";
import type { Player } from "./player.ts";
import type { Server } from "./servers.ts";

const HZ = 30;
/** Of each room that is looked at, and of rooms. */
const LOOKERS = 3;
const LOOKED_AT = 20;
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
  /** In each room. */
  readonly players: number;
  /** Rooms like this, all at once. Default 1. */
  readonly rooms?: number;
  /** Moves a second of each. Default: as many as the SDK sends, 30. */
  readonly hz?: number;
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
  /** Of the server's process at the end, everybody still there, in bytes. */
  readonly memory: number;
}

export async function move(
  server: Server,
  room: string,
  { players: inRoom, rooms = 1, hz = HZ, cols, rows, seconds }: Moving,
): Promise<Moved> {
  const players = inRoom * rooms;
  const everyMs = 1000 / hz;
  const endMs = WARM_MS + seconds * 1000;
  const count = Math.floor(endMs / everyMs);
  const sentAt = Array.from({ length: players }, () => new Float64Array(count));
  const latencies: number[] = [];
  let from = Infinity;
  let to = Infinity;

  // Rooms are filled in turn: player n sits in room n % rooms, and has the piece of that number among those in the room.
  const pieceOf = (n: number): number => Math.floor(n / rooms);
  const moved =
    (self: number) =>
    (piece: number, x: number): void => {
      const at = piece === pieceOf(self) ? 0 : (sentAt[piece * rooms + (self % rooms)]?.[x] ?? 0);
      if (at >= from && at < to) latencies.push(performance.now() - at);
    };
  const all: Player[] = [];
  while (all.length < players)
    all.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(all.length === 0 ? 1 : LOT, players - all.length) }, async (_, n) => {
          const index = all.length + n;
          const looks = pieceOf(index) < LOOKERS && index % rooms < LOOKED_AT ? moved(index) : undefined;
          const name = rooms === 1 ? room : `${room}-${index % rooms}`;
          const player = await server.join({ port: server.port, room: name, cols, rows }, `player-${index}`, looks);
          await player.take(pieceOf(index));
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
      all[n]!.move(pieceOf(n), k % RANGE, n % RANGE);
      if (n % LOT === 0) await setImmediate(); // what has come is read even by a generator that is behind
    }
  await setTimeout(DRAIN_MS);
  const after = cost();
  const used = memory(server.pid);
  const closed = all.filter((player) => player.closed !== undefined);
  for (const player of all) player.close();
  if (closed.length > 0) throw new Error(`${server.name} closed ${closed.length} of ${players} with ${closed[0]!.closed}`);
  if (!before) throw new Error("nothing was said");
  const looking = Math.min(LOOKERS, inRoom) * Math.min(LOOKED_AT, rooms);
  const delivered = latencies.length / ((said / players) * (inRoom - 1) * looking);
  const reached = said * (inRoom - 1) * delivered;
  return {
    cpu: (after.cpu - before.cpu) / (seconds * 1000),
    cpuPerMove: ((after.cpu - before.cpu) * 1000) / reached,
    bytesPerMove: (after.bytes - before.bytes) / reached,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    delivered,
    generator: (after.own - before.own) / 1000 / (seconds * 1000),
    memory: used,
  };
}
