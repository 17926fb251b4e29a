/** What stock Yjs clients may say, in which form, and what they are told. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { beforeEach, describe, expect, test } from "vitest";
import { writeSyncStep1, writeSyncStep2, writeUpdate as writeTheirUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import type { Facts } from "../../server/room/connections.ts";
import { readStateVector, writeStateVector } from "../../shared/document/update.ts";
import { encode } from "../../shared/protocol/frame.ts";
import {
  QUERY_AWARENESS,
  readY,
  STILL_HERE,
  writeAwareness,
  writeDenied,
  writeStep1,
  writeStep2,
  writeUpdate,
} from "../../shared/protocol/yjs.ts";
import { canonicalDoc, load } from "../kit/documents.ts";
import { Intruder } from "../kit/intruder.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { Draw, SEED } from "../kit/random.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
/** As `y-protocols` says it, in a frame. */
const theirs = (type: number, write: (to: encoding.Encoder) => void): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, type);
    write(to);
  });
/** The same number one byte longer than it needs to be. */
const overlong = (n: number): Uint8Array => {
  const short = encode((to) => encoding.writeVarUint(to, n));
  return bytes(...short.subarray(0, -1), short.at(-1)! | 0x80, 0);
};
const joined = (...parts: Uint8Array[]): Uint8Array => bytes(...parts.flatMap((part) => [...part]));

describe("the dialect", () => {
  const draw = new Draw("dialect", SEED);
  const bodies = [0, 1, 127, 128, 20_000].map((length) => draw.bytes(length));

  test("every write has its read", () => {
    for (const body of bodies) {
      expect(readY(writeStep1(body))).toEqual({ kind: "step1", stateVector: body });
      expect(readY(writeStep2(body))).toEqual({ kind: "update", update: body, step2: true });
      expect(readY(writeUpdate(body))).toEqual({ kind: "update", update: body, step2: false });
      expect(readY(writeAwareness(body))).toEqual({ kind: "awareness", update: body });
    }
    expect(readY(QUERY_AWARENESS)).toEqual({ kind: "query" });
    expect(readY(STILL_HERE)).toEqual({ kind: "awareness", update: bytes(0) });
  });

  test("it is that of y-protocols, byte for byte", () => {
    const doc = new Y.Doc();
    doc.getText("body").insert(0, "hello");
    const update = Y.encodeStateAsUpdate(doc);
    expect(writeStep1(Y.encodeStateVector(doc))).toEqual(theirs(0, (to) => writeSyncStep1(to, doc)));
    expect(writeStep2(update)).toEqual(theirs(0, (to) => writeSyncStep2(to, doc)));
    expect(writeUpdate(update)).toEqual(theirs(0, (to) => writeTheirUpdate(to, update)));
  });

  test("a number longer than it needs to be is refused wherever it stands", () => {
    for (const [type, step] of [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, undefined],
    ] as const)
      for (const body of bodies) {
        const parts = [type, ...(step === undefined ? [] : [step]), body.length].map((n) =>
          encode((to) => encoding.writeVarUint(to, n)),
        );
        expect(() => readY(joined(...parts, body))).not.toThrow();
        for (const [at, n] of [type, ...(step === undefined ? [] : [step]), body.length].entries())
          expect(() => readY(joined(...parts.with(at, overlong(n)), body))).toThrow("expected");
      }
    expect(() => readY(overlong(3))).toThrow("expected");
    expect(() => readY(bytes(0x80, 0, 0x82, 0, 2, 0, 0))).toThrow("expected"); // a filter of first bytes lets this pass
  });

  test("what is cut short, or goes on behind its end, is refused", () => {
    for (const frame of [
      writeStep1(bytes(0)),
      writeStep2(bytes(0, 0)),
      writeUpdate(bytes(0, 0)),
      writeAwareness(bytes(0)),
      QUERY_AWARENESS,
    ]) {
      for (let length = 0; length < frame.length; length++) expect(() => readY(frame.subarray(0, length))).toThrow();
      for (const more of [bytes(0), frame]) expect(() => readY(joined(frame, more))).toThrow("after a message");
    }
    expect(() => readY(bytes(0, 2, 0xff, 0xff, 0xff, 0xff, 0x0f))).toThrow("bytes in a frame");
  });

  test("of all first bytes, and all second ones behind a 0, only those that clients say are read", () => {
    const reads = (...start: number[]): boolean => {
      try {
        readY(bytes(...start, 0));
        return true;
      } catch {
        return false;
      }
    };
    const all = Array.from({ length: 256 }, (_, n) => n);
    expect(all.filter((first) => reads(first))).toEqual([1]);
    expect(all.filter((first) => reads(first, 0))).toEqual([0]); // step 1 of nothing
    expect(all.filter((second) => reads(0, second))).toEqual([0, 1, 2]);
    expect(() => readY(writeDenied("no"))).toThrow("type 2"); // only the room says so
  });
});

describe("in a room", () => {
  let simulation: Simulation;
  const [STEP1, NOTHING] = [writeStep1(bytes(0)), writeStep2(bytes(0, 0))];

  beforeEach(async () => {
    simulation = simulate(notesRoom);
    const ann = simulation.client("ann").join(notesRoom, "notes");
    await simulation.advance(200);
    ann.doc.getText("body").insert(0, "hello");
    ann.awareness.setLocalState({ name: "Ann" });
    await simulation.advance(200);
  });

  const stock = (facts: Partial<Facts> = {}): Intruder => new Intruder(simulation, { stock: "y-websocket", ...facts });
  const kinds = ({ sent }: Intruder): string[] =>
    sent.map((frame) =>
      frame[0] === 2 ? "denied" : readY(frame).kind + ("step2" in readY(frame) && frame[1] === 1 ? " (step 2)" : ""),
    );

  test("[P5] whatever is said before step 1 closes with 4400, and nobody hears of it", async () => {
    const before = simulation.sent.length;
    for (const frame of [NOTHING, writeUpdate(bytes(0, 0)), writeAwareness(bytes(0)), QUERY_AWARENESS])
      expect(stock().says(frame).closed).toBe(4400);
    for (let first = 0; first < 256; first++) expect([first, stock().says(bytes(first, 7, 7)).closed]).toEqual([first, 4400]);
    await simulation.advance(200);
    expect(simulation.sent.length).toBe(before);
  });

  test("[P10] step 1 is answered with what is lacked, a step 2, a question, and who is there: one message a frame", async () => {
    const guest = stock().says(STEP1);
    await simulation.advance(100);
    expect(kinds(guest)).toEqual(["update", "update (step 2)", "step1", "awareness"]);
    const updates = guest.sent.map((frame) => readY(frame)).flatMap((it) => (it.kind === "update" ? [it.update] : []));
    expect(
      load(...updates)
        .getText("body")
        .toJSON(),
    ).toBe("hello");
    guest.sent.length = 0;
    guest.says(writeStep1(Y.encodeStateVector(load(...updates))));
    await simulation.advance(100);
    expect(kinds(guest)).toEqual(["update (step 2)", "step1", "awareness"]);
  });

  test("[P5] a step 1 that is no state vector closes with 4400", () => {
    for (const vector of [bytes(), bytes(2, 1, 1), bytes(0, 0)]) expect(stock().says(writeStep1(vector)).closed).toBe(4400);
    const guest = stock().says(STEP1);
    expect(guest.says(writeStep1(bytes(2, 1, 1))).closed).toBe(4400);
  });

  test("[P8] what a client says that it has, and nobody ever wrote, is not kept; the rest is forgotten once it is here", async () => {
    const guest = stock().says(STEP1);
    await simulation.advance(100);
    const [update] = guest.sent.map((frame) => readY(frame)).flatMap((it) => (it.kind === "update" ? [it.update] : []));
    const [[client, clock]] = [...readStateVector(Y.encodeStateVectorFromUpdate(update!))] as [[number, number]];
    const said = new Map([[client, clock + 1_000_000]]);
    for (let n = 0; n < 50_000; n++) said.set(n, 1);
    stock().says(STEP1); // it is served at once, and who comes in the next moment waits
    const other = stock().says(writeStep1(writeStateVector(said)));
    const connection = [...simulation.room.connections].at(-1)!;
    expect(readStateVector(connection.stateVector!)).toEqual(new Map([[client, clock]]));
    await simulation.advance(100);
    expect(kinds(other)).toEqual(["update (step 2)", "step1", "awareness"]);
    expect(connection.stateVector).toBeUndefined();
  });

  test("[P10] a query is answered with who is there, at once", async () => {
    const guest = stock().says(STEP1);
    await simulation.advance(100);
    guest.sent.length = 0;
    guest.says(QUERY_AWARENESS);
    expect(kinds(guest)).toEqual(["awareness"]);
  });

  test("[P5] who may only read changes nothing: its empty step 2 passes, what would change something is answered with a no", async () => {
    const reader = stock({ user: { id: "reader" }, scopes: ["read"] }).says(STEP1);
    await simulation.advance(100);
    const updates = reader.sent.map((frame) => readY(frame)).flatMap((it) => (it.kind === "update" ? [it.update] : []));
    const doc = load(...updates);
    const rows = simulation.store.rows(0).length;
    reader.sent.length = 0;
    for (const known of [NOTHING, writeStep2(Y.encodeStateAsUpdate(doc)), writeUpdate(Y.encodeStateAsUpdate(doc))])
      reader.says(known);
    await simulation.advance(100);
    expect([kinds(reader), reader.closed]).toEqual([[], undefined]);
    const before = canonicalDoc(doc);
    doc.getText("body").insert(0, "no ");
    for (const write of [writeStep2, writeUpdate]) {
      reader.says(write(Y.encodeStateAsUpdate(doc)));
      await simulation.advance(100);
    }
    reader.says(
      writeUpdate(
        bytes(
          0,
          1,
          ...encode((to) =>
            encoding.writeVarUint(
              to,
              load(...updates)
                .store.clients.keys()
                .next().value!,
            ),
          ),
          1,
          0,
          1,
        ),
      ),
    );
    await simulation.advance(100);
    expect(kinds(reader)).toEqual(["denied", "denied", "denied"]);
    for (const frame of reader.sent) {
      const from = decoding.createDecoder(frame);
      expect([decoding.readVarUint(from), decoding.readVarUint(from), decoding.readVarString(from)]).toEqual([
        2,
        0,
        "this token does not allow editing",
      ]);
      expect(decoding.hasContent(from)).toBe(false);
    }
    expect(simulation.store.rows(0).length).toBe(rows);
    const zoe = simulation.client("zoe").join(notesRoom, "notes");
    await simulation.advance(200);
    expect(canonicalDoc(zoe.doc)).toBe(before);
  });

  test("[P5] overlong numbers do not get a reader past the room", async () => {
    for (const frame of [
      bytes(0x80, 0, 2, 2, 0, 0),
      bytes(0, 0x82, 0, 2, 0, 0),
      bytes(0x80, 0, 0x82, 0, 2, 0, 0),
      bytes(0, 2, 0x82, 0, 0, 0),
    ]) {
      const reader = stock({ scopes: ["read"] }).says(STEP1);
      await simulation.advance(100);
      expect(reader.says(frame).closed).toBe(4400);
    }
  });

  test("[P5] all first bytes in an open room: only what is the dialect's does not close", async () => {
    for (let first = 0; first < 256; first++) {
      const guest = stock({ user: { id: `guest ${first}` } }).says(STEP1);
      await simulation.advance(50);
      guest.says(bytes(first, 1, 0));
      expect([first, guest.closed]).toEqual([first, first === 1 ? undefined : 4400]);
      guest.goes();
    }
  });

  test("[P5] an update that rests on what is not there is answered with a step 1, and changes nothing", async () => {
    const guest = stock().says(STEP1);
    await simulation.advance(100);
    const doc = new Y.Doc();
    doc.getText("body").insert(0, "a");
    const first = Y.encodeStateVector(doc);
    doc.getText("body").insert(1, "b");
    const rows = simulation.store.rows(0).length;
    guest.sent.length = 0;
    guest.says(writeUpdate(Y.encodeStateAsUpdate(doc, first)));
    await simulation.advance(100);
    expect([kinds(guest), simulation.store.rows(0).length]).toEqual([["step1"], rows]);
    guest.says(writeStep2(Y.encodeStateAsUpdate(doc)));
    await simulation.advance(100);
    expect(simulation.store.rows(0).length).toBe(rows + 1);
  });

  test("[P5] who may only read is not told off for deletes that went without being said", async () => {
    const map = (name: string): Y.Map<string> => simulation.client(name).join(notesRoom, "notes").doc.getMap<string>("map");
    const [ben, cleo] = [map("ben"), map("cleo")];
    await simulation.advance(200);
    ben.set("a", "ben's");
    cleo.set("a", "cleo's"); // one of the two goes
    await simulation.advance(200);
    const reader = stock({ user: { id: "reader" }, scopes: ["read"] }).says(STEP1);
    await simulation.advance(100);
    reader.sent.length = 0;
    reader.says(writeStep2(Y.encodeStateAsUpdate(cleo.doc!)));
    await simulation.advance(100);
    expect(kinds(reader)).toEqual([]);
  });

  test("[P5] an update that fails half-way leaves nothing behind, and its user takes no part for a minute", async () => {
    simulation = simulate(notesRoom, { snapshotRows: 4 });
    const ann = simulation.client("ann").join(notesRoom, "notes");
    await simulation.advance(200);
    ann.doc.clientID = 5;
    ann.doc.getText("body").insert(0, "ab");
    ann.doc.getArray("list").insert(0, [1, 2]);
    await simulation.advance(200);
    const torn = bytes(1, 1, 6, 0, 0xc4, 5, 0, 5, 2, 1, 97, 0); // a letter between one of the text and one of the list
    expect(stock().says(STEP1).says(writeUpdate(torn)).closed).toBe(4400);
    const other = new Y.Doc();
    other.getText("body").insert(0, "x");
    expect(
      stock()
        .says(STEP1)
        .says(writeUpdate(Y.encodeStateAsUpdate(other))).closed,
    ).toBe(4529);
    for (let n = 0; n < 10; n++) {
      ann.doc.getText("body").insert(0, String(n));
      await simulation.advance(200);
    }
    expect(simulation.room.inspect().counters.snapshots + (simulation.store.snapshot() ?? 0)).toBeGreaterThan(0);
    const zoe = simulation.client("zoe").join(notesRoom, "notes");
    await simulation.advance(500);
    expect(canonicalDoc(zoe.doc)).toBe(canonicalDoc(ann.doc));
    await simulation.advance(60_000);
    const late = stock()
      .says(STEP1)
      .says(writeUpdate(Y.encodeStateAsUpdate(other)));
    await simulation.advance(200);
    expect([late.closed, zoe.doc.getText("body").toJSON().includes("x")]).toEqual([undefined, true]);
  });
});
