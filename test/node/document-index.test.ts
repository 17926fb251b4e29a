/** What a room knows of its document without having it, against the document itself; and each verdict on an update. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { DocumentIndex } from "../../server/parts/document/document-index.ts";
import { LiveDocument } from "../../server/parts/document/live-document.ts";
import { readUpdate, writeDeletes, type ClockRange } from "../../shared/document/update.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { canonicalDoc, drawnDoc, isWhole, load, scribble, undoOf } from "../kit/documents.ts";
import { quickest } from "../kit/quickest.ts";
import { Draw, SEED } from "../kit/random.ts";

const [ANN, BEN] = [1, 2];

/** Of a document: what is deleted, as the index says it. */
const deletesOf = (doc: Y.Doc): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, 0);
    writeDeletes(
      to,
      [...Y.createDeleteSetFromStructStore(doc.store).clients].map(([client, ranges]): [number, ClockRange[]] => [
        client,
        ranges.map(({ clock, len }) => ({ from: clock, to: clock + len })),
      ]),
    );
  });

/** A document, its index, and the way an update goes in a room. */
class Judged {
  index = new DocumentIndex();
  readonly live = new LiveDocument([]);
  readonly accepted: Uint8Array[] = [];

  take(update: Uint8Array, me: number = ANN): string {
    const content = readUpdate(update);
    const { kind } = this.index.judge(content, me);
    if (kind !== "new") return kind;
    const deleted = this.live.apply(update, content);
    this.index.add(content, me);
    this.accepted.push(update);
    const unsaid = this.index.unknown(deleted);
    if (unsaid) {
      this.index.add(readUpdate(unsaid), 0);
      this.accepted.push(unsaid);
    }
    return kind;
  }
}

/** A Yjs update by hand: `structs` of one client from `clock`, and no deletes. */
const updateOf = (client: number, clock: number, ...structs: readonly (readonly number[])[]): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, structs.length);
    encoding.writeVarUint(to, client);
    encoding.writeVarUint(to, clock);
    for (const struct of structs) encoding.writeUint8Array(to, Uint8Array.from(struct));
    encoding.writeVarUint(to, 0);
  });
/** A run of deleted content that claims a length: its info byte and a number. */
const gone = (length: number): number[] => [0, ...encode((to) => encoding.writeVarUint(to, length))];
const typed = (client: number, text: string): Y.Doc => {
  const doc = new Y.Doc();
  doc.clientID = client;
  doc.getText("body").insert(0, text);
  return doc;
};
const whole = (doc: Y.Doc): Uint8Array => Y.encodeStateAsUpdate(doc);

describe("the index knows what the document holds", () => {
  test("after updates of several in any order that can be taken: clocks, deletes, and all of it again from its bytes", () => {
    for (let run = 0; run < 80; run++) {
      const draw = new Draw("index", SEED, run);
      const room = new Judged();
      const docs = Array.from({ length: 2 + draw.below(3) }, () => drawnDoc(draw));
      const queues = docs.map((doc) => {
        const queue: Uint8Array[] = [];
        doc.on("update", (update: Uint8Array, origin: unknown) => void (origin !== "room" && queue.push(update)));
        return queue;
      });
      const undos = docs.map(undoOf);
      const heard = docs.map(() => 0);
      for (let step = 0; step < 120; step++) {
        const at = draw.below(docs.length);
        if (draw.chance(0.6)) scribble(draw, docs[at]!, undos[at]);
        if (draw.chance(0.5))
          for (const update of queues[at]!.splice(0, 1 + draw.below(5)))
            expect(["new", "nothing"]).toContain(room.take(update, at + 1));
        if (draw.chance(0.4))
          for (; heard[at]! < room.accepted.length; heard[at]!++) Y.applyUpdate(docs[at]!, room.accepted[heard[at]!]!, "room");
        if (draw.chance(0.1)) room.take(whole(docs[at]!), at + 1);
        if (draw.chance(0.1)) room.index = DocumentIndex.from(decoding.createDecoder(room.index.bytes()));
      }
      const doc = load(...room.accepted);
      expect(isWhole(doc)).toBe(true);
      expect(room.index.stateVector()).toEqual(Y.encodeStateVector(doc));
      expect(room.index.deletes()).toEqual(deletesOf(doc));
      expect(canonicalDoc(load(...room.live.pieces()))).toBe(canonicalDoc(doc));
      expect(DocumentIndex.from(decoding.createDecoder(room.index.bytes())).bytes()).toEqual(room.index.bytes());
      expect(room.take(whole(doc), 99)).toBe("nothing");
      for (const update of room.accepted) expect(room.take(update, 99)).toBe("nothing");
    }
  }, 60_000);

  test("a room tidies nothing away by itself: formats that do nothing stay until an editor deletes them", () => {
    const draw = new Draw("formats", SEED);
    const doc = drawnDoc(draw);
    const text = new Y.XmlText("hello world");
    doc.getXmlFragment("xml").insert(0, [text]);
    const other = load(whole(doc));
    other.clientID = 7;
    const there = other.getXmlFragment("xml").get(0) as Y.XmlText;
    text.format(0, 11, { bold: true });
    there.format(0, 11, { bold: true });
    const room = new Judged();
    const updates = [whole(doc), whole(other)];
    for (const update of updates) room.take(update, 1);
    expect(room.accepted).toEqual(updates);
  });

  test("of two values set at once, and of what is written into something deleted, it knows that it went", () => {
    const base = new Y.Doc();
    base.clientID = 1;
    base.getMap("map").set("in", new Y.Map());
    const [one, other] = [load(whole(base)), load(whole(base))];
    [one.clientID, other.clientID] = [2, 3];
    one.getMap("map").set("a", 1);
    other.getMap("map").set("a", 2);
    one.getMap("map").delete("in");
    (other.getMap("map").get("in") as Y.Map<number>).set("x", 1);
    const room = new Judged();
    for (const doc of [base, one, other]) expect(room.take(whole(doc), doc.clientID)).toBe("new");
    expect(room.index.deletes()).toEqual(deletesOf(load(...room.accepted)));
    expect(room.index.judge(readUpdate(whole(load(...room.accepted))), 0).kind).toBe("nothing");
  });
});

describe("judged", () => {
  test("nothing: what is empty, known, or deletes what is deleted", () => {
    const room = new Judged();
    const doc = typed(5, "hello");
    expect(room.take(whole(doc))).toBe("new");
    doc.getText("body").delete(1, 3);
    expect(room.take(whole(doc))).toBe("new");
    for (const known of [whole(doc), whole(new Y.Doc()), Uint8Array.of(0, 1, 5, 1, 2, 1), Uint8Array.of(0, 1, 5, 1, 2, 0)])
      expect(room.take(known, BEN)).toBe("nothing");
    expect(room.take(Uint8Array.of(0, 1, 5, 1, 0, 2))).toBe("new");
  });

  test("gap: structs from the future, with holes, on what is not there, and deletes of it", () => {
    const room = new Judged();
    const doc = typed(5, "a");
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    for (const letter of "bcd") doc.getText("body").insert(0, letter);
    expect(room.take(updates[0]!)).toBe("gap");
    expect(room.take(whole(typed(5, "a")))).toBe("new");
    expect(room.take(updates[1]!)).toBe("gap");
    expect(room.take(Y.mergeUpdates([updates[0]!, updates[2]!]))).toBe("gap");
    const other = typed(6, "x");
    Y.applyUpdate(other, whole(doc));
    other.getText("body").insert(2, "y");
    const resting = Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc));
    expect(room.take(resting)).toBe("gap");
    expect(room.take(Uint8Array.of(0, 1, 5, 1, 1, 1))).toBe("gap");
    expect(room.take(Uint8Array.of(0, 1, 9, 1, 0, 1))).toBe("gap");
    for (const update of updates) expect(room.take(update)).toBe("new");
    expect(room.take(resting)).toBe("new");
  });

  test("foreign: the same clocks of the same client with other words do not part two who think that they agree", () => {
    const room = new Judged();
    room.index.claim(5, ANN); // ann is here, and has written nothing yet
    const [victim, attacker] = [typed(5, "hello"), typed(5, "evil!")];
    expect(room.take(whole(attacker), BEN)).toBe("foreign");
    expect(room.take(whole(victim), ANN)).toBe("new");
    expect(room.take(whole(attacker), BEN)).toBe("nothing");
    attacker.getText("body").insert(0, "more");
    expect(room.take(whole(attacker), BEN)).toBe("foreign");
    expect(
      load(...room.live.pieces())
        .getText("body")
        .toJSON(),
    ).toBe("hello");
  });

  test("what is known of another's client may come again, and with new structs of one's own", () => {
    const room = new Judged();
    const ann = typed(5, "hello");
    expect(room.take(whole(ann), ANN)).toBe("new");
    const ben = typed(6, "");
    Y.applyUpdate(ben, whole(ann));
    ben.getText("body").insert(5, " world");
    ben.getText("body").delete(0, 1);
    expect(room.take(whole(ben), BEN)).toBe("new");
    expect(
      load(...room.live.pieces())
        .getText("body")
        .toJSON(),
    ).toBe("ello world");
  });

  test("an owner stays one, in the index's bytes too; 0 owns nothing", () => {
    const room = new Judged();
    expect([room.index.claim(5, ANN), room.index.claim(5, BEN), room.index.claim(5, ANN)]).toEqual([true, false, false]);
    room.index.add(readUpdate(whole(typed(7, "x"))), 0);
    const again = DocumentIndex.from(decoding.createDecoder(room.index.bytes()));
    expect([5, 7].map((client) => [again.mayBe(client, ANN), again.mayBe(client, BEN)])).toEqual([
      [true, false],
      [true, true],
    ]);
  });

  test("jump: 13 bytes do not move a clock out of the integers, nor two updates or one of many structs", () => {
    const room = new Judged();
    const far = updateOf(5, 0, gone(2 ** 45));
    expect(far.length).toBeLessThanOrEqual(13);
    expect(room.take(far)).toBe("jump");
    expect(room.take(updateOf(5, 0, ...Array.from({ length: 2 ** 10 }, () => gone(2 ** 15))))).toBe("jump");
    expect(room.take(updateOf(5, 0, gone(2 ** 24 + 1)))).toBe("jump");
    expect(room.take(updateOf(5, 0, gone(2 ** 24)))).toBe("new");
    expect(room.take(updateOf(5, 2 ** 24, gone(2 ** 52)))).toBe("jump");
    for (const length of [2 ** 53 - 1, 2 ** 53 - 2]) expect(room.take(updateOf(6, 0, gone(length)))).toBe("jump");
  });

  test("structs of clients in an order that no editor writes are no update: merging would drop some", () => {
    const [five, six] = [typed(5, "a"), typed(6, "b")].map((doc) => whole(doc).subarray(1, -1));
    expect(readUpdate(Uint8Array.of(2, ...six!, ...five!, 0)).structs.size).toBe(2);
    for (const clients of [
      [five!, six!],
      [six!, five!, six!],
    ])
      expect(() => readUpdate(Uint8Array.of(clients.length, ...clients.flatMap((each) => [...each]), 0))).toThrow(
        "behind those of",
      );
  });

  test("what rests on something that is not there is not applied, whatever the index says", () => {
    const doc = typed(5, "a");
    const before = Y.encodeStateVector(doc);
    doc.getText("body").insert(0, "b");
    for (const pending of [Y.encodeStateAsUpdate(doc, before), Uint8Array.of(0, 1, 5, 1, 0, 1)])
      expect(() => new LiveDocument([]).apply(pending, readUpdate(pending))).toThrow("rests on");
  });

  test("a struct between two of different lists is not applied: where it stands would depend on what came first", () => {
    const base = typed(5, "ab");
    base.getArray("list").insert(0, [1, 2]);
    const room = new Judged();
    room.take(whole(base));
    // Client 6: a letter behind 5:0 of the text and before 5:2 of the list.
    const torn = updateOf(6, 0, [0xc4, 5, 0, 5, 2, 1, 97]);
    expect(room.index.judge(readUpdate(torn), BEN).kind).toBe("new");
    expect(() => room.live.apply(torn, readUpdate(torn))).toThrow("do not follow each other");
    const fits = updateOf(6, 0, [0xc4, 5, 0, 5, 1, 1, 97]);
    const other = new LiveDocument([whole(base)]);
    expect(() => other.apply(fits, readUpdate(fits))).not.toThrow();
  });

  test("a struct between two that stand the other way round is not applied: where it stands would depend on what came first", () => {
    const base = typed(5, "abcd");
    base.getText("body").insert(0, "e"); // 5:4, before 5:0
    const room = new Judged();
    room.take(whole(base));
    for (const [left, right] of [
      [3, 1], // of one struct
      [1, 1],
      [0, 4], // of two
    ] as const) {
      const torn = updateOf(6, 0, [0xc4, 5, left, 5, right, 1, 97]);
      expect(room.index.judge(readUpdate(torn), BEN).kind).toBe("new");
      const other = new LiveDocument([whole(base)]);
      expect(() => other.apply(torn, readUpdate(torn))).toThrow("do not follow each other");
    }
    for (const [left, right] of [
      [1, 3],
      [4, 2],
    ] as const) {
      const fits = updateOf(6, 0, [0xc4, 5, left, 5, right, 1, 97]);
      expect(() => new LiveDocument([whole(base)]).apply(fits, readUpdate(fits))).not.toThrow();
    }
  });

  test("what it costs to judge does not grow with the document", () => {
    const [small, large] = [10, 100_000].map((ranges) => {
      const index = new DocumentIndex();
      index.add(
        {
          structs: new Map([[5, { from: 0, to: ranges * 2 }]]),
          deletes: new Map([[5, Array.from({ length: ranges }, (_, n) => ({ from: n * 2, to: n * 2 + 1 }))]]),
          needs: new Map(),
          holes: false,
          count: 1,
        },
        ANN,
      );
      const doc = typed(6, "x");
      const update = Y.mergeUpdates([whole(doc), Uint8Array.of(0, 1, 5, 2, 3, 1, 10, 2)]);
      return quickest(10, () => {
        for (let n = 0; n < 1000; n++) index.judge(readUpdate(update), BEN);
      });
    });
    expect(large! / small!).toBeLessThan(4); // of 10,000 times the ranges
  });
});
