/** Rooms in real workerd: real SQLite, real sockets, real hibernation. */
import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { getRoom } from "coterie/server";
import type { Room } from "coterie/client";
import { expect, test } from "vitest";
import { boardRoom } from "../kit/board-game.ts";
import { clientOf, env, until } from "./harness.ts";
import { heard } from "./entry.ts";

type BoardRoom = Room<typeof boardRoom>;

async function join(name: string, id: string, pieces = 10): Promise<BoardRoom> {
  const room = clientOf(name).join(boardRoom, id, { presence: { cursor: null, mood: name }, create: { pieces } });
  await room.ready;
  return room;
}

const names = (room: BoardRoom): string[] => room.others.map(({ user }) => user.name ?? "").sort();
const rowsOf = (id: string): Promise<{ seq: number }[]> =>
  runInDurableObject(env.BOARD.getByName(id), (_instance, state) =>
    state.storage.sql.exec<{ seq: number }>("SELECT seq FROM journal ORDER BY seq").toArray(),
  );

test("two clients share a room: what one does, the other sees", async () => {
  const [ann, ben] = [await join("ann", "share"), await join("ben", "share")];
  await until(() => names(ann).includes("ben"), "ann sees ben");
  await ann.do.grab({ id: 1 });
  ann.do.drag({ id: 1, x: 50, y: 5 });
  await until(() => ben.state.pieces.get(1)?.x === 50, "ben sees the drag");
  expect(ben.state.pieces.get(1)).toEqual({ id: 1, x: 50, y: 5, heldBy: ann.self?.id });
  await expect(ben.do.grab({ id: 1 })).rejects.toMatchObject({ name: "RoomError", code: "held" });
  const { value, seq } = await ann.do.drop({ id: 1, x: 60, y: 6 });
  expect(value).toEqual({ x: 60, y: 6 });
  await until(() => ben.confirmed.pieces.get(1)?.x === 60, "ben sees the drop");
  const rows = await rowsOf("share");
  expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1)); // [P3] gap-free
  expect(rows.at(-1)!.seq).toBe(seq);
});

test("[P6] evicted with its sockets open, the room plays on and knows who is there", async () => {
  const [ann, ben] = [await join("ann", "evicted"), await join("ben", "evicted")];
  await ann.do.grab({ id: 2 });
  await evictDurableObject(env.BOARD.getByName("evicted"));
  await ben.do.add({ n: 1 });
  await ann.do.drop({ id: 2, x: 7, y: 7 });
  const cleo = await join("cleo", "evicted");
  expect(names(cleo)).toEqual(["ann", "ben"]);
  expect(cleo.others.map(({ presence }) => presence.mood)).toEqual(["ann", "ben"]);
  await until(() => names(ann).join() === "ben,cleo", "ann sees both");
  expect(cleo.state.pieces.get(2)).toMatchObject({ x: 7, y: 7, heldBy: 0 });
  ben.destroy();
  await until(() => names(ann).join() === "cleo", "ben is gone");
  expect([ann.status, cleo.status]).toEqual(["connected", "connected"]);
});

test("[P6] a socket that closes while the object sleeps is gone for those who stay", async () => {
  const [ann, ben] = [await join("ann", "asleep"), await join("ben", "asleep")];
  await until(() => names(ann).includes("ben"), "ann sees ben");
  await evictDurableObject(env.BOARD.getByName("asleep"));
  ben.destroy(); // its close is what wakes the object, and the platform no longer counts it among the sockets
  await until(() => names(ann).length === 0, "ben is gone");
  expect(ann.status).toBe("connected");
});

test("[P1] aborted in the middle, the room has every acknowledged action, and clients come back by themselves", async () => {
  const [ann, ben] = [await join("ann", "aborted"), await join("ben", "aborted")];
  await Promise.all([ann.do.add({ n: 1 }), ben.do.add({ n: 10 })]);
  const last = ann.do.add({ n: 100 });
  await abortAllDurableObjects();
  await last;
  await until(() => ann.status === "connected" && ben.status === "connected", "both are back");
  await until(() => ben.state.meta.total === 111, "ben has it all");
  expect(ann.confirmed.meta.total).toBe(111); // [P2] once each
});

test("what a user held is given back by the alarm, after the object has left memory", async () => {
  const [ann, ben] = [await join("ann", "alarm"), await join("ben", "alarm")];
  await ann.do.grab({ id: 3 });
  await until(() => ben.state.pieces.get(3)?.heldBy === ann.self?.id, "ben sees the grab");
  ann.destroy();
  await until(() => names(ben).length === 0, "ann is gone");
  expect(ben.state.pieces.get(3)?.heldBy).not.toBe(0);
  await evictDurableObject(env.BOARD.getByName("alarm"));
  await until(() => ben.state.pieces.get(3)?.heldBy === 0, "the lease ends");
});

test("a room that was only asked for has stored nothing", async () => {
  const room = clientOf("ann").join(boardRoom, "nowhere", { presence: { cursor: null, mood: "" } });
  await expect(room.ready).rejects.toMatchObject({ code: "not-found" });
  const tables = await runInDurableObject(env.BOARD.getByName("nowhere"), (_instance, state) =>
    state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name IN ('birth', 'journal', 'snapshot')")
      .toArray(),
  );
  expect(tables).toEqual([]);
});

test("the lobby makes a room with a new id, and refuses parameters that do not fit", async () => {
  const client = clientOf("ann");
  const { id } = await client.lobby(boardRoom).create({ pieces: 4 });
  const room = client.join(boardRoom, id, { presence: { cursor: null, mood: "" } });
  await room.ready;
  expect(room.state.pieces.size).toBe(4);
  await expect(client.lobby(boardRoom).create({ pieces: -1 })).rejects.toThrow(
    "params.pieces: received -1, expected an integer from 0 to 65535",
  );
});

test("server code acts in a room through getRoom, as user 0, and hears of the game's events once they are durable", async () => {
  const ann = await join("ann", "served");
  const served = getRoom(env.BOARD as never, boardRoom, "served");
  expect(await served.do.add({ n: 5 })).toMatchObject({ value: 5 });
  await until(() => ann.state.meta.total === 5, "ann sees it");
  await expect(served.do.grab({ id: 999 })).rejects.toMatchObject({ code: "gone" });
  const waved: unknown[] = [];
  ann.on("event", (event) => waved.push(event));
  served.broadcast("wave", { hand: "both" });
  await until(() => waved.length === 1, "ann hears the room");
  expect(waved).toEqual([{ type: "wave", data: { hand: "both" }, from: 0 }]);
  await ann.do.grab({ id: 1 });
  await ann.do.drop({ id: 1, x: 1, y: 1 });
  await until(() => heard.length > 0, "onEvent is called");
  expect(heard).toContainEqual({ type: "landed", data: { piece: 1, by: ann.self?.id }, from: "room" });
});
