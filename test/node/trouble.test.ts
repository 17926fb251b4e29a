/** A room whose storage, rules or hooks let it down: who waits is told, who did nothing wrong goes on, and nothing acknowledged is lost. */
import { defineGame, defineRoom, t } from "coterie";
import { expect, test, vi } from "vitest";
import * as Y from "yjs";
import { HARD_BYTES } from "../../server/room/flow.ts";
import { GamePart } from "../../server/parts/game/game-part.ts";
import { writeAck } from "../../shared/protocol/flow.ts";
import { UP } from "../../shared/protocol/up.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, join } from "../kit/board.ts";
import { frameOf } from "../kit/frames.ts";
import { tableRoom } from "../kit/notes-room.ts";
import { watch } from "../kit/outcome.ts";
import { simulate } from "../kit/simulation.ts";

const presence = { cursor: null, mood: "" };

test("a room that cannot be stored lets nobody in, is made when storage works again, and is one room then", async () => {
  const simulation = boardSimulation();
  simulation.store.failure = new Error("SQLITE_FULL");
  const client = simulation.client("ann");
  const room = client.join(boardRoom, "table", { presence, create: { pieces: 3 } });
  await simulation.advance(20);
  expect([room.status, simulation.store.birth()]).toEqual(["connecting", undefined]);
  await simulation.advance(5000);
  expect([room.status, room.state.pieces.size]).toEqual(["connected", 3]);
});

test("[P1] a row that storage took and lost: everyone comes anew, and what was under way runs once", async () => {
  const simulation = boardSimulation({ commitMs: 20 });
  const ann = await join(simulation, "ann");
  const ben = await join(simulation, "ben");
  simulation.commitFailure = new Error("SQLITE_IOERR");
  const added = watch(ann.room.do.add({ n: 5 }));
  await simulation.advance(5000);
  expect([added.done?.value, ann.room.status, ben.room.status]).toEqual([5, "connected", "connected"]);
  const next = watch(ben.room.do.add({ n: 1 }));
  await simulation.advance(200);
  expect([next.done?.value, ann.room.state.meta.total]).toEqual([6, 6]);
});

test("a snapshot that cannot be cut costs nobody anything: the rows are all there, and it is tried again", async () => {
  const simulation = boardSimulation({ snapshotRows: 50 });
  const ann = await join(simulation, "ann");
  const { store } = simulation;
  let failures = 0;
  store.draft = () => {
    failures++;
    throw new Error("SQLITE_FULL");
  };
  for (let n = 0; n < 60; n++) {
    void ann.room.do.add({ n: 1 });
    await simulation.advance(40);
  }
  expect([ann.room.status, ann.room.state.meta.total, store.snapshot()]).toEqual(["connected", 60, 0]);
  await simulation.advance(60_000);
  expect(failures).toBeGreaterThan(1);
  Reflect.deleteProperty(store, "draft");
  await simulation.advance(60_000);
  expect(store.snapshot()).toBeGreaterThan(50);
});

test("[P1] a snapshot that is not what was written, or from which no room can be loaded, never counts", async () => {
  for (const spoil of [(bytes: Uint8Array) => bytes.subarray(1), (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1)]) {
    const simulation = boardSimulation({ snapshotRows: 50 });
    const ann = await join(simulation, "ann");
    const { store } = simulation;
    const piece = store.piece.bind(store);
    store.piece = (cut, number) => {
      const read = piece(cut, number);
      return read && { ...read, bytes: spoil(read.bytes) };
    };
    for (let n = 0; n < 60; n++) {
      void ann.room.do.add({ n: 1 });
      await simulation.advance(40);
    }
    expect([store.snapshot(), store.rows(0).length]).toEqual([0, simulation.room.inspect().seq]);
    expect(simulation.logged.join()).toContain("is not what was written");
  }
});

test("the user's own code may throw: the room goes on, and the log says so", async () => {
  const simulation = boardSimulation({
    hooks: {
      event: () => {
        throw new Error("a bug in onEvent");
      },
      empty: () => {
        throw new Error("a bug in onEmpty");
      },
    },
  });
  const ann = await join(simulation, "ann");
  await simulation.advance(50);
  const calls = [watch(ann.room.do.grab({ id: 1 })), watch(ann.room.do.drop({ id: 1, x: 1, y: 1 }))];
  await simulation.advance(200);
  expect(calls.map(({ settled, error }) => [settled, error])).toEqual(Array(2).fill([true, undefined]));
  ann.room.disconnect();
  await simulation.advance(100);
  const ben = await join(simulation, "ben");
  expect(ben.room.state.pieces.get(1)?.x).toBe(1);
  expect(simulation.logged.filter((line) => line.includes("a bug in on")).length).toBe(2);
});

test("[P1] server code that waits for an action is told when its group could not be stored", async () => {
  const simulation = boardSimulation();
  await join(simulation, "ann");
  simulation.store.failure = new Error("SQLITE_FULL");
  const failed = simulation.room.game.act("add", { n: 5 });
  await simulation.advance(100);
  expect((await failed).answer).toEqual({ kind: "broke", code: "unavailable" });
  const done = simulation.room.game.act("add", { n: 5 });
  await simulation.advance(100);
  expect((await done).answer).toEqual({ kind: "done", json: "5" });
  await expect(simulation.room.game.act("nope", {})).rejects.toMatchObject({ code: "unknown-action" });
  await expect(simulation.room.game.act("add", { n: -1 })).rejects.toThrow("n: received -1");
});

test("a setup that throws, or refuses its parameters, makes no room", async () => {
  for (const setup of ["throw", "reject"] as const) {
    const game = defineGame({
      name: "g",
      version: 1,
      codes: ["bad"],
      state: { meta: t.value({ n: t.u8() }) },
      setup(c) {
        c.state.meta.n = 1;
        if (setup === "reject") c.reject("bad");
        throw new Error("a bug in setup");
      },
    }).actions(() => ({}));
    const definition = defineRoom({ name: "g", game });
    const simulation = simulate(definition);
    const room = simulation.client("ann").join(definition, "table");
    await simulation.advance(500);
    expect([room.status, simulation.store.birth()]).toEqual(["disconnected", undefined]);
  }
});

test("a room that was deleted answers who waited for a row, and closes everyone with 4404", async () => {
  const simulation = simulate(tableRoom);
  const ann = simulation.client("ann").join(tableRoom, "table", { create: { pieces: 3 } });
  const stopped: string[] = [];
  ann.on("error", (error) => stopped.push(error.code));
  await simulation.advance(200);
  void ann.do.add({ n: 1 });
  await simulation.advance(10); // its row is written, and the next group waits for its time
  const doc = new Y.Doc();
  doc.getText("body").insert(0, "too late");
  const waiting = [
    simulation.room.document.edit("server", Y.encodeStateAsUpdate(doc), undefined).catch((error: Error) => error.message),
    simulation.room.game.act("add", { n: 5 }).then(({ answer }) => answer),
  ];
  expect(simulation.room.delete()).toBe(true);
  await simulation.advance(100);
  expect(await Promise.all(waiting)).toEqual(["the room was deleted", { kind: "broke", code: "not-found" }]);
  expect([stopped, ann.status]).toEqual([["not-found"], "disconnected"]);
  expect([simulation.room.delete(), simulation.store.birth()]).toEqual([false, undefined]);
});

test("a room that cannot be read can be deleted, and made anew", async () => {
  const simulation = boardSimulation();
  const ann = await join(simulation, "ann");
  simulation.store.append({ seq: 99, at: 1, bytes: new Uint8Array(1) });
  simulation.evict();
  expect(simulation.room.inspect().content).toBe("broken");
  expect([simulation.room.delete(), simulation.room.inspect().content]).toEqual([true, "absent"]);
  await simulation.advance(100);
  expect(ann.room.status).toBe("disconnected");
  expect(simulation.store.tombstone()).toBe(simulation.now - 100);
  expect((await join(simulation, "ben", 4)).room.state.pieces.size).toBe(4);
});

test.each(["collect", "durable"] as const)(
  "[P1] [P2] a part that throws in `%s` costs nobody a change: they are told, or come anew, and it is there once",
  async (method) => {
    const simulation = boardSimulation();
    const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
    vi.spyOn(GamePart.prototype, method).mockImplementationOnce(() => {
      throw new Error("a bug in a part");
    });
    const added = ann.room.do.add({ n: 5 });
    await simulation.advance(5000);
    expect((await added).value).toBe(5);
    expect([ann, ben].map(({ room }) => [room.state.meta.total, room.status])).toEqual(Array(2).fill([5, "connected"]));
    expect(simulation.logged.join()).toContain("a bug in a part");
    vi.restoreAllMocks();
  },
);

test("one that catches up when the room has become unreadable is closed, and does not wait for ever", async () => {
  const simulation = boardSimulation();
  const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
  const connection = [...simulation.room.connections][1]!;
  connection.flow.sent(HARD_BYTES + 1);
  void ann.room.do.add({ n: 1 });
  await simulation.advance(100);
  expect(connection.stage).toBe("lagging");
  simulation.store.failure = new Error("SQLITE_FULL");
  simulation.store.birth = () => {
    throw new Error("SQLITE_CORRUPT");
  };
  void ann.room.do.add({ n: 1 });
  await simulation.advance(20);
  simulation.room.receive(connection, frameOf([UP.ack, writeAck(Number.MAX_SAFE_INTEGER)]));
  await simulation.advance(100);
  expect([connection.stage, ben.room.status]).toEqual(["gone", "reconnecting"]);
});
