/** An update read without a document, and split into pieces: each can be applied once those before it have been. */
import { describe, expect, test, vi } from "vitest";
import * as Y from "yjs";
import {
  EMPTY_UPDATE,
  isEmpty,
  readStateVector,
  readUpdate,
  splitUpdate,
  writeStateVector,
} from "../../shared/document/update.ts";
import { canonicalDoc, drawnDoc, isWhole, load, scribble, undoOf } from "../kit/documents.ts";
import { quickest } from "../kit/quickest.ts";
import { Draw, SEED } from "../kit/random.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Applies the pieces in order to nothing, and returns the document. */
function pieceByPiece(pieces: readonly Uint8Array[], onto: Y.Doc = new Y.Doc()): Y.Doc {
  for (const [index, piece] of pieces.entries()) {
    Y.applyUpdate(onto, piece);
    if (!isWhole(onto)) throw new Error(`piece ${index} of ${pieces.length} rests on one behind it`);
  }
  return onto;
}

function expectSplit(doc: Y.Doc, ...lengths: readonly number[]): void {
  const whole = Y.encodeStateAsUpdate(doc);
  for (const length of lengths) {
    const pieces = splitUpdate(whole, length);
    expect(canonicalDoc(pieceByPiece(pieces))).toBe(canonicalDoc(doc));
  }
}

/** Several write at once and hear of each other now and then. */
function writtenTogether(draw: Draw, steps: number): Y.Doc[] {
  const docs = Array.from({ length: 2 + draw.below(4) }, () => drawnDoc(draw, { gc: draw.chance(0.8) }));
  const undos = docs.map((doc) => (draw.chance(0.5) ? undoOf(doc) : undefined));
  for (let step = 0; step < steps; step++) {
    const at = draw.below(docs.length);
    scribble(draw, docs[at]!, undos[at]);
    if (!draw.chance(0.3)) continue;
    const [from, to] = [draw.one(docs), draw.one(docs)];
    Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
  }
  return docs;
}

describe("split", () => {
  test("pieces of any length, of documents that several wrote at once, wait for nothing and make the same document", () => {
    for (let run = 0; run < 40; run++) {
      const draw = new Draw("split", SEED, run);
      const docs = writtenTogether(draw, 20 + draw.below(150));
      for (const doc of docs) expectSplit(doc, 1, 10 + draw.below(100), 300, 2000);
    }
  });

  test("what one lacks of another, split, is taken piece by piece", () => {
    for (let run = 0; run < 60; run++) {
      const draw = new Draw("split a diff", SEED, run);
      const [one, other] = writtenTogether(draw, 20 + draw.below(150)) as [Y.Doc, Y.Doc];
      const lacking = Y.encodeStateAsUpdate(one, Y.encodeStateVector(other));
      const whole = load(Y.encodeStateAsUpdate(other), lacking);
      const split = pieceByPiece(splitUpdate(lacking, 20 + draw.below(200)), load(Y.encodeStateAsUpdate(other)));
      expect(canonicalDoc(split)).toBe(canonicalDoc(whole));
    }
  });

  test("two authors character by character, each resting on the other's last", () => {
    const draw = new Draw("interleaved", SEED);
    const docs = [drawnDoc(draw), drawnDoc(draw)] as const;
    for (let n = 0; n < 3000; n++) {
      const [writer, reader] = n % 2 === 0 ? docs : [docs[1], docs[0]];
      writer.getText("body").insert(n, String(n % 10));
      Y.applyUpdate(reader, Y.encodeStateAsUpdate(writer, Y.encodeStateVector(reader)));
    }
    expectSplit(docs[0], 1, 50, 1000, 30_000);
  });

  test("one long text is cut, and never within a character", () => {
    const doc = drawnDoc(new Draw("long text", SEED));
    const text = "a🙂日".repeat(50_000);
    doc.getText("body").insert(0, text);
    for (const length of [999, 1000, 48_000]) {
      const pieces = splitUpdate(Y.encodeStateAsUpdate(doc), length);
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(3 * length + 100);
      expect(pieceByPiece(pieces).getText("body").toJSON() === text).toBe(true);
    }
    expectSplit(doc, 999, 48_000);
  });

  test("what was written around and into a long text stays in its place when it is cut", () => {
    for (let run = 0; run < 20; run++) {
      const draw = new Draw("around", SEED, run);
      const doc = drawnDoc(draw);
      const text = doc.getText("body");
      text.insert(0, "before after");
      text.insert(6, "long ".repeat(1000));
      const other = drawnDoc(draw);
      Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
      for (let n = 0; n < 20; n++) {
        scribble(draw, other);
        scribble(draw, doc);
      }
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
      expectSplit(doc, 100, 3000);
    }
  });

  test("a list of 5,000 values is cut", () => {
    const doc = drawnDoc(new Draw("list", SEED));
    const values = Array.from({ length: 5000 }, (_, n) => ({ n }));
    doc.getArray("list").insert(0, values);
    const pieces = splitUpdate(Y.encodeStateAsUpdate(doc), 5000);
    expect(pieces.length).toBeGreaterThan(4);
    expect(pieceByPiece(pieces).getArray("list").toJSON()).toEqual(values);
    expectSplit(doc, 1000, 5000);
  });

  test("a delete set of 20,000 ranges is cut", () => {
    const doc = drawnDoc(new Draw("deletes", SEED));
    const text = doc.getText("body");
    text.insert(0, "ab".repeat(20_000));
    doc.transact(() => {
      for (let n = 20_000; n-- > 0;) text.delete(n * 2, 1);
    });
    expectSplit(doc, 1000, 48_000);
  });

  test("an update that rests on what is not there, or has holes, is the same when its pieces and the rest are all there", () => {
    for (let run = 0; run < 60; run++) {
      const draw = new Draw("holes", SEED, run);
      const doc = drawnDoc(draw);
      const updates: Uint8Array[] = [];
      doc.on("update", (update: Uint8Array) => updates.push(update));
      for (let n = 0; n < 60; n++) scribble(draw, doc);
      const [kept, left]: [Uint8Array[], Uint8Array[]] = [[], []];
      for (const update of updates) (draw.chance(0.6) ? kept : left).push(update);
      if (kept.length === 0 || left.length === 0) continue;
      const pieces = splitUpdate(Y.mergeUpdates(kept), draw.one([1, 40, 200]));
      expect(canonicalDoc(load(...pieces, ...left))).toBe(canonicalDoc(doc));
    }
  });

  test("the time it takes is about linear: eight times the document takes far less than 64 times as long", () => {
    const draw = new Draw("linear", SEED);
    const [small, large] = [50_000, 400_000].map((bytes) => {
      const docs = [drawnDoc(draw), drawnDoc(draw)] as const;
      for (let n = 0; ; n++) {
        docs[n % 2]!.getText("body").insert(draw.below(docs[n % 2]!.getText("body").length + 1), "word ");
        if (n % 500 !== 0) continue;
        for (const [from, to] of [docs, docs.toReversed()] as [Y.Doc, Y.Doc][])
          Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
        if (Y.encodeStateAsUpdate(docs[0]).length > bytes) break;
      }
      const whole = Y.encodeStateAsUpdate(docs[0]);
      return quickest(5, () => void splitUpdate(whole, 6000));
    });
    expect(large! / small!).toBeLessThan(24);
  });
});

describe("read", () => {
  test("structs and deletes of any document are what the document has", () => {
    for (let run = 0; run < 100; run++) {
      const draw = new Draw("read", SEED, run);
      for (const doc of writtenTogether(draw, 60)) {
        const { structs, deletes, holes, needs } = readUpdate(Y.encodeStateAsUpdate(doc));
        const { clients } = Y.createDeleteSetFromStructStore(doc.store);
        expect(new Map([...structs].map(([client, { to }]) => [client, to]))).toEqual(readStateVector(Y.encodeStateVector(doc)));
        expect([...structs.values()].every(({ from }) => from === 0)).toBe(true);
        const deleted = new Map(
          [...clients].map(([client, ranges]) => [client, ranges.map(({ clock, len }) => ({ from: clock, to: clock + len }))]),
        );
        expect(deletes).toEqual(deleted);
        expect(holes).toBe(false);
        for (const [client, clock] of needs) expect(clock).toBeLessThanOrEqual(structs.get(client)!.to);
      }
    }
  });

  test("a change is read as from where it goes on", () => {
    const doc = drawnDoc(new Draw("change", SEED));
    const text = doc.getText("body");
    text.insert(0, "hello");
    let update = EMPTY_UPDATE;
    doc.on("update", (each: Uint8Array) => (update = each));
    text.insert(5, "!!");
    expect(readUpdate(update)).toMatchObject({ structs: new Map([[doc.clientID, { from: 5, to: 7 }]]), deletes: new Map() });
    text.delete(1, 2);
    expect(readUpdate(update)).toMatchObject({ structs: new Map(), deletes: new Map([[doc.clientID, [{ from: 1, to: 3 }]]]) });
  });

  test("no update says nothing; a document without content says nothing", () => {
    expect(isEmpty(readUpdate(EMPTY_UPDATE))).toBe(true);
    expect(isEmpty(readUpdate(Y.encodeStateAsUpdate(new Y.Doc())))).toBe(true);
    expect(splitUpdate(EMPTY_UPDATE, 1)).toHaveLength(0);
  });

  test("a struct that rests on its own client's future, or has no length, is refused", () => {
    /** One client (5), one struct at clock 0: a string whose left neighbour is client 5's clock 3. */
    expect(() => readUpdate(Uint8Array.of(1, 1, 5, 0, 0x84, 5, 3, 1, 97, 0))).toThrow("rests on its own");
    expect(() => readUpdate(Uint8Array.of(1, 1, 5, 0, 0, 0, 0))).toThrow("length 0");
  });

  test("structs left out in between are seen", () => {
    const doc = drawnDoc(new Draw("skip", SEED));
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    for (const letter of "abc") doc.getText("body").insert(0, letter);
    expect(readUpdate(Y.mergeUpdates([updates[0]!, updates[2]!])).holes).toBe(true);
    expect(readUpdate(Y.mergeUpdates(updates)).holes).toBe(false);
  });

  test("a state vector is written as Yjs writes it, and read", () => {
    const draw = new Draw("vector", SEED);
    for (const doc of writtenTogether(draw, 200)) {
      const clocks = readStateVector(Y.encodeStateVector(doc));
      expect(writeStateVector(clocks)).toEqual(Y.encodeStateVector(doc));
      expect(clocks.size).toBe(doc.store.clients.size);
    }
    expect(() => readStateVector(Uint8Array.of(2, 1, 1))).toThrow();
  });
});
