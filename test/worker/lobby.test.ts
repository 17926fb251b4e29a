/** The lobby in real workerd: rooms that tell of themselves, the live list over real sockets, and quick match. */
import { evictDurableObject, listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { OpenRoom, Room } from "coterie/client";
import { Lobby } from "coterie/server";
import { expect, test } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { BELIEVED_MS } from "../../server/lobby/listing.ts";
import { RENEW_MS } from "../../server/room/announcer.ts";
import { ENDED_AT, Match, matchRoom } from "./entry.ts";
import { clientOf, closed, env, fetchWorker, guest, SUBPROTOCOL, until, upgrade } from "./harness.ts";

type MatchRoom = Room<typeof matchRoom>;
type Open = OpenRoom<{ pieces: number }>;

/** Each test has parameters of its own, so that it finds only its own rooms. */
let pieces = 10;
const own = (): { pieces: number } => ({ pieces: ++pieces });

const lobbyOf = (name: string) => clientOf(name).lobby(matchRoom);
const join = (name: string, id: string): MatchRoom => clientOf(name).join(matchRoom, id);
const lobbyObject = () => env.LOBBY.getByName("match");

async function sit(name: string, id: string): Promise<MatchRoom> {
  const room = join(name, id);
  await room.ready;
  return room;
}

/** What the lobby lists of rooms with these parameters, once `test` holds of it. */
async function listed(
  where: { pieces: number },
  test: (rooms: readonly Open[]) => boolean,
  what: string,
): Promise<readonly Open[]> {
  const lobby = lobbyOf("looker");
  for (let tries = 0; tries < 200; tries++) {
    const rooms = await lobby.list(where);
    if (test(rooms)) return rooms;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited four seconds for: ${what}; the list is ${JSON.stringify(await lobby.list(where))}`);
}

const deleteRoom = (id: string): Promise<boolean> =>
  runInDurableObject(env.MATCH.getByName(id), async (instance) => {
    const reply = await (instance as unknown as { coterie(call: object): Promise<{ deleted: boolean }> }).coterie({
      kind: "delete",
    });
    return reply.deleted;
  });

/** Rings an object's alarm as if this much time had gone by: the clock of workerd cannot be moved. */
const ringLater = (stub: DurableObjectStub, ms: number): Promise<void> =>
  runInDurableObject(stub, (instance) => {
    const { now } = Date;
    Date.now = () => now() + ms;
    try {
      (instance as unknown as { alarm(): void }).alarm();
    } finally {
      Date.now = now;
    }
  });

test("a room is listed while somebody is in it, with its parameters, players and capacity", async () => {
  const params = own();
  const { id } = await lobbyOf("ann").create(params);
  expect(await lobbyOf("ann").list(params)).toEqual([]);
  const ann = await sit("ann", id);
  expect(await listed(params, (rooms) => rooms.length === 1, "the room")).toEqual([{ id, params, players: 1, capacity: 4 }]);
  const ben = await sit("ben", id);
  await listed(params, ([room]) => room?.players === 2, "two players");
  ann.destroy();
  await listed(params, ([room]) => room?.players === 1, "one has gone");
  ben.destroy();
  await listed(params, (rooms) => rooms.length === 0, "an empty room to leave the list");
});

test("a room that ends, and one that is deleted, leave the list and are matched with nobody", async () => {
  const params = own();
  const [over, deleted] = [await lobbyOf("ann").create(params), await lobbyOf("ann").create(params)];
  const ann = await sit("ann", over.id);
  await sit("ben", deleted.id);
  await listed(params, (rooms) => rooms.length === 2, "both");
  await ann.do.add({ n: ENDED_AT });
  await listed(params, (rooms) => rooms.length === 1, "one that has ended to leave");
  expect(await deleteRoom(deleted.id)).toBe(true);
  await listed(params, (rooms) => rooms.length === 0, "one that was deleted to leave");
  await expect(lobbyOf("eve").quickMatch(params)).rejects.toMatchObject({ name: "RoomError", code: "not-found" });
});

test("quick match brings two who come after one another into one room, and makes one only where none fits", async () => {
  const params = own();
  const first = await lobbyOf("ann").quickMatch(params, { create: params });
  const second = await lobbyOf("ben").quickMatch(params, { create: params });
  expect(second.id).toBe(first.id);
  const other = own();
  const third = await lobbyOf("cleo").quickMatch(other, { create: other });
  expect(third.id).not.toBe(first.id);
  const [ann, ben] = [await sit("ann", first.id), await sit("ben", second.id)];
  await until(() => ann.others.length === 1 && ben.others.length === 1, "they see each other");
  const except = await lobbyOf("dave").quickMatch(params, { create: params, except: [first.id] });
  expect(except.id).not.toBe(first.id);
});

test("fifty who are matched at once end in as few rooms as hold them, none of them over its capacity", async () => {
  const params = own();
  const clients = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const client = clientOf(`player ${n}`);
      const { id } = await client.lobby(matchRoom).quickMatch(params, { create: params });
      const room = client.join(matchRoom, id);
      await room.ready; // nobody comes to a full room: their place was kept
      return { id, room };
    }),
  );
  const rooms = new Map<string, number>();
  for (const { id } of clients) rooms.set(id, (rooms.get(id) ?? 0) + 1);
  expect(Math.max(...rooms.values())).toBeLessThanOrEqual(4);
  expect(rooms.size).toBe(13);
  const list = await listed(params, (all) => all.reduce((sum, { players }) => sum + players, 0) === 50, "all of them");
  expect(list.length).toBe(13);
  for (const { room } of clients) room.destroy();
  await listed(params, (all) => all.length === 0, "the list to be empty");
});

test("a full room is left out by a match, and closes 4531 on who comes all the same: `ready` rejects with full", async () => {
  const params = own();
  const { id } = await lobbyOf("ann").create(params);
  const seated = await Promise.all(["ann", "ben", "cleo", "dave"].map((name) => sit(name, id)));
  const eve = join("eve", id);
  await expect(eve.ready).rejects.toMatchObject({ name: "RoomError", code: "full" });
  eve.destroy();
  await listed(params, ([room]) => room?.players === 4, "a full room");
  await expect(lobbyOf("eve").quickMatch(params)).rejects.toMatchObject({ code: "not-found" });
  // What the lobby believes does not decide: it is told of a place that there is not.
  const stub = lobbyObject() as unknown as { coterie(call: object): Promise<unknown> };
  await stub.coterie({ kind: "report", summary: { id, params, players: 1, capacity: 4, kept: 0, keptUntil: 0 } });
  const elsewhere = await lobbyOf("eve").quickMatch(params, { create: params });
  expect(elsewhere.id).not.toBe(id);
  expect(await lobbyOf("eve").list(params)).toMatchObject([{ id, players: 4 }]); // and it was mended by the match
  for (const room of seated) room.destroy();
});

test("a place that a match has kept is nobody else's", async () => {
  const params = own();
  const { id } = await lobbyOf("ann").create(params);
  await Promise.all(["ann", "ben", "cleo"].map((name) => sit(name, id)));
  await listed(params, ([room]) => room?.players === 3, "three");
  const dave = clientOf("dave");
  expect(await dave.lobby(matchRoom).quickMatch(params)).toEqual({ id });
  const eve = join("eve", id);
  await expect(eve.ready).rejects.toMatchObject({ code: "full" });
  eve.destroy();
  await dave.join(matchRoom, id).ready;
});

test("an entry of a room that is not there, or where nobody is, is dropped when a match finds that out", async () => {
  const params = own();
  const stub = lobbyObject() as unknown as { coterie(call: object): Promise<unknown> };
  const report = (id: string) =>
    stub.coterie({ kind: "report", summary: { id, params, players: 2, capacity: 4, kept: 0, keptUntil: 0 } });
  await report("never-made");
  const { id } = await lobbyOf("ann").create(params);
  await report(id);
  expect(await lobbyOf("ann").list(params)).toHaveLength(2);
  await expect(lobbyOf("ann").quickMatch(params)).rejects.toMatchObject({ code: "not-found" });
  expect(await lobbyOf("ann").list(params)).toEqual([]);
});

test("an entry that nobody renews expires, and a room that is still there comes back by its own alarm", async () => {
  const params = own();
  const { id } = await lobbyOf("ann").create(params);
  const ann = await sit("ann", id);
  await listed(params, (rooms) => rooms.length === 1, "the room");
  await ringLater(lobbyObject(), BELIEVED_MS + 1000);
  expect(await lobbyOf("ann").list(params)).toEqual([]);
  await ringLater(env.MATCH.getByName(id), RENEW_MS + 1000);
  await listed(params, (rooms) => rooms.length === 1, "the room again");
  ann.destroy();
});

test("evicted, the lobby knows its rooms and its watchers, and tells them of what comes then", async () => {
  const params = own();
  const { id } = await lobbyOf("ann").create(params);
  const ann = await sit("ann", id);
  await listed(params, (rooms) => rooms.length === 1, "the room");
  await evictDurableObject(lobbyObject());
  expect(await lobbyOf("ann").list(params)).toMatchObject([{ id, players: 1 }]);
  const seen: (readonly Open[])[] = [];
  const stop = lobbyOf("watcher").watch((rooms) => seen.push(rooms));
  const players = (): number | undefined => seen.at(-1)?.find((room) => room.id === id)?.players;
  await until(() => players() === 1, "the first list");
  for (const more of [2, 3]) {
    await evictDurableObject(lobbyObject());
    await sit(`more ${more}`, id);
    await until(() => players() === more, `${more} players, told by an object that woke`);
  }
  expect(await lobbyOf("ann").list(params)).toMatchObject([{ id, players: 3 }]);
  stop();
  ann.destroy();
});

test("the live list shows what changes, the same bytes to all, at most one frame a beat, and none to who has not read the last", async () => {
  const params = own();
  const frames: string[][] = [[], [], []];
  const watcher = async (index: number, reads: boolean): Promise<WebSocket> => {
    const socket = await upgrade("/lobby/match", [SUBPROTOCOL, `auth.${await guest("watcher")}`]);
    socket.addEventListener("message", ({ data }) => {
      frames[index]!.push(new TextDecoder().decode(data as ArrayBuffer));
      if (reads) socket.send("read");
    });
    socket.send("read");
    return socket;
  };
  const sockets = [await watcher(0, true), await watcher(1, true), await watcher(2, false)];
  await until(() => frames.every(({ length }) => length === 1), "all have the first list");
  const began = Date.now();
  const { id } = await lobbyOf("ann").create(params);
  const seated: MatchRoom[] = [];
  for (const name of ["ann", "ben", "cleo", "dave"]) seated.push(await sit(name, id));
  const full = (text: string | undefined): boolean =>
    text !== undefined && text.includes(`"id":"${id}","params":${JSON.stringify(params)},"players":4`);
  await until(() => full(frames[0]!.at(-1)) && full(frames[1]!.at(-1)), "both see it full");
  expect(frames[0]!.length).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - began) / 250));
  expect(frames[0]!.at(-1)).toBe(frames[1]!.at(-1));
  expect(frames[2]).toHaveLength(1);
  sockets[2]!.send("read");
  await until(() => full(frames[2]!.at(-1)), "who has read is given the newest");
  expect(frames[2]).toHaveLength(2);
  const ended = closed(sockets[0]!);
  for (let n = 0; n < 3; n++) sockets[0]!.send("read"); // more than it was sent lists
  expect(await ended).toMatchObject({ code: 4400 });
  sockets[1]!.close(1000, "");
  sockets[2]!.close(1000, "");
  for (const room of seated) room.destroy();
});

test("a watcher whose token ends is closed 4401, by an alarm", async () => {
  const socket = await upgrade("/lobby/match", [SUBPROTOCOL, `auth.${await guest("watcher")}`]);
  const end = closed(socket);
  await ringLater(lobbyObject(), 2 * 60 * 60 * 1000);
  expect(await end).toMatchObject({ code: 4401 });
});

test("a lobby that throws disturbs no room, and is told again when it is back", async () => {
  const params = own();
  const { id } = await lobbyOf("ann").create(params);
  await runInDurableObject(lobbyObject(), (instance) => {
    (instance as unknown as { coterie: unknown }).coterie = () => {
      throw new Error("the lobby is down");
    };
  });
  const ann = await sit("ann", id);
  const ben = await sit("ben", id);
  expect((await ann.do.add({ n: 1 })).value).toBe(1);
  await until(() => ben.state.meta.total === 1, "ben sees it");
  const response = await fetchWorker("/lobby/match", { headers: { authorization: `Bearer ${await guest("eve")}` } });
  expect([response.status, await response.json()]).toMatchObject([503, { title: "unavailable" }]);
  expect([ann.status, ben.status]).toEqual(["connected", "connected"]);
  await evictDurableObject(lobbyObject()); // it comes back, whole
  await sit("cleo", id);
  await listed(params, ([room]) => room?.players === 3, "the room to tell of itself again");
  expect(await runDurableObjectAlarm(env.MATCH.getByName(id))).toBe(true);
});

test("only rooms of the listed folder are listed, and the lobby makes its rooms there", async () => {
  const jwt = await guest("ann");
  const post = await fetchWorker("/lobby/puzzle", {
    method: "POST",
    headers: { authorization: `Bearer ${jwt}` },
    body: JSON.stringify({ params: { cols: 3, rows: 2, picture: 0, seed: 1 } }),
  });
  const { id } = (await post.json()) as { id: string };
  expect([post.status, id]).toEqual([201, expect.stringMatching(/^open:/)]);
});

test("who may read no room of a party is not shown its list; a filter that does not fit is told why", async () => {
  const ask = async (path: string, jwt?: string, init: RequestInit = {}) => {
    const response = await fetchWorker(path, { ...init, ...(jwt && { headers: { authorization: `Bearer ${jwt}` } }) });
    return [response.status, (await response.json<{ title: string; detail?: string }>()).detail];
  };
  expect(await ask("/lobby/match")).toEqual([401, undefined]);
  expect((await ask("/lobby/match", await guest("eve", [])))[0]).toBe(403);
  expect((await ask("/lobby/nowhere", await guest("ann")))[0]).toBe(403);
  expect((await ask("/lobby/board", await guest("ann")))[0]).toBe(404); // its rooms are not listed
  const before = (await listDurableObjectIds(env.LOBBY)).length;
  expect((await closed(await upgrade("/lobby/match", [SUBPROTOCOL]))).code).toBe(4401);
  expect((await closed(await upgrade("/lobby/match", [SUBPROTOCOL, `auth.${await guest("eve", [])}`]))).code).toBe(4403);
  expect((await closed(await upgrade("/lobby/board", [SUBPROTOCOL, `auth.${await guest("ann")}`]))).code).toBe(4404);
  expect(await listDurableObjectIds(env.LOBBY)).toHaveLength(before);
  const jwt = await guest("ann");
  expect(await ask("/lobby/match?limit=0", jwt)).toEqual([400, 'limit "0": expected 1 to 100']);
  expect(await ask("/lobby/match?where=7", jwt)).toEqual([400, "where: received 7, expected an object with some of pieces"]);
  expect(await ask(`/lobby/match?where={"colour":1}`, jwt)).toEqual([
    400,
    "where.colour: received 1, expected an object with some of pieces",
  ]);
  const match = (body: unknown, token = jwt) => ask("/lobby/match/match", token, { method: "POST", body: JSON.stringify(body) });
  expect((await match({ where: { pieces: -1 } }))[0]).toBe(400);
  expect((await match({ create: { pieces: -1 } }))[0]).toBe(400);
  expect((await match({ except: ["not a room id"] }))[0]).toBe(400);
  expect((await match({ create: { pieces: 1 } }, await guest("eve", ["read"])))[0]).toBe(403);
});

test("a lobby that is not bound answers 500 with the lines that are missing from wrangler.toml", async () => {
  const serve = routes({ rooms: { match: Match }, guests: true, origins: [], lobby: { match: true } });
  const { LOBBY: _, ...without } = env as unknown as Record<string, unknown>;
  const response = await serve(
    new Request("http://localhost/lobby/match", { headers: { authorization: `Bearer ${await guest("ann")}` } }),
    without,
  );
  expect(response.status).toBe(500);
  expect(await response.text()).toContain(`[[durable_objects.bindings]]\nname = "LOBBY"\nclass_name = "${Lobby.name}"`);
});
