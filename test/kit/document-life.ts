/**
 * One random life of a room with a document: people write, on the SDK and on stock clients, are cut off, go offline and come
 * back, the object sleeps, crashes and fails to write. Then it is quiet, and what the promises say must hold. Everything is
 * drawn from one seed, client ids too, so a run is the same every time.
 */
import type { Room } from "coterie/client";
import * as Y from "yjs";
import { updatesOf } from "../../server/parts/document/stored.ts";
import { Journal } from "../../server/room/journal.ts";
import type { MemoryStore } from "../../server/storage/memory-store.ts";
import { readSections } from "../../server/storage/pieces.ts";
import { canonicalDoc, difference, isWhole, load, scribble, undoOf } from "./documents.ts";
import { notesRoom } from "./notes-room.ts";
import type { Draw } from "./random.ts";
import { simulate, type Simulation, type SimulatedClient } from "./simulation.ts";
import { StockPage } from "./stock-page.ts";
import { Broken } from "./witness.ts";

const USERS = ["ann", "ben", "cleo", "dan"];
const STEPS = 40;
/** Longer than anything in the room or the SDK waits. */
const QUIET_MS = 60_000;
const DOCUMENT = 3;

/** What a store holds of a document, read past the part. */
export function storedDocument(store: MemoryStore): Y.Doc {
  const journal = new Journal(store, 1000);
  for (const _ of journal.load()?.rows ?? []); // it knows how far it goes when it has been read
  return load(...journal.section(DOCUMENT, updatesOf));
}

interface Page {
  readonly user: string;
  readonly wire: SimulatedClient;
  readonly room: Room<typeof notesRoom>;
  readonly undo: Y.UndoManager;
}

export class DocumentLife {
  readonly simulation: Simulation;
  readonly #draw: Draw;
  readonly #stockUsers: boolean;
  #pages: Page[] = [];
  #stock: StockPage[] = [];
  /** All that any page saw as saved: what is in it is never to be lost. */
  readonly #saved = new Y.Doc();
  operations = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.#stockUsers = draw.chance(0.4);
    this.simulation = simulate(notesRoom, {
      commitMs: draw.one([1, 30]),
      latencyMs: 1 + draw.below(80),
      snapshotRows: draw.one([5, 20, 1000]),
    });
  }

  async run(): Promise<void> {
    for (let n = 2 + this.#draw.below(3); n > 0; n--) this.#join();
    // Longer than a window: it is sent bit by bit, and faults come in between.
    if (this.#draw.chance(0.06)) this.#draw.one(this.#docs).getText("long").insert(0, "long ".repeat(80_000));
    await this.simulation.advance(this.#draw.below(400));
    for (let step = 0; step < STEPS; step++) {
      this.#write();
      if (this.#draw.chance(0.15)) await this.#disturb();
      await this.simulation.advance(this.#draw.chance(0.1) ? this.#draw.below(2000) : this.#draw.below(60));
      this.#note();
    }
    for (const { room } of this.#pages) room.connect();
    await this.simulation.advance(QUIET_MS);
    this.#note();
    await this.#check();
  }

  get #docs(): Y.Doc[] {
    return [...this.#pages.map(({ room }) => room.doc), ...this.#stock.map(({ doc }) => doc)];
  }

  // ---- what people do

  #join(): void {
    if (this.#pages.length + this.#stock.length >= 5) return;
    const user = this.#draw.one(USERS);
    if (this.#stockUsers && this.#draw.chance(0.4)) {
      this.#stock.push(new StockPage(this.simulation, user, this.#draw.below(2 ** 32)));
      return;
    }
    const wire = this.simulation.client(user);
    const room = wire.join(notesRoom, "notes");
    room.ready.catch(() => {});
    room.doc.clientID = this.#draw.below(2 ** 32);
    this.#pages.push({ user, wire, room, undo: undoOf(room.doc) });
  }

  #write(): void {
    for (let n = this.#draw.below(11); n > 0; n--) {
      this.operations++;
      if (this.#stock.length > 0 && this.#draw.chance(0.3)) {
        const { doc, undo } = this.#draw.one(this.#stock);
        scribble(this.#draw, doc, undo);
      } else if (this.#pages.length > 0) {
        const { room, undo } = this.#draw.one(this.#pages);
        scribble(this.#draw, room.doc, undo);
      }
    }
  }

  /** Whoever sees "saved" may close the page: all that it has is then the room's. */
  #note(): void {
    for (const { room } of this.#pages)
      if (room.sync.state === "saved")
        Y.applyUpdate(this.#saved, Y.encodeStateAsUpdate(room.doc, Y.encodeStateVector(this.#saved)));
  }

  // ---- what befalls them

  async #disturb(): Promise<void> {
    const { simulation } = this;
    const page = this.#pages.length > 0 ? this.#draw.one(this.#pages) : undefined;
    switch (this.#draw.below(13)) {
      case 0:
        page?.wire.network.drop();
        break;
      case 1:
        if (this.#stock.length > 0) this.#draw.one(this.#stock).cut();
        break;
      case 2:
        simulation.crash();
        this.#keeps("after a crash");
        break;
      case 3:
        for (let times = 1 + this.#draw.below(3); times > 0; times--) {
          await this.#sleep();
          await simulation.advance(this.#draw.below(200));
        }
        break;
      case 4:
        simulation.store.failure = new Error("database or disk is full: SQLITE_FULL");
        break;
      case 5:
        simulation.commitFailure = new Error("disk I/O error: SQLITE_IOERR");
        break;
      case 6:
        if (!page || this.#pages.length < 2 || page.room.sync.state !== "saved") break;
        this.#note();
        page.room.destroy();
        this.#pages = this.#pages.filter((each) => each !== page);
        break;
      case 7:
        page?.room.disconnect();
        this.#write();
        await simulation.advance(this.#draw.below(300));
        this.#write();
        page?.room.connect();
        break;
      case 8:
        page?.room.disconnect(); // until it is quiet
        break;
      case 9:
        simulation.lag(this.#draw.below(6), this.#draw.below(3000));
        break;
      case 10:
      case 11:
        // In the middle of somebody's coming, or being given the document.
        this.#join();
        await simulation.advance(this.#draw.below(6 * simulation.latencyMs));
        switch (this.#draw.below(3)) {
          case 0:
            this.#pages.at(-1)?.wire.network.drop();
            break;
          case 1:
            this.#stock.at(-1)?.cut();
            break;
          default:
            await this.#sleep();
        }
        break;
      default:
        this.#join();
    }
  }

  async #sleep(): Promise<void> {
    if (!(await this.simulation.comesToRest())) return;
    this.#note();
    this.simulation.evict();
    if (this.#draw.chance(0.5)) this.simulation.room.inspect();
  }

  // ---- what must hold

  /** [P1] */
  #keeps(when: string): void {
    const stored = storedDocument(this.simulation.durable);
    if (!isWhole(stored)) throw new Broken(`[P4] what is stored ${when} rests on what is not there`);
    const before = canonicalDoc(stored);
    Y.applyUpdate(stored, Y.encodeStateAsUpdate(this.#saved));
    if (canonicalDoc(stored) !== before)
      throw new Broken(
        `[P1] something that was saved is not stored ${when}: ${difference(load(Buffer.from(before, "base64")), stored)}`,
      );
  }

  async #check(): Promise<void> {
    this.#keeps("at the end");
    const zoe = this.simulation.client("zoe", { scopes: ["read"] }).join(notesRoom, "notes");
    const strange = new StockPage(this.simulation, "zeno", 1);
    await this.simulation.advance(2000);
    // With what newcomers have made of it: Yjs deletes formats that do nothing, and says so (life 12796).
    const stored = storedDocument(this.simulation.store);
    const expected = canonicalDoc(stored);
    const last = this.simulation.store.rows(0).at(-1)?.seq ?? 0;
    const all: [string, Y.Doc][] = [
      ...this.#pages.map(({ user, room }): [string, Y.Doc] => [user, room.doc]),
      ...this.#stock.map(({ user, doc }): [string, Y.Doc] => [`${user} on a stock client`, doc]),
      ["a newcomer", zoe.doc],
      ["a newcomer on a stock client", strange.doc],
    ];
    for (const [who, doc] of all) {
      if (!isWhole(doc)) throw new Broken(`[P4] what ${who} has rests on what is not there`);
      if (canonicalDoc(doc) !== expected) throw new Broken(`[P4] ${who} has not what is stored: ${difference(doc, stored)}`);
    }
    for (const { user, room } of this.#pages) {
      const { state, pending } = room.sync;
      if (room.status !== "connected" || state !== "saved" || pending !== 0)
        throw new Broken(`[P1] ${user} is ${room.status}, ${state}, with ${pending} unsaved`);
    }
    for (const { user, denied } of this.#stock) if (denied.length > 0) throw new Broken(`[P5] ${user} was told ${denied.join()}`);
    for (const { room } of this.#pages) room.destroy();
    for (const page of [...this.#stock, strange]) page.destroy();
    zoe.destroy();
    await this.simulation.advance(QUIET_MS);
    if (this.simulation.store.rows(last).some(({ bytes }) => hasUpdates(bytes)))
      throw new Broken("[P9] rows were written for what was known");
  }
}

function hasUpdates(row: Uint8Array): boolean {
  const section = readSections(row).get(DOCUMENT);
  return section !== undefined && [...updatesOf(section)].length > 0;
}
