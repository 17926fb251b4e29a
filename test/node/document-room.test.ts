/** A room with a document, in the simulation: the SDK on one side, the room on the other, and everything that can go wrong between. */
import { defineRoom, t } from "coterie";
import type { Room, RoomError } from "coterie/client";
import * as encoding from "lib0/encoding";
import { expect, test, vi } from "vitest";
import * as Y from "yjs";
import { realEnvironment } from "../../client/environment.ts";
import { DocumentClient } from "../../client/parts/document.ts";
import { DocumentIndex } from "../../server/parts/document/document-index.ts";
import { DocumentPart } from "../../server/parts/document/document-part.ts";
import { DOCUMENT_SECTION, updatesOf } from "../../server/parts/document/stored.ts";
import { LiveDocument } from "../../server/parts/document/live-document.ts";
import type { RoomPart } from "../../server/parts/part.ts";
import { readSections, writeSections } from "../../server/storage/pieces.ts";
import { readUpdate } from "../../shared/document/update.ts";
import { writeEdit } from "../../shared/protocol/document.ts";
import { readDown } from "../../shared/protocol/down.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { encode, Frame, readFrame } from "../../shared/protocol/frame.ts";
import { readUp, UP } from "../../shared/protocol/up.ts";
import { frameOf } from "../kit/frames.ts";
import { notesRoom, tableRoom } from "../kit/notes-room.ts";
import { simulate, type Simulation, type SimulatedClient, type SimulationOptions } from "../kit/simulation.ts";

type Notes = Room<typeof notesRoom>;
interface Writer {
  readonly room: Notes;
  readonly wire: SimulatedClient;
}

const notes = (options: SimulationOptions = {}): Simulation => simulate(notesRoom, options);

async function write(simulation: Simulation, name: string): Promise<Writer> {
  const wire = simulation.client(name);
  const room = wire.join(notesRoom, "notes");
  await simulation.advance(Math.max(200, 6 * simulation.latencyMs));
  await simulation.until(room.ready);
  return { room, wire };
}

const textOf = ({ room }: Writer): string => room.doc.getText("body").toJSON();
const bytesOf = (doc: Y.Doc): string => {
  const fresh = new Y.Doc();
  Y.applyUpdate(fresh, Y.encodeStateAsUpdate(doc));
  return Buffer.from(Y.encodeStateAsUpdate(fresh)).toString("hex");
};
const awarenessOf = (client: number, state: string): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, client);
    encoding.writeVarUint(to, 1);
    encoding.writeVarString(to, state);
  });

test("[P4] what one writes, the others read, and who comes later too", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(100);
  ben.room.doc.getText("body").insert(5, " world");
  await simulation.advance(100);
  ann.room.doc.getText("body").delete(0, 1);
  await simulation.advance(100);
  const cleo = await write(simulation, "cleo");
  expect([ann, ben, cleo].map(textOf)).toEqual(Array.from({ length: 3 }, () => "ello world"));
  expect(new Set([ann, ben, cleo].map(({ room }) => bytesOf(room.doc))).size).toBe(1);
  expect([ann, ben, cleo].map(({ room }) => room.sync)).toEqual(
    Array.from({ length: 3 }, () => ({ state: "saved", pending: 0 })),
  );
});

test("[P1] saved means durable: nothing is told to others, or called saved, before its row is", async () => {
  const simulation = notes({ commitMs: 30 });
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "x");
  expect(ann.room.sync.state).toBe("saving");
  await simulation.advance(25);
  expect([ann.room.sync.state, textOf(ben)]).toEqual(["saving", ""]);
  simulation.crash(); // the row was not durable
  await simulation.advance(5000);
  expect([ann.room.sync.state, textOf(ben)]).toEqual(["saved", "x"]);
  simulation.crash();
  await simulation.advance(5000);
  const cleo = await write(simulation, "cleo");
  expect(textOf(cleo)).toBe("x");
});

test("[P1] what is written offline is kept, sent once on return, and merged", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "abc");
  await simulation.advance(200);
  ann.room.disconnect();
  await simulation.advance(200);
  ann.room.doc.getText("body").insert(3, "def");
  ann.room.doc.getText("body").delete(0, 1);
  ben.room.doc.getText("body").insert(0, "<");
  await simulation.advance(200);
  expect(ann.room.sync).toEqual({ state: "offline", pending: 2 });
  ann.room.connect();
  await simulation.advance(1000);
  expect([textOf(ann), textOf(ben)]).toEqual(["<bcdef", "<bcdef"]);
  expect(ann.room.sync).toEqual({ state: "saved", pending: 0 });
});

test("[P1] a delete alone, made offline, is not missed", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "abc");
  await simulation.advance(200);
  ann.wire.network.drop();
  ann.room.doc.getText("body").delete(1, 1);
  await simulation.advance(5000);
  expect([textOf(ann), textOf(ben)]).toEqual(["ac", "ac"]);
  expect(ann.room.sync.state).toBe("saved");
});

test("[P1] a group that cannot be stored never happened; the SDK sends again", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  simulation.store.failure = new Error("SQLITE_FULL");
  ann.room.doc.getText("body").insert(0, "abc");
  await simulation.advance(3000);
  expect([textOf(ann), textOf(ben), ann.room.sync.state]).toEqual(["abc", "abc", "saved"]);
});

test("[P3] one who comes back is sent the rows it missed, and not the document", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "long ".repeat(2000));
  await simulation.advance(500);
  ben.wire.network.drop();
  ann.room.doc.getText("body").insert(0, "new ");
  const before = simulation.sent.length;
  await simulation.advance(5000);
  expect(textOf(ben)).toBe(textOf(ann));
  const bytes = simulation.sent.slice(before).filter(({ to }) => to === "ben");
  expect(bytes.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(500);
});

test("[P9] rows: one a group, none for a joiner, none for what is known already", async () => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  for (let n = 0; n < 20; n++) ann.room.doc.getText("body").insert(n, "x");
  await simulation.advance(200);
  const rows = simulation.store.rows(0).length;
  expect(rows).toBeLessThan(4);
  for (let n = 0; n < 5; n++) {
    ann.wire.network.drop();
    await simulation.advance(5000);
  }
  expect(simulation.store.rows(0).length).toBe(rows);
});

test("[P9] of two values set for one key at once one is gone: the rows say so too, though nobody's edit did", async () => {
  const simulation = notes();
  const writers = [await write(simulation, "ann"), await write(simulation, "ben")];
  for (const { room } of writers) room.disconnect();
  await simulation.advance(200);
  for (const { room } of writers) room.doc.getMap("map").set("key", room.doc.clientID);
  for (const { room } of writers) room.connect();
  await simulation.advance(1000);
  expect(new Set(writers.map(({ room }) => bytesOf(room.doc))).size).toBe(1);
  const index = new DocumentIndex();
  for (const { bytes } of simulation.store.rows(0))
    for (const update of updatesOf(readSections(bytes).get(DOCUMENT_SECTION) ?? Uint8Array.of(0)))
      index.add(readUpdate(update), 0);
  expect(writers.map(({ room }) => index.judge(readUpdate(Y.encodeStateAsUpdate(room.doc)), 0).kind)).toEqual([
    "nothing",
    "nothing",
  ]);
});

test("[P6] awareness: who points where is seen by all, taken out with who goes, and whole after a sleep", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.awareness.setLocalStateField("user", { name: "Ann" });
  await simulation.advance(6000);
  const seen = ({ room }: Writer): unknown[] =>
    [...room.awareness.getStates()]
      .filter(([client]) => client !== room.doc.clientID)
      .flatMap(([, { user }]) => (user === undefined ? [] : [user as unknown]));
  expect(seen(ben)).toEqual([{ name: "Ann" }]);
  await simulation.advance(15_000);
  simulation.evict();
  const cleo = await write(simulation, "cleo");
  expect([seen(ben), seen(cleo)]).toEqual([[{ name: "Ann" }], [{ name: "Ann" }]]);
  ann.wire.network.drop();
  await simulation.advance(10);
  expect(seen(ben)).toEqual([]);
  await simulation.advance(5000); // back, with the clock it had
  expect([seen(ben), seen(cleo)]).toEqual([[{ name: "Ann" }], [{ name: "Ann" }]]);
  ann.room.destroy();
  await simulation.advance(50);
  expect([seen(ben), seen(cleo)]).toEqual([[], []]);
});

test("a game and a document live in one room, on one socket, in one journal", async () => {
  const simulation = simulate(tableRoom);
  const open = (name: string): Room<typeof tableRoom> =>
    simulation.client(name).join(tableRoom, "table", { create: { pieces: 5 } });
  const [ann, ben] = [open("ann"), open("ben")];
  await simulation.advance(300);
  ann.doc.getText("notes").insert(0, "edge pieces first");
  const added = ann.do.add({ n: 3 });
  await simulation.advance(300);
  expect([(await added).value, ben.state.meta.total, ben.doc.getText("notes").toJSON()]).toEqual([3, 3, "edge pieces first"]);
  simulation.crash();
  await simulation.advance(5000);
  const cleo = open("cleo");
  await simulation.advance(300);
  expect([cleo.state.meta.total, cleo.doc.getText("notes").toJSON()]).toEqual([3, "edge pieces first"]);
});

test.each([
  ["written", (body: Y.Text) => body.insert(0, "> "), "> hello"],
  ["deleted", (body: Y.Text) => body.delete(0, 1), "ello"],
])("[P2] what an editor has %s in answer to a document that comes in is saved", async (_, answer, expected) => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(100);
  const wire = simulation.client("ben");
  const ben: Writer = { wire, room: wire.join(notesRoom, "notes") };
  const body = ben.room.doc.getText("body");
  let answers = 0;
  body.observe(() => {
    if (answers++ === 0) answer(body);
  });
  await simulation.advance(300);
  const cleo = await write(simulation, "cleo");
  expect([ann, ben, cleo].map(textOf)).toEqual([expected, expected, expected]);
  expect(ben.room.sync).toEqual({ state: "saved", pending: 0 });
});

test("[P8] a long document comes in a window, progressively, and what is written meanwhile behind it", async () => {
  const simulation = notes({ latencyMs: 80, snapshotRows: 10 });
  const ann = await write(simulation, "ann");
  const text = ann.room.doc.getText("body");
  for (let n = 0; n < 60; n++) {
    text.insert(0, `${n} `.repeat(6000));
    await simulation.advance(150);
  }
  await simulation.advance(5000);
  expect(ann.room.sync.state).toBe("saved");
  const wire = simulation.client("ben");
  const ben = wire.join(notesRoom, "notes");
  const lengths = new Set<number>();
  for (let step = 0; step < 120; step++) {
    if (step % 5 === 0) text.insert(0, "!");
    await simulation.advance(15);
    lengths.add(Math.floor(ben.doc.getText("body").length / 50_000));
  }
  await simulation.advance(2000);
  expect(ben.doc.getText("body").toJSON()).toBe(text.toJSON());
  expect(lengths.size).toBeGreaterThan(2);
  expect(bytesOf(ben.doc)).toBe(bytesOf(ann.room.doc));
});

test("[P9] who joins is given what is stored as it lies: nothing is put together for it", async () => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  ann.room.doc.getText("body").insert(0, "x".repeat(100_000));
  await simulation.advance(1000);
  const whole = vi.spyOn(DocumentPart.prototype, "asUpdate");
  const ben = await write(simulation, "ben");
  expect(textOf(ben)).toBe(textOf(ann));
  expect(whole).not.toHaveBeenCalled();
  expect((DocumentPart.prototype as RoomPart).whole).toBeUndefined(); // what is called so is written for everyone who comes
  whole.mockRestore();
});

test("[P3] a transfer that was cut is not taken for the whole document", async () => {
  const simulation = notes({ latencyMs: 80 });
  const ann = await write(simulation, "ann");
  for (let n = 0; n < 12; n++) {
    ann.room.doc.getText("body").insert(0, `${n} `.repeat(20_000));
    await simulation.advance(400);
  }
  const wire = simulation.client("ben");
  const ben = wire.join(notesRoom, "notes");
  for (let step = 0; step < 100 && ben.doc.getText("body").length === 0; step++) await simulation.advance(10);
  expect(ben.doc.getText("body").length).toBeLessThan(ann.room.doc.getText("body").length);
  wire.network.drop();
  await simulation.advance(5000);
  expect([textOf({ room: ben, wire }) === textOf(ann), ben.status, ben.sync.state]).toEqual([true, "connected", "saved"]);
});

test("[P3] a room that woke knows its newest row before it opens the next: what comes of it bears that one's number", async () => {
  const chatRoom = defineRoom({ name: "chat", document: true, events: { say: t.struct({ text: t.str(4096) }) } });
  const simulation = simulate(chatRoom);
  const [ann, ben] = ["ann", "ben"].map((name) => {
    const wire = simulation.client(name);
    return { wire, room: wire.join(chatRoom, "chat") };
  }) as [{ wire: SimulatedClient; room: Room<typeof chatRoom> }, { wire: SimulatedClient; room: Room<typeof chatRoom> }];
  await simulation.advance(200);
  for (let n = 0; n < 5; n++) {
    ann.room.doc.getText("body").insert(0, "x");
    await simulation.advance(200);
  }
  ben.wire.network.stall(); // it reads nothing
  simulation.evict();
  for (let n = 0; n < 100; n++) {
    ann.room.broadcast("say", { text: "x".repeat(4000) });
    await simulation.advance(60);
  }
  const reader = [...simulation.room.connections].find(({ facts }) => facts.user.id === "ben")!;
  expect(reader.flow.spared).toBe(true);
  const before = simulation.sent.length;
  const doc = new Y.Doc();
  doc.getText("body").insert(0, "y");
  const edit = writeEdit({ number: 1, update: Y.encodeStateAsUpdate(doc) });
  simulation.room.receive(reader, frameOf([UP.ack, writeAck(reader.flow.owed)], [UP.edit, edit])); // in one group
  await simulation.advance(100);
  const told = simulation.sent
    .slice(before)
    .filter(({ to }) => to === "ann")
    .flatMap(({ bytes }) => [...readFrame(bytes)].map(readDown))
    .flatMap((down) => (down?.kind === "edits" ? [down.seq] : []));
  expect(told).toEqual([simulation.room.inspect().seq]);
});

test("[P9] a snapshot is cut for the room that deletes make once a twentieth was deleted, and not before", async () => {
  const simulation = notes({ maxLiveDocumentBytes: 10_000 });
  const ann = await write(simulation, "ann");
  ann.room.doc.getText("body").insert(0, "x".repeat(6000));
  await simulation.advance(1000);
  const cut = simulation.store.snapshot();
  ann.room.doc.getText("body").delete(0, 200);
  await simulation.advance(5000);
  expect(simulation.store.snapshot()).toBe(cut);
  ann.room.doc.getText("body").delete(0, 200);
  await simulation.advance(5000);
  expect(simulation.store.snapshot()).toBe(simulation.room.inspect().seq);
});

test("[P1] a delete that was sent and not called durable is said again when the room says what it has", () => {
  const later = (): (() => void) => () => {};
  const http = { url: "", environment: realEnvironment, token: () => Promise.resolve("") };
  const host = {
    me: () => 1,
    session: () => "",
    serverNow: () => 0,
    now: () => 0,
    after: later,
    flush: later,
    changed: later,
    error: (error: RoomError) => expect.unreachable(error.message),
  };
  const client = new DocumentClient(host, http);
  const edits = (): Uint8Array[] => {
    const frame = new Frame();
    client.send(frame);
    return [...readFrame(frame.bytes())].map(readUp).flatMap((up) => (up.kind === "edit" ? [up.update] : []));
  };
  const update = Y.encodeStateAsUpdate(tiny(3, 5));
  client.receive({ kind: "edits", seq: 1, update });
  const document = { kind: "document", seq: 1, stateVector: Y.encodeStateVectorFromUpdate(update) } as const;
  client.receive(document);
  expect(edits()).toEqual([]);
  client.doc.getArray("list").delete(0, 1);
  expect(edits()).toHaveLength(1);
  client.receive(document);
  const [again] = edits();
  expect(readUpdate(again!).deletes).toEqual(new Map([[5, [{ from: 2, to: 3 }]]]));
  client.receive({ kind: "edited", number: 2 });
  client.receive(document);
  expect([edits(), client.pending]).toEqual([[], 0]);
  client.destroy();
});

test("[P5] [P8] what makes Yjs look through the whole document for every struct is refused, and what comes near it waits", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  let number = 0;
  const say = ({ wire }: Writer, doc: Y.Doc): void =>
    wire.network.says(frameOf([UP.edit, writeEdit({ number: ++number, update: Y.encodeStateAsUpdate(doc) })]));
  // Two lists, each written from its end to its beginning, at the same place: for each value of the second the first is looked through.
  say(ann, tiny(1000, 1));
  say(ben, tiny(1000, 2));
  await simulation.advance(100);
  expect([ann, ben].map(({ room }) => [room.status, room.doc.getArray("list").length])).toEqual([
    ["connected", 2000],
    ["connected", 2000],
  ]);
  ben.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(500);
  expect(simulation.room.inspect().counters.closed).toEqual({ 4529: 1 });
  await simulation.advance(30_000);
  expect([textOf(ann), ben.room.sync.state]).toEqual(["hello", "saved"]);
  say(ben, tiny(6000, 3));
  await simulation.advance(100);
  expect([ben.room.status, ann.room.status, ann.room.doc.getArray("list").length]).toEqual(["disconnected", "connected", 2000]);
  expect(simulation.room.inspect().counters.closed).toEqual({ 4529: 1, 4400: 1 });
});

test("[P5] a client id of the document belongs to the user who first used it", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(200);
  ann.room.disconnect();
  await simulation.advance(200);
  const eve = simulation.client("eve").join(notesRoom, "notes");
  await simulation.advance(200);
  eve.doc.clientID = ann.room.doc.clientID; // an SDK of its own making
  eve.doc.getText("body").insert(5, "evil!");
  await simulation.advance(300);
  expect([textOf(ben), eve.sync.state === "saved"]).toEqual(["hello", false]);
  expect(simulation.room.inspect().counters.closed).toMatchObject({ 4532: expect.any(Number) as number });
  eve.destroy();
  ann.room.doc.getText("body").insert(5, " hello");
  ann.room.connect();
  await simulation.advance(1000);
  expect([textOf(ann), textOf(ben)]).toEqual(["hello hello", "hello hello"]);
});

test("[P5] [P6] a page that comes back as another user writes and shows itself under another client id", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "hello");
  ann.room.awareness.setLocalStateField("user", { name: "Ann" });
  await simulation.advance(200);
  const former = ann.room.doc.clientID;
  ann.wire.become("anna");
  ann.wire.network.drop();
  await simulation.advance(5000);
  ann.room.doc.getText("body").insert(5, " again");
  await simulation.advance(200);
  expect([textOf(ben), ann.room.sync.state]).toEqual(["hello again", "saved"]);
  const { clientID } = ann.room.doc;
  expect([clientID === former, ann.room.awareness.clientID]).toEqual([false, clientID]);
  for (const { room } of [ann, ben])
    expect([former, clientID].map((client) => room.awareness.getStates().get(client))).toEqual([
      undefined,
      { user: { name: "Ann" } },
    ]);
});

test("[P6] where Yjs gives the document another client id, who points where is shown under the one that it was", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.clientID = 77; // as it does when another's structs bear its own
  ann.room.awareness.setLocalStateField("user", { name: "Ann" });
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(200);
  ann.wire.network.drop();
  await simulation.advance(5000);
  expect([textOf(ben), ann.room.sync.state]).toEqual(["hello", "saved"]);
  for (const { room } of [ann, ben])
    expect(room.awareness.getStates().get(ann.room.awareness.clientID)).toEqual({ user: { name: "Ann" } });
});

test("[P1] what one user wrote offline is not taken from another: the page is handed it with the error", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  const errors: RoomError[] = [];
  ann.room.on("error", (error) => errors.push(error));
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(200);
  ann.room.disconnect();
  ann.room.doc.getText("body").insert(5, " offline");
  ann.wire.become("anna");
  ann.room.connect();
  await simulation.advance(5000);
  expect([ann.room.status, ann.room.sync.state, textOf(ben)]).toEqual(["disconnected", "offline", "hello"]);
  expect(errors.map(({ code }) => code)).toEqual(["resync"]);
  const copy = new Y.Doc();
  for (const update of [Y.encodeStateAsUpdate(ben.room.doc), errors[0]!.unsaved!]) Y.applyUpdate(copy, update);
  expect(copy.getText("body").toJSON()).toBe("hello offline");
});

test("[P5] who may only read is told so, and the document stays as it was", async () => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(200);
  const reader = simulation.client("reader", { scopes: ["read"] }).join(notesRoom, "notes");
  const errors: string[] = [];
  reader.on("error", ({ code }) => errors.push(code));
  await simulation.advance(200);
  expect(reader.doc.getText("body").toJSON()).toBe("hello");
  reader.doc.getText("body").insert(0, "no ");
  await simulation.advance(300);
  expect([textOf(ann), errors, reader.sync.state]).toEqual(["hello", ["forbidden"], "saving"]);
});

test("a document that fills up says so: in inspect, then to who writes, and at last it takes no more", async () => {
  const simulation = notes({ maxLiveDocumentBytes: 10_000 });
  const ann = await write(simulation, "ann");
  const heard: string[] = [];
  ann.room.on("error", ({ code }) => heard.push(code));
  const stages: string[] = [];
  for (let n = 0; n < 10; n++) {
    ann.room.doc.getText("body").insert(0, "x".repeat(1100));
    await simulation.advance(200);
    const stage = simulation.room.inspect().document!.fullness;
    if (stages.at(-1) !== stage) stages.push(stage);
  }
  expect([stages, [...new Set(heard)]]).toEqual([
    ["ok", "warn", "soft"],
    ["document-nearly-full", "document-too-large"],
  ]);
  ann.room.doc.getText("body").delete(0, 8000); // what was not taken goes with it
  await simulation.advance(2000);
  expect(simulation.room.inspect().document!.fullness).toBe("ok");
  ann.room.doc.getText("body").insert(0, "room again");
  await simulation.advance(2000);
  const ben = await write(simulation, "ben");
  expect([textOf(ben), ann.room.sync.state]).toEqual([textOf(ann), "saved"]);
});

/** As many structs of a few bytes: each was written before the one before, so that they do not merge. */
function tiny(count: number, clientID: number): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  for (let n = 0; n < count; n++) doc.getArray("list").insert(0, [n % 10]);
  return doc;
}

test("[P8] what takes memory is weighed, and not bytes alone: many structs, many ranges deleted, many clients", async () => {
  const simulation = notes({ maxLiveDocumentBytes: 60_000 });
  const ann = await write(simulation, "ann");
  const deleted = new Y.Doc();
  deleted.getText("body").insert(0, "x".repeat(10_000));
  const text = Y.encodeStateAsUpdate(deleted);
  const before = Y.encodeStateVector(deleted);
  deleted.transact(() => {
    for (let n = 0; n < 4000; n++) deleted.getText("body").delete(n, 1);
  });
  const clients = Array.from({ length: 1000 }, (_, n) => Y.encodeStateAsUpdate(tiny(1, n + 1)));
  const updates = [Y.encodeStateAsUpdate(tiny(5000, 7)), Y.mergeUpdates(clients), text, Y.encodeStateAsUpdate(deleted, before)];
  expect(updates.map(({ length }) => length < 60_000)).toEqual([true, true, true, true]);
  for (const [n, update] of updates.entries()) ann.wire.network.says(frameOf([UP.edit, writeEdit({ number: n + 1, update })]));
  await simulation.advance(500);
  expect(simulation.room.inspect().counters.refused).toEqual({ "document-too-large": 3 });
  expect(simulation.room.inspect().document!.clients).toBe(1);
});

test("[P8] a document has writers up to a number, and ids that never write are somebody's up to that", async () => {
  const most = 50_000;
  const simulation = notes({ maxLiveDocumentBytes: 32_000_000 });
  const ann = await write(simulation, "ann");
  const clients = (count: number): Uint8Array =>
    encode((to) => {
      encoding.writeVarUint(to, count);
      for (let client = count; client > 0; client--) for (const n of [1, client, 0, 0, 1]) encoding.writeVarUint(to, n); // one struct at 0, of nothing, of length 1
      encoding.writeVarUint(to, 0);
    });
  for (const count of [most, most + 1])
    ann.wire.network.says(frameOf([UP.edit, writeEdit({ number: 1, update: clients(count) })]));
  await simulation.advance(500);
  expect(simulation.room.inspect().counters.refused).toEqual({ "document-too-large": 1 });
  expect(simulation.room.inspect().document!.clients).toBe(most);
  const unused = (): never => expect.unreachable();
  const host = { group: unused, markGroup: unused, mark: unused, now: unused, joined: unused, behind: unused };
  const part = new DocumentPart({ host, maxLiveBytes: 1, stored: () => [], log: unused });
  for (let client = 0; client <= most; client++) part.claim(client, 1);
  expect([most - 1, most].map((client) => part.mayBe(client, 2))).toEqual([false, true]);
});

test("[P8] what a document weighs is the same after a sleep, and less once what was deleted is gone", async () => {
  const simulation = notes({ snapshotRows: 5 });
  const ann = await write(simulation, "ann");
  const weights: number[] = [];
  const weigh = (): number => weights.push(simulation.room.inspect().document!.bytes);
  const list = new Y.Array();
  ann.room.doc.getMap("map").set("list", list);
  for (let n = 0; n < 3; n++) {
    for (let value = 0; value < 20; value++) list.insert(0, [value]);
    await simulation.advance(200);
  }
  for (let value = 0; value < 30; value++) ann.room.doc.getArray("stays").insert(0, [value]);
  await simulation.advance(200);
  weigh();
  simulation.evict();
  weigh();
  expect(weights[0]).toBeGreaterThan(90 * 10);
  expect(weights[1]).toBe(weights[0]);
  ann.room.doc.getMap("map").delete("list");
  for (let n = 0; n < 5; n++) {
    ann.room.doc.getText("body").insert(0, "x");
    await simulation.advance(1000);
  }
  simulation.evict();
  weigh();
  expect(weights[2]).toBeGreaterThan(30 * 10);
  expect(weights[2]).toBeLessThan(weights[0]! / 2);
});

test("a document that is too long to be built is read, and takes no more edits", async () => {
  const simulation = notes({ maxLiveDocumentBytes: 20_000 });
  const ann = await write(simulation, "ann");
  const errors: string[] = [];
  ann.room.on("error", ({ code }) => errors.push(code));
  ann.room.doc.getText("body").insert(0, "x".repeat(15_000));
  await simulation.advance(500);
  ann.room.doc.getText("body").insert(0, "y".repeat(15_000));
  await simulation.advance(500);
  expect([errors, ann.room.sync.state]).toEqual([["document-too-large"], "saving"]);
  simulation.evict();
  const ben = await write(simulation, "ben");
  expect(textOf(ben)).toBe("x".repeat(15_000));
});

test("[P1] what was refused is not shown as saved, though a later edit is taken; nothing is sent again and again for it", async () => {
  const simulation = notes({ maxLiveDocumentBytes: 10_000, latencyMs: 30 });
  const ann = await write(simulation, "ann");
  const errors: string[] = [];
  ann.room.on("error", ({ code }) => errors.push(code));
  ann.room.doc.getText("body").insert(0, "x".repeat(7000));
  await simulation.advance(500);
  ann.room.doc.getText("body").insert(7000, "y".repeat(100_000)); // in pieces: the second is under way when the first is refused
  await simulation.advance(2000);
  const refused = errors.length;
  expect(refused).toBeLessThan(5);
  ann.room.doc.getText("body").delete(0, 10);
  await simulation.advance(2000);
  expect([ann.room.sync, errors.length]).toEqual([{ state: "saving", pending: 1 }, refused]);
  ann.wire.network.drop();
  await simulation.advance(5000);
  expect(ann.room.sync).toEqual({ state: "saving", pending: 1 });
  ann.room.doc.getText("body").delete(6990, 100_000);
  await simulation.advance(2000);
  expect(ann.room.sync).toEqual({ state: "saved", pending: 0 });
  const ben = await write(simulation, "ben");
  expect(textOf(ben)).toBe("x".repeat(6990));
});

test("[P2] a refused edit is no answer to an action of the same number", async () => {
  const simulation = simulate(tableRoom, { maxLiveDocumentBytes: 1000 });
  const ann = simulation.client("ann").join(tableRoom, "table", { create: { pieces: 5 } });
  const errors: string[] = [];
  ann.on("error", ({ code }) => errors.push(code));
  await simulation.advance(300);
  ann.doc.getText("notes").insert(0, "x".repeat(2000));
  const added = ann.do.add({ n: 3 });
  await simulation.advance(300);
  expect([(await added).value, errors, ann.sync.state]).toEqual([3, ["document-too-large"], "saving"]);
});

test("[P1] [P5] a change that no frame holds stays on its page: it is said once, the rest goes on, and nothing is sent again and again", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  const errors: string[] = [];
  ann.room.on("error", ({ code }) => errors.push(code));
  ann.room.doc.getText("body").insert(0, "before ");
  await simulation.advance(200);
  ann.room.doc.transact(() => {
    ann.room.doc.getText("body").insertEmbed(7, { image: "x".repeat(1_000_000) });
    ann.room.doc.getText("body").insert(8, "after");
  });
  await simulation.advance(2000);
  ann.room.doc.getText("body").insert(0, "and ");
  ann.room.awareness.setLocalStateField("user", { name: "Ann" });
  const { framesIn } = simulation.room.inspect().counters;
  await simulation.advance(8000);
  expect(simulation.room.inspect().counters.framesIn - framesIn).toBeLessThan(5);
  expect([errors, ann.room.sync, textOf(ben)]).toEqual([["bad-input"], { state: "saving", pending: 1 }, "before "]);
  expect(ben.room.awareness.getStates().get(ann.room.doc.clientID)).toEqual({ user: { name: "Ann" } });
  ann.wire.network.drop();
  await simulation.advance(5000);
  expect([errors, ann.room.sync.state]).toEqual([["bad-input"], "saving"]);
  ann.room.doc.getText("body").delete(11, 1); // taken out, it is short
  ann.room.doc.getText("body").insert(0, "! ");
  await simulation.advance(2000);
  expect([textOf(ben), ann.room.sync.state]).toEqual([textOf(ann), "saved"]);
  ann.room.doc.getText("body").insertEmbed(0, { image: "y".repeat(1_000_000) });
  await simulation.advance(2000);
  expect([errors, ann.room.sync.state]).toEqual([["bad-input", "bad-input"], "saving"]);
});

test("[P8] a document that is built to be read is let go of, and to make it what it was one is held at a time", async () => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(200);
  const { document } = simulation.room;
  const live = (): boolean => simulation.room.inspect().document!.live;
  const { id } = document.keep("ann", "first");
  document.read("json", undefined);
  expect(live()).toBe(true); // ann writes
  ann.room.doc.getText("body").delete(0, 4);
  await simulation.advance(200);
  const other = new Y.Doc();
  const add = (text: string): void => {
    other.getText("more").insert(0, text);
    ann.wire.network.says(frameOf([UP.edit, writeEdit({ number: 1, update: Y.encodeStateAsUpdate(other) })]));
  };
  add("stored");
  add("still in the open group, ");
  const destroyed = vi.spyOn(LiveDocument.prototype, "destroy");
  void document.restore("ann", id);
  expect(destroyed).toHaveBeenCalledTimes(1);
  destroyed.mockRestore();
  await simulation.advance(200);
  expect([textOf(ann), ann.room.doc.getText("more").toJSON()]).toEqual(["hello", ""]);
  simulation.evict();
  expect([simulation.room.document.read("json", undefined)?.content, live()]).toEqual(['{"body":"hello","more":""}', false]);
});

test("versions are kept by themselves: after ten minutes of writing, and when the last who writes has gone, through a sleep too", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  const reader = simulation.client("reader", { scopes: ["read"] }).join(notesRoom, "notes");
  const kept = (): number[] => simulation.store.versions().map(({ seq }) => seq);
  for (let minute = 0; minute < 22; minute++) {
    ann.room.doc.getText("body").insert(0, "x");
    await simulation.advance(60_000);
  }
  expect(kept().length).toBe(2);
  await simulation.advance(60_000); // no more often than that
  ann.room.destroy();
  await simulation.advance(100);
  expect(kept().length).toBe(2); // ben may still write
  simulation.evict();
  ben.room.destroy();
  await simulation.advance(100);
  expect(kept().length).toBe(3); // the reader is still there, and does not write
  const doc = new Y.Doc();
  Y.applyUpdate(doc, simulation.store.version(3));
  expect(doc.getText("body").toString()).toBe("x".repeat(22));
  const back = await write(simulation, "ben");
  back.room.destroy();
  await simulation.advance(100);
  expect(kept().length).toBe(3); // nothing has changed
  reader.destroy();
});

test("[P5] what an update says again of another's client, in other words, is passed over: no copy has it, however it was put together", async () => {
  const simulation = notes();
  const [ann, ben] = [await write(simulation, "ann"), await write(simulation, "ben")];
  ann.room.doc.getText("body").insert(0, "hello");
  await simulation.advance(200);
  const forged = new Y.Doc();
  forged.clientID = ann.room.doc.clientID;
  forged.getText("body").insert(0, "evil!");
  forged.clientID = 4711;
  forged.getText("body").insert(5, " really"); // which is new, and eve's own
  const eve = simulation.client("eve");
  eve.join(notesRoom, "notes");
  await simulation.advance(200);
  eve.network.says(frameOf([UP.edit, writeEdit({ number: 1, update: Y.encodeStateAsUpdate(forged) })]));
  await simulation.advance(200);
  const cleo = await write(simulation, "cleo");
  simulation.crash();
  await simulation.advance(5000);
  ann.room.doc.getText("body").insert(0, "> "); // the room builds the document from what it has stored
  await simulation.advance(500);
  const dan = await write(simulation, "dan");
  expect([ann, ben, cleo, dan].map(textOf)).toEqual(Array.from({ length: 4 }, () => "> hello really"));
  expect(new Set([ann, ben, cleo, dan].map(({ room }) => bytesOf(room.doc))).size).toBe(1);
});

test("[P5] a value nested deeper than anybody's is refused: writing it down again would run out of stack", async () => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  let deep: unknown = [];
  for (let n = 0; n < 2000; n++) deep = [deep];
  const doc = new Y.Doc();
  doc.getArray("list").push([deep]);
  const eve = simulation.client("eve");
  const room = eve.join(notesRoom, "notes");
  await simulation.advance(200);
  eve.network.says(frameOf([UP.edit, writeEdit({ number: 1, update: Y.encodeStateAsUpdate(doc) })]));
  await simulation.advance(200);
  expect([room.status, ann.room.status, simulation.room.inspect().counters.closed]).toEqual([
    "disconnected",
    "connected",
    { 4400: 1 },
  ]);
});

/** Whether a page of another user, with this client id, is let write. */
async function mayWriteAs(simulation: Simulation, client: number): Promise<boolean> {
  const { room } = await write(simulation, "eve");
  room.doc.clientID = client;
  room.doc.getText("body").insert(0, "e");
  const before = simulation.room.inspect().counters.closed[4532] ?? 0;
  await simulation.advance(500);
  const refused = (simulation.room.inspect().counters.closed[4532] ?? 0) > before;
  room.destroy();
  await simulation.advance(100);
  return !refused;
}

test.each(["has not slept", "has slept with her there", "has slept since"])(
  "[P5] a client id that was only shown stays its user's when she has gone, where the object %s",
  async (when) => {
    const simulation = notes();
    await write(simulation, "dan"); // her user's number, and the room, are in rows of their own
    const { room } = await write(simulation, "ann");
    await simulation.advance(6000);
    const rows = simulation.store.rows(0).length;
    expect(await simulation.comesToRest()).toBe(true);
    if (when === "has slept with her there") simulation.evict();
    room.destroy();
    await simulation.advance(200);
    expect(simulation.store.rows(0).length).toBe(rows + 1);
    expect(await simulation.comesToRest()).toBe(true);
    if (when === "has slept since") simulation.evict();
    expect(await mayWriteAs(simulation, room.doc.clientID)).toBe(false);
  },
);

test("[P8] of a socket that shows one client id after the other only sixteen are noted", async () => {
  const simulation = notes();
  const { room } = await write(simulation, "ann");
  const ids = Array.from({ length: 30 }, (_, n) => 1000 + n);
  room.awareness.setLocalState(null);
  await simulation.advance(100);
  for (const id of ids)
    for (const state of ["{}", "null"]) {
      const [connection] = [...simulation.room.connections];
      simulation.room.receive(connection!, frameOf([UP.awareness, awarenessOf(id, state)]));
      await simulation.advance(50);
    }
  expect([await mayWriteAs(simulation, ids[5]!), await mayWriteAs(simulation, ids[29]!)]).toEqual([false, true]);
});

test("[P5] a repair takes out what cannot be read, and not whose client ids are", async () => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  ann.room.destroy();
  await simulation.advance(6000);
  const seq = simulation.room.inspect().seq + 1;
  const section = Uint8Array.of(1, 99, 1, 1, 3, 9, 9, 9); // client 99 is the first user's; an update of hers that is none
  simulation.store.append({ seq, at: simulation.now, bytes: writeSections(new Map([[DOCUMENT_SECTION, section]])) });
  simulation.evict();
  expect(simulation.room.inspect().content).toBe("broken");
  expect([simulation.room.care.repair(), simulation.room.care.verify().findings]).toEqual([[seq], []]);
  expect([await mayWriteAs(simulation, 99), await mayWriteAs(simulation, 98)]).toEqual([false, true]);
});

test("[P5] what a server says that is no update is refused, also where it names a state; what cannot be built is unavailable", async () => {
  const simulation = notes();
  const ann = await write(simulation, "ann");
  ann.room.doc.getText("body").insert(0, "a");
  await simulation.advance(200);
  const refusal = async (update: Uint8Array, ifStateVector?: Uint8Array): Promise<unknown> => {
    const edited = simulation.room.document.edit("server", update, ifStateVector).then(
      () => "done",
      (error: { code?: string }) => error.code,
    );
    await simulation.advance(100);
    return edited;
  };
  expect(await refusal(Uint8Array.of(9, 9, 9), Uint8Array.of(0))).toBe("bad-input");
  simulation.evict();
  simulation.room.inspect();
  const { row } = simulation.store;
  simulation.store.row = () => undefined;
  const doc = new Y.Doc();
  doc.getText("body").insert(0, "b");
  expect(await refusal(Y.encodeStateAsUpdate(doc))).toBe("unavailable");
  simulation.store.row = row;
  expect(await refusal(Y.encodeStateAsUpdate(doc))).toBe("done");
});

test("the tag of a document is the same until it changes, and another when the room was deleted and made anew", async () => {
  const simulation = notes();
  const tags: string[] = [];
  for (let life = 0; life < 2; life++) {
    const ann = await write(simulation, "ann");
    ann.room.doc.getText("body").insert(0, "a");
    await simulation.advance(200);
    const { tag } = simulation.room.document.read("update", undefined)!;
    tags.push(tag);
    await write(simulation, "ben"); // a row, but not of the document
    simulation.evict();
    expect(simulation.room.document.read("json", tag)).toBeUndefined();
    simulation.room.delete();
    await simulation.advance(200);
    simulation.room.create({});
  }
  expect(tags[0]!.split("-")[1]).toBe(tags[1]!.split("-")[1]);
  expect(tags[0]).not.toBe(tags[1]);
});

test("[P5] types nested deeper than anybody's are refused, in one update or in many: an innocent who deletes them would be closed", async () => {
  const nested = (doc: Y.Doc, levels: number): void => {
    let inner = doc.getArray("list");
    for (let n = 1; n < levels; n++) {
      while (inner.length > 0) inner = inner.get(0) as Y.Array<unknown>;
      inner.push([new Y.Array()]);
    }
  };
  const simulation = notes();
  const ann = await write(simulation, "ann");
  const writers: [name: string, levels: number][] = [
    ["eve", 6000],
    ["fay", 102],
    ["guy", 101],
  ];
  for (const [name, levels] of writers) {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    if (name === "eve") doc.transact(() => nested(doc, levels));
    else nested(doc, levels);
    const { room, wire } = await write(simulation, name);
    for (const [n, update] of updates.entries()) wire.network.says(frameOf([UP.edit, writeEdit({ number: n + 1, update })]));
    await simulation.advance(200);
    expect([name, room.status]).toEqual([name, name === "guy" ? "connected" : "disconnected"]);
    room.destroy();
    ann.room.doc.getArray("list").delete(0, ann.room.doc.getArray("list").length);
    await simulation.advance(1000);
    expect(ann.room.sync.state).toBe("saved");
  }
  expect(simulation.room.inspect().counters.closed).toEqual({ 4400: 2 });
});
