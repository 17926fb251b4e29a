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
import { Counter, Gauge, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";
import { now, pulse, Sightings, stampOf } from "${LIB}time.ts";
const seenMs = new Trend("seen_ms", true), frames = new Counter("frames"), last = new Gauge("last");
export const options = { scenarios: { both: { executor: "per-vu-iterations", vus: 2, iterations: 1 } } };
export default async function () {
  const socket = new WebSocket(__ENV.URL);
  socket.binaryType = "arraybuffer";
  const sightings = new Sightings(${EVERY_MS}, (ms) => seenMs.add(ms));
  if (__VU === 1) socket.addEventListener("message", ({ data }) => {
    if (data === "go") return;
    const [x, y] = new Int16Array(data);
    frames.add(1);
    last.add(y);
    sightings.see(2, { x, y });
    if (y >= ${MOVES - 1}) socket.close();
  });
  else {
    await new Promise((resolve) => socket.addEventListener("message", resolve));
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
    this.#server.on("connection", (socket) => {
      if (this.#server.clients.size === 2) for (const each of this.#server.clients) each.send("go");
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
      });
    });
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

/** What was measured, of how many frames that came, and how often the hand has moved. */
async function seen(stallMs: number, busyMs: number): Promise<{ values: Float64Array; frames: number; moves: number }> {
  const relay = new Relay(stallMs);
  try {
    const env = { URL: await relay.url(), BUSY: String(busyMs) };
    const { run } = await runTest({ script, env, say: console.error });
    expect(run.errors).toBe(0);
    const [trend, frames, last] = ["seen_ms", "frames", "last"].map((name) => run.metrics.get(name)!.sink);
    if (trend?.kind !== "trend" || frames?.kind !== "counter" || last?.kind !== "gauge")
      return expect.fail("other kinds of metrics");
    return { values: trend.values(), frames: frames.count, moves: last.value + 1 };
  } finally {
    relay.stop();
  }
}

/** How many waited longer than half the stall: half of what was due in it, whether or not it was ever shown. */
const waited = (values: Float64Array): number => values.filter((ms) => ms > STALL_MS / 2).length;
const DUE_IN_HALF = STALL_MS / 2 / EVERY_MS;

test("a server that stands still shows: each move that was due meanwhile waited, though only the last of them was sent on", async () => {
  const { values, frames, moves } = await seen(STALL_MS, 0);
  expect(moves).toBeGreaterThanOrEqual(MOVES);
  expect(values).toHaveLength(moves); // every movement of the hand is measured, once
  expect(frames).toBeLessThan(moves - DUE_IN_HALF);
  expect(waited(values)).toBeGreaterThanOrEqual(DUE_IN_HALF - 2);
  expect(Math.max(...values)).toBeGreaterThan(STALL_MS - 2 * EVERY_MS);
});

test("a generator that stands still shows as well: what it sends late was due before", async () => {
  const { values, moves } = await seen(0, STALL_MS);
  expect(values).toHaveLength(moves);
  expect(waited(values)).toBeGreaterThanOrEqual(DUE_IN_HALF - 2);
});
