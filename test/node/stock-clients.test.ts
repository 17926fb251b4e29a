/** Clients that speak y-protocols, in the simulation: what goes wrong between them and the room where they cannot say so. */
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { readY, STILL_HERE, writeAwareness, writeStep1, writeStep2, writeUpdate } from "../../shared/protocol/yjs.ts";
import type { Connection, Scope } from "../../server/room/connections.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";
import { StockPage } from "../kit/stock-page.ts";

/** A `y-websocket` of a few lines, at once in the room. */
class StockClient {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  /** What the room sent. */
  readonly frames: Uint8Array[] = [];
  readonly #simulation: Simulation;
  readonly #connection: Connection;

  constructor(simulation: Simulation, user: string, scopes: readonly Scope[] = ["read", "presence", "write", "create"]) {
    this.#simulation = simulation;
    this.#connection = simulation.room.connect(
      { send: (bytes) => void this.frames.push(bytes), close: () => {}, heardAt: () => 0, attach: () => {} },
      { user: { id: user }, scopes, expiresAt: Infinity, stock: "y-websocket" },
    );
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#say(writeUpdate(update));
    });
    this.#say(writeStep1(Y.encodeStateVector(this.doc)));
  }

  get stage(): string {
    return this.#connection.stage;
  }

  get text(): Y.Text {
    return this.doc.getText("text");
  }

  show(state: Record<string, unknown> | null): void {
    this.awareness.setLocalState(state);
    this.#say(writeAwareness(encodeAwarenessUpdate(this.awareness, [this.doc.clientID])));
  }

  #say(frame: Uint8Array): void {
    this.#simulation.room.receive(this.#connection, frame);
  }

  /** Reads what has come, and answers it. */
  read(): void {
    for (const frame of this.frames.splice(0)) {
      const message = readY(frame);
      if (message.kind === "update") Y.applyUpdate(this.doc, message.update, this);
      else if (message.kind === "awareness") applyAwarenessUpdate(this.awareness, message.update, this);
      else if (message.kind === "query")
        this.#say(writeAwareness(encodeAwarenessUpdate(this.awareness, [...this.awareness.getStates().keys()])));
      else this.#say(writeStep2(Y.encodeStateAsUpdate(this.doc, message.stateVector)));
    }
  }
}

async function run(simulation: Simulation, clients: readonly StockClient[], ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 20) {
    await simulation.advance(20);
    for (const client of clients) client.read();
  }
}

test("[P1] [P10] a group that cannot be stored is asked for again: stock clients take what they sent for stored", async () => {
  const simulation = simulate(notesRoom);
  const [ann, ben] = [new StockClient(simulation, "ann"), new StockClient(simulation, "ben")];
  await run(simulation, [ann, ben], 200);
  ann.text.insert(0, "abc");
  await run(simulation, [ann, ben], 200);
  simulation.store.failure = new Error("SQLITE_FULL");
  ann.text.delete(0, 1);
  ann.text.insert(2, "d");
  await run(simulation, [ann, ben], 3000);
  expect([ann, ben].map(({ text }) => text.toString())).toEqual(["bcd", "bcd"]);
  simulation.crash();
  const cleo = simulation.client("cleo").join(notesRoom, "notes");
  await simulation.advance(1000);
  expect(cleo.doc.getText("text").toString()).toBe("bcd");
});

test("[P1] [P5] a client id that was shown by someone whose coming could not be stored is not another's afterwards (life 9736)", async () => {
  const simulation = simulate(notesRoom);
  const ann = new StockClient(simulation, "ann");
  await simulation.advance(100);
  const page = new StockPage(simulation, "cleo", 7);
  page.awareness.setLocalState({ name: "cleo" });
  await simulation.advance(14);
  ann.text.insert(0, "busy "); // the next group stays open for a while
  simulation.store.failure = new Error("SQLITE_FULL"); // it is the one in which she comes, and is given a number
  await simulation.advance(100);
  expect(page.closed).toEqual([4500]);
  const dan = simulation.client("dan").join(notesRoom, "notes");
  await simulation.advance(100); // he is given that number
  ann.text.insert(0, "ann");
  dan.doc.getText("text").insert(0, "dan");
  await simulation.advance(400);
  page.doc.getText("text").insert(0, "cleo ");
  await simulation.advance(1000);
  expect(page.closed).toEqual([4500]);
  expect(dan.doc.getText("text").toJSON()).toContain("cleo ");
});

test.each([["presence"], []] as const)(
  "[P8] [P10] one that lags and then answers catches up, also when its clock was raised meanwhile (scopes besides read: %j)",
  async (...more) => {
    const simulation = simulate(notesRoom);
    const ann = new StockClient(simulation, "ann");
    const slow = new StockClient(simulation, "slow", ["read", ...more]);
    await run(simulation, [ann, slow], 200);
    slow.show({ name: "Slow" });
    await run(simulation, [ann, slow], 200);
    for (let n = 0; n < 40; n++) {
      ann.text.insert(0, `${n} `.repeat(20_000));
      if (n % 10 === 0) ann.show({ n });
      await run(simulation, [ann], 400);
    }
    expect(slow.stage).toBe("lagging");
    ann.awareness.destroy();
    await run(simulation, [ann, slow], 1000);
    expect([slow.stage, slow.text.length]).toEqual(["open", ann.text.length]);
    slow.awareness.destroy();
  },
);

test("[P10] one that shows nothing, alone, hears of the room within 25 s, again and again", async () => {
  const simulation = simulate(notesRoom);
  const quiet = new StockClient(simulation, "quiet", ["read", "create"]);
  await run(simulation, [quiet], 100);
  for (let time = 0; time < 3; time++) {
    await simulation.advance(25_000);
    expect(quiet.frames).toContainEqual(STILL_HERE);
    quiet.read();
  }
  quiet.awareness.destroy();
});

test("[P6] [P10] each time the object wakes its clocks are above those that peers have heard, though nobody has moved", async () => {
  const simulation = simulate(notesRoom);
  const [first, ann, ben] = ["first", "ann", "ben"].map((user, client) => new StockPage(simulation, user, client)) as [
    StockPage,
    StockPage,
    StockPage,
  ];
  await simulation.advance(6000);
  const clocks: number[] = [];
  for (let time = 0; time < 3; time++) {
    expect(await simulation.comesToRest()).toBe(true);
    simulation.evict();
    ben.awareness.setLocalState({ time });
    await simulation.advance(200);
    clocks.push(ben.awareness.meta.get(1)!.clock);
  }
  expect(clocks).toEqual([...new Set(clocks)].sort((a, b) => a - b));
  expect(ben.awareness.getStates().get(1)).toEqual({});
  for (const page of [first, ann, ben]) page.destroy();
});
