/** How far Yjs has to look for the place of a struct, counted before it does: by every item that it then remembers. */
import { expect, test, vi } from "vitest";
import * as Y from "yjs";
import { stepsFor } from "../../server/parts/document/conflicts.ts";
import { singly } from "../../shared/document/update.ts";
import { drawnDoc, scribble } from "../kit/documents.ts";
import { Draw, SEED } from "../kit/random.ts";

const RUNS = 60;

/** Yjs keeps each item that it passes in two sets. */
function taken(apply: () => void): number {
  let items = 0;
  const add = Set.prototype.add;
  const spy = vi.spyOn(Set.prototype, "add").mockImplementation(function (this: Set<unknown>, value: unknown) {
    if (value instanceof Y.Item) items++;
    return add.call(this, value);
  });
  apply();
  spy.mockRestore();
  return items / 2;
}

test("of documents that three wrote apart: the steps counted are those that are taken, to within one, struct by struct", () => {
  let most = 0;
  for (let run = 0; run < RUNS; run++) {
    const draw = new Draw("conflicts", SEED, run);
    const docs = [drawnDoc(draw), drawnDoc(draw), drawnDoc(draw)] as const;
    for (let n = 0; n < 10; n++) scribble(draw, docs[0]);
    for (const doc of docs.slice(1)) Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[0]));
    for (const doc of docs) for (let n = 0; n < 60; n++) scribble(draw, doc);
    const [into, ...others] = docs;
    for (const doc of others)
      into.transact(() => {
        for (const [piece, struct] of singly(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(into)))) {
          const counted = struct instanceof Y.Item ? stepsFor(struct, into, Infinity) : 0;
          const steps = taken(() => Y.applyUpdate(into, piece));
          if (struct) expect(Math.abs(counted - steps), `run ${run}: ${counted} counted, ${steps} taken`).toBeLessThanOrEqual(1);
          most = Math.max(most, counted);
        }
      });
  }
  expect(most).toBeGreaterThan(10);
});

test("no more are counted than are asked for", () => {
  const docs = [1, 2].map((client) => {
    const doc = new Y.Doc();
    doc.clientID = client;
    for (let n = 0; n < 20; n++) doc.getArray("list").insert(0, [n]);
    return doc;
  }) as [Y.Doc, Y.Doc];
  const [, struct] = singly(Y.encodeStateAsUpdate(docs[1])).next().value!;
  expect([5, 100].map((most) => stepsFor(struct as Y.Item, docs[0], most))).toEqual([5, 20]);
});
