/**
 * Spoilt updates, pushed into a room by many users, in the SDK's own frames and in those of stock clients: 20,000 of them,
 * `MUTATIONS=1000000 npm test -- node document-fuzz` for more. Whatever is taken, a document comes of it that everybody can load;
 * whatever is not, changes nothing; and nobody else is closed.
 */
import type { Room } from "coterie/client";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { writeEdit } from "../../shared/protocol/document.ts";
import { UP } from "../../shared/protocol/up.ts";
import { writeStep1, writeStep2, writeUpdate } from "../../shared/protocol/yjs.ts";
import { readSections } from "../../server/storage/pieces.ts";
import { storedDocument } from "../kit/document-life.ts";
import { canonicalDoc, difference, drawnDoc, isWhole, load, scribble } from "../kit/documents.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import { Intruder } from "../kit/intruder.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { Draw, SEED } from "../kit/random.ts";
import { simulate } from "../kit/simulation.ts";

const MUTATIONS = Number(process.env["MUTATIONS"] ?? 20_000);
const A_BATCH = 500;
/** Then a new room begins: a document that grew on would only make it slow. */
const A_ROOM = 2000;
const DOCUMENT = 3;

/** Real updates of somebody who has what the room has: one change, and several. */
function* corpus(draw: Draw, room: Uint8Array): Generator<Uint8Array> {
  const doc = drawnDoc(draw);
  Y.applyUpdate(doc, room);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (let n = 1 + draw.below(6); n > 0 || updates.length === 0; n--) scribble(draw, doc);
  yield updates[0]!;
  yield Y.mergeUpdates(updates);
  if (draw.chance(0.1)) yield Y.encodeStateAsUpdate(doc);
}

function spoilt(draw: Draw, from: readonly Uint8Array[]): Uint8Array {
  const update = draw.one(from).slice();
  for (let times = draw.one([0, 1, 1, 1, 2, 4]); times > 0; times--) {
    const at = draw.below(update.length);
    switch (draw.below(5)) {
      case 0:
        return update.slice(0, at);
      case 1: {
        const other = draw.one(from);
        return Uint8Array.of(...update.subarray(0, at), ...other.subarray(draw.below(other.length)));
      }
      case 2:
        update[at] = draw.one([0, 1, 0x7f, 0x80, 0xff, draw.below(256)]);
        break;
      case 3:
        return Uint8Array.of(...update.subarray(0, at), ...draw.bytes(1 + draw.below(4)), ...update.subarray(at + draw.below(4)));
      default:
        update[at]! ^= 1 << draw.below(8);
    }
  }
  return update;
}

interface Tally {
  taken: number;
  closed: Record<string, number>;
  slowest: { ms: number; update: string };
}

class Battle {
  readonly #draw: Draw;
  readonly #simulation = simulate(notesRoom, { snapshotRows: 200 });
  readonly #tally: Tally;
  #ann!: Room<typeof notesRoom>;
  #ben!: Room<typeof notesRoom>;
  #users = 0;
  #eve: Intruder | undefined;
  /** What who comes has of the document (a Yjs state vector): it is what they say that is the test, not what they are given. */
  #known: Uint8Array = Uint8Array.of(0);
  #stock = false;
  #number = 0;
  #left = 0;

  constructor(draw: Draw, tally: Tally) {
    this.#draw = draw;
    this.#tally = tally;
  }

  async begin(): Promise<this> {
    [this.#ann, this.#ben] = ["ann", "ben"].map((name) => this.#simulation.client(name).join(notesRoom, "notes")) as [
      Room<typeof notesRoom>,
      Room<typeof notesRoom>,
    ];
    await this.#simulation.advance(200);
    for (const { doc } of [this.#ann, this.#ben]) {
      doc.clientID = this.#draw.below(2 ** 32);
      doc.getText("body");
      doc.getMap("map");
      doc.getArray("list");
      doc.getXmlFragment("xml");
    }
    return this;
  }

  async batch(size: number): Promise<void> {
    this.#ann.doc.getText("body").insert(0, "ann ");
    await this.#simulation.advance(50);
    this.#ben.doc.getText("body").insert(0, "ben ");
    await this.#simulation.advance(200);
    const stored = Y.encodeStateAsUpdate(storedDocument(this.#simulation.store));
    this.#known = Y.encodeStateVectorFromUpdate(stored);
    const updates = [stored];
    for (let authors = 0; authors < 40; authors++) updates.push(...corpus(this.#draw, stored));
    for (let n = 0; n < size; n++) this.#push(spoilt(this.#draw, updates));
    this.#eve?.goes();
    this.#eve = undefined;
    await this.#simulation.advance(1000);
    await this.#check();
  }

  /** Someone new each time that the last was closed, and after a while. */
  #attacker(): Intruder {
    if (this.#eve && this.#eve.closed === undefined && --this.#left > 0) return this.#eve;
    this.#eve?.goes();
    const id = `eve ${++this.#users}`;
    this.#stock = this.#draw.chance(0.5);
    this.#number = 0;
    this.#left = 30;
    this.#eve = new Intruder(this.#simulation, { user: { id }, ...(this.#stock ? { stock: "y-websocket" } : {}) });
    const { room, store } = this.#simulation;
    const resume = { seq: room.inspect().seq, epoch: store.birth()!.createdAt };
    return this.#eve.says(this.#stock ? writeStep1(this.#known) : helloFrame(notesRoom, id, resume));
  }

  #push(update: Uint8Array): void {
    const { room } = this.#simulation;
    const eve = this.#attacker();
    const { seq } = room.inspect(); // the open group is written
    const start = performance.now();
    if (this.#stock) eve.says(this.#draw.one([writeStep2, writeUpdate])(update));
    else eve.says(frameOf([UP.edit, writeEdit({ number: ++this.#number, update })]));
    const ms = performance.now() - start;
    if (ms > this.#tally.slowest.ms) this.#tally.slowest = { ms, update: Buffer.from(update).toString("base64") };
    room.inspect();
    const taken = this.#simulation.store.rows(seq).some(({ bytes }) => readSections(bytes).has(DOCUMENT));
    if (taken) this.#tally.taken++;
    if (eve.closed === undefined) return;
    this.#tally.closed[eve.closed] = (this.#tally.closed[eve.closed] ?? 0) + 1;
    if (taken) throw new Error(`closed with ${eve.closed}, and yet stored: ${Buffer.from(update).toString("base64")}`);
  }

  async #check(): Promise<void> {
    const stored = storedDocument(this.#simulation.store);
    expect(isWhole(stored)).toBe(true);
    expect(isWhole(load(Y.encodeStateAsUpdate(stored)))).toBe(true);
    const zoe = this.#simulation.client("zoe", { scopes: ["read"] }).join(notesRoom, "notes");
    await this.#simulation.advance(3000);
    for (const { doc, status } of [this.#ann, this.#ben, zoe]) {
      expect([status, isWhole(doc)]).toEqual(["connected", true]);
      if (canonicalDoc(doc) !== canonicalDoc(stored)) throw new Error(`one has not what is stored: ${difference(doc, stored)}`);
    }
    for (const { sync } of [this.#ann, this.#ben]) expect(sync).toEqual({ state: "saved", pending: 0 });
    for (const { user } of this.#simulation.room.inspect().connections) expect(["ann", "ben", "zoe"]).toContain(user);
    zoe.destroy();
    await this.#simulation.advance(100);
  }

  end(): void {
    this.#ann.destroy();
    this.#ben.destroy();
  }
}

test(`[P5] ${MUTATIONS} spoilt updates: everybody can load what comes of them, and nobody else is closed`, async () => {
  const tally: Tally = { taken: 0, closed: {}, slowest: { ms: 0, update: "" } };
  for (let first = 0; first < MUTATIONS; first += A_ROOM) {
    const battle = await new Battle(new Draw("fuzz", SEED, first), tally).begin();
    for (let n = first; n < Math.min(first + A_ROOM, MUTATIONS); n += A_BATCH) await battle.batch(A_BATCH);
    battle.end();
  }
  console.log(
    `seed ${SEED}, ${MUTATIONS} updates: ${tally.taken} taken; closed ${JSON.stringify(tally.closed)}; ` +
      `the slowest took ${tally.slowest.ms.toFixed(1)} ms: ${tally.slowest.update.slice(0, 200)}`,
  );
  expect(tally.taken).toBeGreaterThan(MUTATIONS / 100);
}, 36_000_000);
