/**
 * [P8] One that floods, over a real socket: what the room takes of it, and whether the others can tell.
 *
 * It sends 300 times what one may. A room can do no more than close a socket and pass over what still comes of it: the
 * runtime does not let it end the connection, and to pass over a frame costs some 5 µs of its thread. Who sends more than
 * that thread can pass over, some 180,000 frames a second here, does hold the others up, and has to be stopped outside.
 */
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { percentile, round } from "../../load/statistics.ts";
import type { FloodOrder, FloodReport, Manner } from "./flooder.ts";
import { Movers, type Seen } from "./movers.ts";
import { Served } from "./served.ts";

const WARM_UP_MS = 2000;
const PHASE_MS = 5000;
const FRAMES_PER_SECOND = 30_000;
/** What a user may say, in frames: at once after a rest, and then each second (server/room/throttle.ts). */
const ALLOWED = { atOnce: 800, perSecond: 200 };
/** A second time may be twice as bad as the first on a machine with two cores, and a beat (16 ms) later. */
const WORSE = { times: 2, plusMs: 16 };

let served: Served;
beforeAll(async () => {
  served = await Served.start("worker.ts", [
    { binding: "BOARD", className: "Board", folder: "board" },
    { binding: "SWIFT", className: "Swift", folder: "swift" },
  ]);
});
afterAll(() => served.stop());

test.each<Manner>(["comes back", "goes on"])(
  "[P8] a flooder that %s when it is cut is read no further, nobody else is closed, and the others' p99 stays flat",
  async (manner) => {
    const id = manner.replace(" ", "-");
    const movers = await Movers.join(served, id);
    await movers.move(WARM_UP_MS);
    const without = await movers.move(PHASE_MS);
    const before = (await served.inspect("board", id)).counters;

    const order = { port: served.workerd.port, path: `/parties/board/${id}`, token: await served.token(`eve ${id}`) };
    const workerData = { ...order, manner, framesPerSecond: FRAMES_PER_SECOND } satisfies FloodOrder;
    const flooder = new Worker(join(import.meta.dirname, "flooder.ts"), { workerData });
    const startedAt = Date.now();
    const withIt = await movers.move(PHASE_MS);
    flooder.postMessage("stop");
    const [{ lives, closed, sent, firstCutMs }] = (await once(flooder, "message")) as [FloodReport];
    const seconds = (Date.now() - startedAt) / 1000;
    const { counters } = await served.inspect("board", id);

    const read = counters.framesIn - before.framesIn - withIt.moves;
    console.log(
      `${manner}: ${lives} times in, ${round(sent / seconds / 1000)} thousand frames a second, cut after ${round(firstCutMs)} ms, ${read} of ${sent} frames read\nwithout: ${inWords(without)}\nwith:    ${inWords(withIt)}`,
    );
    expect(sent / seconds).toBeGreaterThan(FRAMES_PER_SECOND / 10); // or nothing was tried
    expect(Object.keys(closed)).toEqual(["4529"]);
    expect(firstCutMs).toBeLessThan(1000);
    expect(Object.keys(counters.closed)).toEqual(["4529"]); // so nobody else
    expect(Math.abs(counters.closed["4529"]! - lives)).toBeLessThanOrEqual(1); // the last life may have been cut short by its end
    expect(read).toBeLessThan(ALLOWED.atOnce + ALLOWED.perSecond * seconds + 2 * lives); // in each life one frame is too many
    expect(movers.connected).toBe(true);
    expect(withIt.share).toBeGreaterThan(without.share * 0.95);
    expect(p99(withIt)).toBeLessThan(p99(without) * WORSE.times + WORSE.plusMs);
    movers.leave();
  },
);

const p99 = ({ latencies }: Seen): number => percentile(latencies, 0.99);
const inWords = (seen: Seen): string =>
  `${seen.latencies.length} moves seen (${round(seen.share * 100)} %), p50 ${round(percentile(seen.latencies, 0.5))} ms, p99 ${round(p99(seen))} ms`;
