/** [P4] A long editing session of five authors, replayed through the SDK and stock clients, with the server killed in its midst and at its end. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Served } from "../faults/served.ts";
import { SEED } from "../kit/random.ts";
import { bytesOf, converged, includes, until } from "./compare.ts";
import { join, type Kind } from "./editors.ts";
import { NAMESPACES } from "./rooms.ts";
import { Author } from "./trace.ts";

const AUTHORS: readonly Kind[] = ["sdk", "sdk", "sdk", "y-websocket 3", "y-partyserver"];
const OPERATIONS = 60_000;
/** In one transaction: a stock client sends a frame for each, and a room takes 100 a second of one. */
const BURST = 50;
const PAUSE_MS = 15;

let served: Served;
beforeAll(async () => {
  served = await Served.start("../interop/worker.ts", NAMESPACES);
});
afterAll(() => served.stop());

test("[P4] [P1] 60,000 operations of five authors, undo among them, end with the same bytes everywhere, through two kills", async () => {
  const since = Date.now();
  const editors = await Promise.all(
    AUTHORS.map((kind, n) => join(served, "trace", kind, { party: "brisk", user: `author ${n}` })),
  );
  await until(
    () => editors.every(({ synced }) => synced),
    () => "authors in",
  );
  const authors = editors.map(({ doc }, n) => new Author(doc, "trace", SEED, n));
  const done = (): number => authors.reduce((sum, { operations }) => sum + operations, 0);

  let killed: Promise<void> | undefined;
  while (done() < OPERATIONS) {
    for (const author of authors) author.burst(BURST);
    if (done() > OPERATIONS / 2) killed ??= served.restart();
    await sleep(PAUSE_MS);
  }
  await killed;
  await converged(editors, 20_000);
  const replayed = Date.now() - since;
  const expected = bytesOf(editors[0]!.doc);

  await served.restart();
  const newcomer = await join(served, "trace", "y-websocket 2", { party: "brisk", user: "newcomer" });
  await until(
    () => newcomer.synced,
    () => "the newcomer in",
  );
  // Whether or not the authors are back: what was told to all of them, the room had.
  expect(includes(newcomer.doc, editors[0]!.doc)).toBe(true);
  await converged([...editors, newcomer], 20_000);
  expect([...editors, newcomer].map(({ doc }) => bytesOf(doc) === expected)).toEqual(Array.from({ length: 6 }, () => true));

  const { seq } = await served.inspect("brisk", "trace");
  const undone = authors.reduce((sum, author) => sum + author.undone, 0);
  console.log(
    `${done()} operations, ${undone} times undone, in ${replayed} ms; ${seq} rows, ${newcomer.doc.getText("text").length} characters`,
  );
  expect(undone).toBeGreaterThan(20);
  for (const author of authors) author.destroy();
  for (const editor of [...editors, newcomer]) editor.leave();
});
