/**
 * People who type, each in a paragraph of their own. Every edit is made beforehand by a document of its typist, and has a
 * time at which it is meant to be sent: latency counts from that time to each receipt by somebody else, so a generator
 * or a server that falls behind is not spared what waited meanwhile.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import * as Y from "yjs";
import { percentile } from "../statistics.ts";
import { Client } from "./client.ts";
import { cpuMs } from "../servers/machine.ts";
import type { Server } from "./servers.ts";

/** What comes before the measure: the room, the sockets and the code are warm. */
const WARM_MS = 1000;
/** What is under way at the end may still come for this long. */
const DRAIN_MS = 1500;
/** Timers come this much too late: what is due sooner is waited for without one. */
const TIMER_MS = 2;
/** Parsed updates that are kept: the same one comes to everyone within a moment. */
const PARSED_KEPT = 2000;
const LETTERS = "the quick brown fox jumps over the lazy dog ";

export interface Typing {
  readonly typists: number;
  /** Besides them. */
  readonly readers?: number;
  /** Edits a second, of all together. */
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Typed {
  /** Share of a core. */
  readonly cpu: number;
  /** µs of the server for each edit that reached somebody else. */
  readonly cpuPerDelivery: number;
  readonly bytesPerDelivery: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** Share of what should have come. */
  readonly delivered: number;
  /** Share of a core that the generator took, with its waiting for the next edit: that is done without a timer when it is near. */
  readonly generator: number;
}

interface Edit {
  readonly frame: Buffer;
  readonly clock: number;
}

/** [client, from, to) */
type Range = readonly [client: number, from: number, to: number];

class Typist {
  readonly doc = new Y.Doc();
  client!: Client;
  readonly #text = new Y.XmlText();

  /** The frames of `count` edits; the first makes the paragraph. */
  prepare(count: number): Edit[] {
    const edits: Edit[] = [];
    this.doc.on("update", (update: Uint8Array) => {
      edits.push({ frame: this.client.frameOf(update), clock: Y.getState(this.doc.store, this.doc.clientID) - 1 });
    });
    this.doc.getXmlFragment("document").push([this.#text]);
    for (let n = 0; n < count; n++) this.#text.insert(n, LETTERS[n % LETTERS.length]!);
    return edits;
  }
}

export async function type(server: Server, room: string, { typists, readers = 0, perSecond, seconds }: Typing): Promise<Typed> {
  const everyMs = (1000 * typists) / perSecond;
  const endMs = WARM_MS + seconds * 1000;
  const own: Typist[] = Array.from({ length: typists }, () => new Typist());
  /** Client id of a document → clock → when it was meant to be sent. */
  const sentAt = new Map<number, Float64Array>();
  const parsed = new Map<string, readonly Range[]>();
  const latencies: number[] = [];
  let from = Infinity;
  let to = Infinity;

  const listener =
    (self: number) =>
    (update: Uint8Array): void => {
      const now = performance.now();
      const key = Buffer.from(update.buffer, update.byteOffset, update.length).latin1Slice();
      let ranges = parsed.get(key);
      if (!ranges) {
        if (parsed.size >= PARSED_KEPT) parsed.clear();
        const { from, to } = Y.parseUpdateMeta(update);
        parsed.set(key, (ranges = Array.from(to, ([client, end]) => [client, from.get(client) ?? 0, end] as const)));
      }
      for (const [client, start, end] of ranges) {
        if (client === self) continue;
        const times = sentAt.get(client);
        if (!times) continue;
        for (let clock = start; clock < end; clock++) {
          const at = times[clock];
          if (at === undefined || at === 0) continue;
          if (at >= from && at < to) latencies.push(now - at);
        }
      }
    };

  const clients = await Promise.all([
    ...own.map(async (typist, n) => {
      const client = await Client.join(server, room, `typist-${n}`, { updated: listener(typist.doc.clientID) });
      typist.client = client;
      return client;
    }),
    ...Array.from({ length: readers }, (_, n) => Client.join(server, room, `reader-${n}`, { updated: listener(-1) })),
  ]);

  // All that will be said, and when.
  const due: { at: number; typist: Typist; edit: Edit; times: Float64Array }[] = [];
  for (const [n, typist] of own.entries()) {
    const [paragraph, ...edits] = typist.prepare(Math.floor(endMs / everyMs));
    typist.client.send(paragraph!.frame);
    const times = new Float64Array(edits.at(-1)!.clock + 1);
    sentAt.set(typist.doc.clientID, times);
    for (const [k, edit] of edits.entries()) due.push({ at: (k + n / typists) * everyMs, typist, edit, times });
  }
  due.sort((a, b) => a.at - b.at);
  await setTimeout(200);

  const start = performance.now();
  from = start + WARM_MS;
  to = start + endMs;
  const cost = (): { cpu: number; bytes: number; own: number } => ({
    cpu: cpuMs(server.pid),
    bytes: clients.reduce((sum, { bytes }) => sum + bytes, 0),
    own: process.cpuUsage().user + process.cpuUsage().system,
  });
  let before: ReturnType<typeof cost> | undefined;
  let said = 0;
  for (const { at, typist, edit, times } of due) {
    for (let left = start + at - performance.now(); left > 0; left = start + at - performance.now())
      await (left > TIMER_MS ? setTimeout(left - TIMER_MS) : setImmediate());
    if (start + at >= from) {
      before ??= cost();
      said++;
    }
    times[edit.clock] = start + at;
    typist.client.send(edit.frame);
    if (performance.now() > to + DRAIN_MS) break; // it cannot be said as fast as that
  }
  while (performance.now() < to) await setTimeout(1);
  const expected = said * (typists - 1 + readers);
  const end = performance.now() + DRAIN_MS;
  while (latencies.length < expected && performance.now() < end) await setTimeout(10);
  // With what it still had to do: a server that was kept from its core has not done less.
  const after = cost();
  for (const client of clients) client.close();
  if (!before) throw new Error("nothing was said");
  const windowMs = seconds * 1000;
  const missing = Array.from({ length: Math.min(expected, Math.max(0, expected - latencies.length)) }, () => Infinity);
  const all = latencies.concat(missing);
  return {
    cpu: (after.cpu - before.cpu) / windowMs,
    cpuPerDelivery: ((after.cpu - before.cpu) * 1000) / latencies.length,
    bytesPerDelivery: (after.bytes - before.bytes) / latencies.length,
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
    delivered: latencies.length / expected,
    generator: (after.own - before.own) / 1000 / windowMs,
  };
}
