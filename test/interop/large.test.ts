/** [P8] [P10] A document of 4 MB: how it comes to each kind of client, and to one that reads nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import * as Y from "yjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { writeStep1 } from "../../shared/protocol/yjs.ts";
import { masked, RawSocket } from "../faults/raw-socket.ts";
import { Served } from "../faults/served.ts";
import { Draw, SEED } from "../kit/random.ts";
import { bytesOf, converged, until } from "./compare.ts";
import { join, KINDS, type Editor } from "./editors.ts";
import { NAMESPACES, type Party } from "./rooms.ts";

const AUTHORS = 6;
/** Each says this much, in pieces, at once: within what a room lets one say after a rest. */
const PIECES = 14;
const PIECE = 50_000;
const LETTERS = "abcdefghijklmnopqrstuvwxyz     \n";
/** The most that is on its way to a client that has not answered (server/room/transfer.ts), and the frame that goes over it. */
const WINDOW_BYTES = 262_144;
/** No frame of a join is longer, whatever was said in one piece. */
const LONGEST_FRAME = 2 * MAX_FRAME_BYTES;

let served: Served;
beforeAll(async () => {
  served = await Served.start("../interop/worker.ts", NAMESPACES);
});
afterAll(() => served.stop());

async function written(party: Party, room: string, pieces: number, length: number): Promise<Editor> {
  const draw = new Draw(room, SEED);
  const authors = await Promise.all(
    Array.from({ length: AUTHORS }, (_, n) => join(served, room, n % 2 === 0 ? "raw" : "sdk", { party, user: `author ${n}` })),
  );
  await until(
    () => authors.every(({ synced }) => synced),
    () => "authors in",
  );
  for (const { doc, user } of authors)
    for (let piece = 0; piece < pieces; piece++)
      doc
        .getText("text")
        .insert(
          doc.getText("text").length,
          `${user} ${Array.from({ length: length / 10 }, () => draw.one(LETTERS.split("")).repeat(10)).join("")}\n`,
        );
  await converged(authors, 30_000);
  for (const author of authors.slice(1)) author.leave();
  return authors[0]!;
}

test.each(["notes", "brisk"] as const)(
  "[P8] [P10] 4 MB in a room of %s come to each kind of client in many short frames, and are the same",
  async (party) => {
    const author = await written(party, "large", PIECES, PIECE);
    const bytes = Y.encodeStateAsUpdate(author.doc).length;
    expect(bytes).toBeGreaterThan(4_000_000);
    const readers: Editor[] = [];
    const times: string[] = [];
    for (const kind of KINDS) {
      const user = `reader by ${kind}`;
      const since = Date.now();
      // The reader who may not even show itself answers as the others do, and is given all.
      const reader = await join(served, "large", kind, {
        party,
        user,
        scopes: readers.length === 0 ? ["read"] : ["read", "presence"],
      });
      await until(
        () => reader.synced && reader.doc.getText("text").length === author.doc.getText("text").length,
        () => `${kind} has ${reader.doc.getText("text").length}, closed ${reader.wire.closed.join()}`,
        15_000,
      );
      times.push(
        `${kind} ${Date.now() - since} ms, ${reader.wire.frames.length} frames up to ${Math.round(reader.wire.longest / 1000)} KB`,
      );
      readers.push(reader);
    }
    console.log(`${party}, ${(bytes / 1e6).toFixed(1)} MB: ${times.join("; ")}`);
    const expected = bytesOf(author.doc);
    for (const reader of readers) {
      expect(bytesOf(reader.doc) === expected, reader.kind).toBe(true);
      expect([reader.kind, reader.timesSynced, reader.wire.closed]).toEqual([reader.kind, 1, []]);
      expect(reader.wire.longest, reader.kind).toBeLessThan(LONGEST_FRAME);
      expect(reader.wire.frames.length, reader.kind).toBeGreaterThan(30);
    }
    author.doc.getText("text").insert(0, "and on");
    await converged([author, ...readers]);
    for (const each of [author, ...readers]) each.leave();
  },
);

test("[P8] what was pasted in one piece comes to who joins in several", async () => {
  const author = await join(served, "pasted", "y-websocket 3");
  await until(
    () => author.synced,
    () => "in",
  );
  author.doc.getText("text").insert(0, "pasted ".repeat(100_000));
  for (const kind of ["raw", "sdk"] as const) {
    const reader = await join(served, "pasted", kind);
    await converged([author, reader]);
    expect([kind, reader.wire.longest < LONGEST_FRAME]).toEqual([kind, true]);
    reader.leave();
  }
  author.leave();
});

test("[P8] a stock client that reads nothing is sent a window, and no more before it answers", async () => {
  const author = await written("notes", "slow", 4, PIECE);
  const { counters: before } = await served.inspect("notes", "slow");
  const path = `/parties/notes/slow?token=${await served.token("slow")}`;
  const slow = await RawSocket.open(served.workerd.port, path);
  slow.send(masked(writeStep1(Uint8Array.of(0))));
  slow.pause();
  await sleep(1000);
  const { counters, connections } = await served.inspect("notes", "slow");
  expect(connections.map(({ user, stage }) => `${user} ${stage}`)).toContain("slow loading");
  expect(counters.bytesOut - before.bytesOut).toBeGreaterThan(WINDOW_BYTES / 2);
  expect(counters.bytesOut - before.bytesOut).toBeLessThan(WINDOW_BYTES + MAX_FRAME_BYTES);
  slow.destroy();
  author.leave();
});
