/** What a cursor costs that wakes a hibernated room: it must not depend on how long the room's document is. */
import { setTimeout } from "node:timers/promises";
import * as encoding from "lib0/encoding";
import { Client } from "./client.ts";
import { put } from "./joining.ts";
import { cpuMs } from "../servers/machine.ts";
import { seed } from "./seed.ts";
import type { Coterie } from "./servers.ts";

/** A room keeps what a cursor showed after 5 s, and the platform lets it sleep 10 s later; with some to spare. */
const ASLEEP_AFTER_MS = 17_000;
const SEEN_WITHIN_MS = 5000;

export interface Wake {
  /** Until the other client sees it, in ms. */
  readonly ms: number;
  /** Of the server, in ms. */
  readonly cpuMs: number;
}

/** Bytes of the document → its wakes. */
export async function wakes(server: Coterie, sizes: readonly number[], rounds: number): Promise<Map<number, Wake[]>> {
  const seen = new Map<number, Wake[]>(sizes.map((bytes) => [bytes, []]));
  const rooms = sizes.map((bytes) => ({ bytes, name: `long/wake-${bytes}` }));
  const counted = new Map<number, number>();
  for (const { bytes, name } of rooms) await put(server, name, seed(bytes));
  await server.restart(); // the document itself must not be in memory already
  const pairs = await Promise.all(
    rooms.map(async ({ bytes, name }) => {
      let pointed = (): void => {};
      const reader = await Client.join(server, name, "reader", { pointed: () => pointed() });
      const pointer = await Client.join(server, name, "pointer");
      pointer.point(pointing(0));
      return { bytes, name, reader, pointer, onPointed: (run: () => void) => (pointed = run) };
    }),
  );
  for (let round = 1; round <= rounds; round++) {
    const turn = round % 2 === 0 ? pairs.toReversed() : pairs;
    await setTimeout(ASLEEP_AFTER_MS);
    for (const { bytes, name, pointer, onPointed } of turn) {
      const before = cpuMs(server.pid);
      const start = performance.now();
      const ms = await new Promise<number>((resolve, reject) => {
        const late = globalThis.setTimeout(() => reject(new Error(`${name}: nobody saw the cursor`)), SEEN_WITHIN_MS);
        onPointed(() => {
          clearTimeout(late);
          resolve(performance.now() - start);
        });
        pointer.point(pointing(round));
      });
      await setTimeout(100);
      const cpu = cpuMs(server.pid) - before;
      // An alarm may have woken it a moment before: that says nothing.
      const woken = await wakesOf(server, name);
      if (woken > (counted.get(bytes) ?? 0)) seen.get(bytes)!.push({ ms, cpuMs: cpu });
      counted.set(bytes, woken);
    }
  }
  for (const { name, bytes, reader, pointer } of pairs) {
    if (seen.get(bytes)!.length === 0) throw new Error(`${name} never slept`);
    reader.close();
    pointer.close();
  }
  return seen;
}

const pointing = (clock: number): Uint8Array =>
  encoding.encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, 77);
    encoding.writeVarUint(to, clock + 1);
    encoding.writeVarString(to, JSON.stringify({ cursor: clock }));
  });

async function wakesOf(server: Coterie, room: string): Promise<number> {
  const headers = { authorization: `Bearer ${await server.token("root", true)}` };
  const response = await fetch(`http://127.0.0.1:${server.port}/parties/${room}/inspect`, { headers });
  const { wakes } = (await response.json()) as { wakes: Record<string, number> };
  return wakes["message"] ?? 0;
}
