/**
 * Coordinated omission: what waits while a server or the generator stands still is measured from when it was due, also where it was
 * never shown since something later took its place. A relay here stands still when it is told to.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { runTest } from "../../load/runner/run-test.ts";

const LIB = fileURLToPath(new URL("../../load/scripts/lib/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "coterie-load-"));
const script = join(folder, "hands.ts");
afterAll(() => rmSync(folder, { recursive: true }));

const STALL_MS = 600;
const EVERY_MS = 20;
const MOVES = 75;
/** So many moves have been made when the stall begins. */
const BEFORE = 25;

/** One user moves a hand, and one looks. `BUSY`: the generator itself stands still for so long. */
const HANDS = `
import { Counter, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";
import { now, pulse, Sightings, stampOf } from "${LIB}time.ts";
const seenMs = new Trend("seen_ms", true), frames = new Counter("frames");
export const options = { scenarios: { both: { executor: "per-vu-iterations", vus: 2, iterations: 1 } } };
export default async function () {
  const socket = new WebSocket(__ENV.URL);
  socket.binaryType = "arraybuffer";
  const sightings = new Sightings(${EVERY_MS}, (ms) => seenMs.add(ms));
  if (__VU === 1) socket.addEventListener("message", ({ data }) => {
    const [x, y] = new Int16Array(data);
    frames.add(1);
    sightings.see(2, { x, y });
    if (y >= ${MOVES - 1}) socket.close();
  });
  else {
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    let stood = false;
    await pulse(${EVERY_MS}, (at, count) => {
      if (!stood && count >= ${BEFORE}) {
        stood = true;
        for (const end = now() + Number(__ENV.BUSY); now() < end; );
      }
      const { x, y } = stampOf(at, count);
      socket.send(new Int16Array([x, y]));
      return count < ${MOVES - 1};
    }, { start: now() + 100 });
    socket.close();
  }
}`;

/** Sends everything to everyone else, but not while it stands still; then only the latest, as a room does with what moves. */
class Relay {
  readonly #server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  readonly #stallMs: number;

  constructor(stallMs: number) {
    this.#stallMs = stallMs;
    let [count, standing] = [0, false];
    let latest: Buffer | undefined;
    const show = (data: Buffer, from: unknown): void => {
      for (const other of this.#server.clients) if (other !== from) other.send(data);
    };
    this.#server.on("connection", (socket) =>
      socket.on("message", (data: Buffer) => {
        if (++count === BEFORE && this.#stallMs > 0) {
          standing = true;
          setTimeout(() => {
            standing = false;
            if (latest) show(latest, socket);
          }, this.#stallMs);
        }
        if (standing) latest = data;
        else show(data, socket);
      }),
    );
  }

  async url(): Promise<string> {
    if (!this.#server.address()) await once(this.#server, "listening");
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }
}

beforeAll(() => writeFileSync(script, HANDS));

async function seen(stallMs: number, busyMs: number): Promise<{ values: Float64Array; frames: number }> {
  const relay = new Relay(stallMs);
  try {
    const env = { URL: await relay.url(), BUSY: String(busyMs) };
    const { run } = await runTest({ script, env, say: console.error });
    expect(run.errors).toBe(0);
    const [trend, frames] = [run.metrics.get("seen_ms")!.sink, run.metrics.get("frames")!.sink];
    if (trend.kind !== "trend" || frames.kind !== "counter") return expect.fail("other kinds of metrics");
    return { values: trend.values(), frames: frames.count };
  } finally {
    relay.stop();
  }
}

/** How many waited longer than half the stall: half of what was due in it, whether or not it was ever shown. */
const waited = (values: Float64Array): number => values.filter((ms) => ms > STALL_MS / 2).length;
const DUE_IN_HALF = STALL_MS / 2 / EVERY_MS;

test("a server that stands still shows: each move that was due meanwhile waited, though only the last of them was sent on", async () => {
  const { values, frames } = await seen(STALL_MS, 0);
  expect(values).toHaveLength(MOVES); // every movement of the hand is measured, once
  expect(frames).toBeLessThan(MOVES - DUE_IN_HALF);
  expect(waited(values)).toBeGreaterThanOrEqual(DUE_IN_HALF - 2);
  expect(Math.max(...values)).toBeGreaterThan(STALL_MS - 2 * EVERY_MS);
});

test("a generator that stands still shows as well: what it sends late was due before", async () => {
  const { values } = await seen(0, STALL_MS);
  expect(values).toHaveLength(MOVES);
  expect(waited(values)).toBeGreaterThanOrEqual(DUE_IN_HALF - 2);
});
