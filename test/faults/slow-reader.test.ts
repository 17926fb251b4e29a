/**
 * [P8] A reader that stops reading, over a real socket: what it costs the server, and whether the others can tell. The
 * same people say the same things without it and then with it, in one run on one server.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { percentile, round } from "../../load/statistics.ts";
import { PING } from "../../shared/protocol/limits.ts";
import { helloFrame } from "../kit/frames.ts";
import { loudRoom } from "./loud-room.ts";
import { Loudmouths } from "./loudmouths.ts";
import { masked, maskedText, RawSocket } from "./raw-socket.ts";
import { Served } from "./served.ts";

const MB = 1e6;
/** Said while nobody is slow: first until V8 has compiled what it will, then to compare with. */
const WARM_UP = 12 * MB;
const CONTROL = 12 * MB;
/** Said while the reader reads nothing. */
const SAID = 50 * MB;
/** What the reader may cost of it. */
const COST = 8 * MB;
/** A second time may be twice as bad as the first on a machine with two cores, and a beat (16 ms) later. */
const WORSE = { times: 2, plusMs: 16 };
/** The reader is closed 30 s after it was last sent anything, which is some two seconds after it stopped. */
const CLOSED_WITHIN_MS = 40_000;

let served: Served;
beforeAll(async () => {
  served = await Served.start("loud-worker.ts", [{ binding: "LOUD", className: "Loud", folder: "loud" }], ["--expose-gc"]);
});
afterAll(() => served.stop());

/** The memory of the process without garbage, which V8 else keeps for minutes. What it frees, it gives back a little later. */
async function memory(): Promise<number> {
  const readings: number[] = [];
  for (let reading = 0; reading < 4; reading++) {
    const collected = await fetch(`${served.host}/gc`);
    expect(await collected.text()).toBe("collected");
    await sleep(250);
    readings.push(served.memory);
  }
  return Math.min(...readings);
}

async function lap(people: Loudmouths, bytes: number): Promise<{ grown: number; said: number; p50: number; p99: number }> {
  const before = await memory();
  const { said, latencies, missed } = await people.say(bytes);
  const grown = (await memory()) - before;
  expect(missed).toBe(0);
  return { grown, said, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

test("[P8] a reader that stops reading while 50 MB are said costs the server less than 8 MB, and the others' latency does not move", async () => {
  const people = await Loudmouths.join(served, "hall");
  await lap(people, WARM_UP);
  const control = await lap(people, CONTROL);
  expect((await served.inspect("loud", "hall")).counters.spared).toBe(0);

  const slow = await RawSocket.open(served.workerd.port, "/parties/loud/hall", await served.token("slow"));
  slow.send(masked(helloFrame(loudRoom, "slow")));
  await sleep(200);
  expect(slow.frames).toBeGreaterThan(0); // it is in, and was told of the room
  slow.pause();
  // It lives, and says so: one that says nothing either would be taken for dead after 14 s, and closed for that.
  const heartbeat = setInterval(() => slow.send(maskedText(PING)), 5000);
  const pausedAt = Date.now();
  const paused = await lap(people, SAID);
  const { counters, connections } = await served.inspect("loud", "hall");

  const mine = paused.grown - control.grown;
  const words = ({ said, grown, p50, p99 }: typeof control): string =>
    `${round(said / MB)} MB said, memory grew by ${round(grown / MB)} MB, latency p50 ${round(p50)} ms, p99 ${round(p99)} ms`;
  console.log(
    `nobody slow: ${words(control)}\none that reads nothing: ${words(paused)}\nit cost ${round(mine / MB)} MB, and was spared ${counters.spared} frames`,
  );
  expect(mine).toBeLessThan(COST);
  expect(paused.p50).toBeLessThan(control.p50 * WORSE.times + WORSE.plusMs);
  expect(paused.p99).toBeLessThan(control.p99 * WORSE.times + WORSE.plusMs);

  // It was owed all of that, and what it had of it was far less.
  expect(counters.spared).toBeGreaterThan(10);
  expect(connections.map(({ user, stage }) => `${user} ${stage}`)).toContain("slow lagging");
  while (Date.now() < pausedAt + CLOSED_WITHIN_MS && (await closed())["4530"] !== 1) await people.say(MB / 2);
  expect(await closed()).toEqual({ 4530: 1 });
  expect(people.connected).toBe(true);
  clearInterval(heartbeat);
  people.leave();
  slow.destroy();
});

const closed = async (): Promise<Record<string, number>> => (await served.inspect("loud", "hall")).counters.closed;
