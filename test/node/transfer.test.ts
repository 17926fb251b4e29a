/** States that are too long to be sent at once: in a window, from one buffer, with what happened meanwhile behind them. */
import { afterEach, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { DOWN } from "../../shared/protocol/down.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { readFrame } from "../../shared/protocol/frame.ts";
import { UP } from "../../shared/protocol/up.ts";
import { GamePart } from "../../server/parts/game/game-part.ts";
import { CREDIT_WITHIN_MS } from "../../server/room/flow.ts";
import { WINDOW_BYTES } from "../../server/room/transfer.ts";
import type { Connection } from "../../server/room/connections.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join, type Player } from "../kit/board.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import { canonicalDoc } from "../kit/documents.ts";
import { notesRoom, tableRoom } from "../kit/notes-room.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";
import { StockPage } from "../kit/stock-page.ts";

/** About 315 kB of state. */
const PIECES = 45_000;
const MOST_AT_ONCE = WINDOW_BYTES + 70_000;

/** A socket that reads what a test says, and acknowledges it when told to. */
function reader(simulation: Simulation, session: string) {
  const frames: Uint8Array[] = [];
  let bytes = 0;
  let closed: number | undefined;
  const socket = {
    send: (frame: Uint8Array) => {
      frames.push(frame);
      bytes += frame.length;
    },
    attach: () => {},
    heardAt: () => Infinity,
    close: (code: number) => void (closed = code),
  };
  const facts = { user: { id: session }, scopes: ["read", "presence", "write"] as const, expiresAt: Infinity };
  const connection: Connection = simulation.room.connect(socket, facts);
  simulation.room.receive(connection, helloFrame(boardRoom, session));
  return {
    connection,
    frames,
    get bytes() {
      return bytes;
    },
    get closed() {
      return closed;
    },
    acknowledge: () => simulation.room.receive(connection, frameOf([UP.ack, writeAck(bytes)])),
  };
}

afterEach(() => void vi.restoreAllMocks());

const typesIn = (frame: Uint8Array): number[] => [...readFrame(frame)].map(({ type }) => type);

async function talk(simulation: Simulation, { room }: Player, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    void room.do.add({ n: 1 });
    await simulation.advance(40);
  }
}

test("[P8] no more than a window is under way: the next part comes when the one before was read", async () => {
  const simulation = boardSimulation();
  await join(simulation, "ann", PIECES);
  const slow = reader(simulation, "slow");
  await simulation.advance(50);
  const first = slow.bytes;
  expect(first).toBeGreaterThan(WINDOW_BYTES / 2);
  expect(first).toBeLessThan(MOST_AT_ONCE);
  expect(slow.connection.stage).toBe("loading");
  await simulation.advance(5000);
  expect(slow.bytes).toBe(first);
  let most = 0;
  for (let turn = 0; slow.connection.stage !== "open" && turn < 100; turn++) {
    const before = slow.bytes;
    slow.acknowledge();
    await simulation.advance(20);
    most = Math.max(most, slow.bytes - before);
  }
  expect(slow.connection.stage).toBe("open");
  expect(most).toBeLessThan(MOST_AT_ONCE);
});

test("[P3] [P4] what happens while a state is on its way comes behind it, and is not queued: the newcomer shows what the room holds", async () => {
  const simulation = boardSimulation({ latencyMs: 30 });
  const ann = await join(simulation, "ann", PIECES);
  const ben = simulation.client("ben").join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
  await simulation.advance(100);
  const slow = reader(simulation, "slow");
  await simulation.advance(20);
  await talk(simulation, ann, 20);
  ann.room.setPresence({ mood: "busy" });
  await simulation.advance(1000);
  expect(canonical(ben.state)).toBe(canonical(ann.room.confirmed));
  expect(ben.others.map(({ user, presence }) => [user.id, presence.mood]).filter(([id]) => id === "ann")).toEqual([
    ["ann", "busy"],
  ]);
  // The slow one has been sent nothing but its parts.
  expect(new Set(slow.frames.slice(1).flatMap(typesIn))).toEqual(new Set([DOWN.part]));
  for (let turn = 0; slow.connection.stage !== "open"; turn++) {
    slow.acknowledge();
    await simulation.advance(20);
  }
  const last = slow.frames.map(typesIn).findLast(([first]) => first === DOWN.part)!;
  expect(last.filter((type) => type === DOWN.delta).length).toBe(22); // and that two came
});

test("[P9] a storm of joiners is one encoding of the state, and those who come a little later share it", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann", PIECES);
  let encoded = 1;
  const { whole } = GamePart.prototype;
  vi.spyOn(GamePart.prototype, "whole").mockImplementation(function (this: GamePart, frame) {
    encoded++;
    whole.call(this, frame);
  });
  const readers = Array.from({ length: 30 }, (_, n) => reader(simulation, `storm ${n}`));
  await simulation.advance(100);
  await talk(simulation, ann, 5);
  const late = reader(simulation, "late");
  await simulation.advance(100);
  const parts = [...readers, late].map(({ frames }) => frames.filter((frame) => typesIn(frame)[0] === DOWN.part).length);
  expect(new Set(parts).size).toBe(1);
  expect(new Set([...readers, late].map(({ connection }) => connection.transfer!.seq)).size).toBe(1);
  expect(encoded).toBe(1); // for ann when the room was new: it still serves
});

test("[P8] one that takes the state and reads nothing is closed with 4530 after 30 s, and others notice nothing", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann", PIECES);
  const ben = await join(simulation, "ben");
  const slow = reader(simulation, "slow");
  await simulation.advance(CREDIT_WITHIN_MS - 1000);
  await talk(simulation, ann, 1);
  expect(slow.closed).toBeUndefined();
  await simulation.advance(2000);
  await talk(simulation, ann, 1);
  expect(slow.closed).toBe(4530);
  expect([ann.room.status, ben.room.status]).toEqual(["connected", "connected"]);
  expect(canonical(ben.room.state)).toBe(canonical(ann.room.state));
});

test("a cut in the middle of a state: the client comes anew and is whole", async () => {
  const simulation = boardSimulation({ latencyMs: 40 });
  const ann = await join(simulation, "ann", PIECES);
  const wire = simulation.client("ben");
  const ben = wire.join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
  await simulation.advance(210);
  expect([ben.status, ben.state.pieces.size]).toEqual(["connected", 0]);
  wire.network.drop();
  await talk(simulation, ann, 3);
  await simulation.advance(5000);
  expect(canonical(ben.state)).toBe(canonical(ann.room.confirmed));
  wire.network.drop(); // and one that has it is given only what it missed
  const before = simulation.sent.length;
  await talk(simulation, ann, 3);
  await simulation.advance(5000);
  const given = simulation.sent.slice(before).filter(({ to }) => to === "ben");
  expect(given.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(2000);
  expect(canonical(ben.state)).toBe(canonical(ann.room.confirmed));
}, 30_000);

test("[P1] [P2] what a page does while its state is on the way is answered once, behind it", async () => {
  const simulation = boardSimulation({ latencyMs: 30 });
  await join(simulation, "ann", PIECES);
  const ben = simulation.client("ben").join(boardRoom, "table", { presence: { cursor: null, mood: "" } });
  const added = ben.do.add({ n: 5 });
  await simulation.advance(2000);
  expect(await added).toMatchObject({ value: 5 });
  expect([ben.state.meta.total, ben.sync]).toEqual([5, { state: "saved", pending: 0 }]);
});

/** Someone whose socket takes no more than a window in 400 ms, while a server writes into the document. */
async function meanwhile(simulation: Simulation, bytes: number, until: (turn: number) => boolean): Promise<number> {
  let written = 0;
  const doc = new Y.Doc();
  for (let turn = 0; !until(turn) && turn < 400; turn++) {
    const before = Y.encodeStateVector(doc);
    doc.getText("body").insert(0, String(turn % 10).repeat(bytes));
    written += bytes;
    void simulation.room.document.edit("server", Y.encodeStateAsUpdate(doc, before), undefined);
    await simulation.advance(100);
  }
  return written;
}

test("[P8] [P3] of a document that is written in faster than a window holds, a newcomer is sent the rest, and not all of it again", async () => {
  const simulation = simulate(notesRoom, { latencyMs: 200 });
  const { doc } = simulation.client("ann").join(notesRoom, "notes");
  for (let n = 0; n < 15; n++) {
    doc.getText("first").insert(0, "x".repeat(100_000));
    await simulation.advance(1000);
  }
  for (const stock of [false, true]) {
    const user = stock ? "stock" : "ben";
    const page = stock
      ? new StockPage(simulation, user, 7, ["read"])
      : simulation.client(user, { scopes: ["read"] }).join(notesRoom, "notes");
    const before = simulation.sent.length;
    const { length } = Y.encodeStateAsUpdate(doc);
    await simulation.advance(900);
    expect([...simulation.room.connections].at(-1)!.stage).toBe("loading");
    const written = await meanwhile(simulation, 40_000, () => [...simulation.room.connections].at(-1)!.stage === "open");
    await simulation.advance(2000);
    expect(canonicalDoc(page.doc)).toBe(canonicalDoc(doc));
    const sent = simulation.sent.slice(before).filter(({ to }) => to === user);
    expect(written).toBeGreaterThan(2 * WINDOW_BYTES);
    expect(sent.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan((length + written) * 1.05);
    if (page instanceof StockPage) page.destroy();
  }
}, 30_000);

test("[P8] one that is being given a document is not cut short by a snapshot that is due, which comes behind it", async () => {
  const simulation = simulate(notesRoom, { latencyMs: 200 });
  const { doc } = simulation.client("ann").join(notesRoom, "notes");
  for (let n = 0; n < 15; n++) {
    doc.getText("first").insert(0, "x".repeat(100_000));
    await simulation.advance(1000);
  }
  const cut = simulation.store.snapshot()!;
  const ben = simulation.client("ben").join(notesRoom, "notes");
  await simulation.advance(900);
  expect([...simulation.room.connections].at(-1)!.stage).toBe("loading");
  await meanwhile(simulation, 90_000, (turn) => turn === 12);
  expect([[...simulation.room.connections].at(-1)!.stage, simulation.store.snapshot()]).toEqual(["loading", cut]);
  await simulation.advance(15_000);
  expect(simulation.store.snapshot()).toBeGreaterThan(cut);
  expect(canonicalDoc(ben.doc)).toBe(canonicalDoc(doc));
  expect(simulation.room.inspect().counters.closed).toEqual({});
});

test("[P4] a state that comes in parts is whole, though more than a window of rows came behind it", async () => {
  const simulation = simulate(tableRoom, { latencyMs: 100 });
  const ann = simulation.client("ann").join(tableRoom, "table", { create: { pieces: PIECES } });
  await simulation.advance(3000);
  const ben = simulation.client("ben").join(tableRoom, "table");
  const errors: string[] = [];
  ben.on("error", (error) => errors.push(error.message));
  await simulation.advance(350);
  expect([...simulation.room.connections].at(-1)!.stage).toBe("loading");
  await meanwhile(simulation, 300_000, (turn) => turn === 3);
  await simulation.advance(5000);
  expect([errors, ben.status, ben.state.pieces.size]).toEqual([[], "connected", PIECES]);
  expect(canonicalDoc(ben.doc)).toBe(canonicalDoc(ann.doc));
});
