/** A room and its lobby where the two are slow, silent or gone: on a simulated clock. What a match does is tried against rooms of its own. */
import { expect, test } from "vitest";
import { BELIEVED_MS, Listing, type ListingStore } from "../../server/lobby/listing.ts";
import { match, type Matched, type Rooms } from "../../server/lobby/match.ts";
import { LiveList } from "../../server/lobby/live-list.ts";
import type { LobbyLine, Summary } from "../../server/lobby/summary.ts";
import { RENEW_MS } from "../../server/room/announcer.ts";
import { KEPT_MS, Seats } from "../../server/room/seats.ts";
import { boardRoom } from "../kit/board-game.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";

/** A lobby that keeps what it is told. `answer`: how it does; for ever pending where that is. */
function recording(answer: () => Promise<void> = () => Promise.resolve()): LobbyLine & { told: (Summary | undefined)[] } {
  const told: (Summary | undefined)[] = [];
  return {
    told,
    report(summary) {
      told.push(summary);
      return answer();
    },
    counted: () => answer(),
  };
}

/** A board with listed rooms, and those who join it. */
function listedBoard(lobby: LobbyLine, options: { capacity?: number } = {}): Simulation {
  return simulate(boardRoom, { lobby, listed: true, ...options });
}

async function sit(simulation: Simulation, name: string) {
  const client = simulation.client(name);
  const room = client.join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 3 } });
  await simulation.advance(100);
  return room;
}

test("a room tells its lobby once its row is durable, and at most twice a second, however much happens", async () => {
  const lobby = recording();
  const simulation = listedBoard(lobby);
  const ann = await sit(simulation, "ann");
  expect(lobby.told).toEqual([{ id: "room", params: { pieces: 3 }, players: 1, capacity: 32_768, kept: 0, keptUntil: 0 }]);
  for (let n = 0; n < 20; n++) {
    void ann.do.add({ n: 1 });
    await simulation.advance(50);
  }
  expect(lobby.told).toHaveLength(1); // nothing of it is the lobby's affair
  for (let n = 0; n < 8; n++) await sit(simulation, `more ${n}`);
  await simulation.advance(1000);
  expect(lobby.told.length).toBeLessThanOrEqual(1 + 3);
  expect(lobby.told.at(-1)?.players).toBe(9);
});

test("a room whose lobby never answers plays on, and keeps one call under way at most", async () => {
  const lobby = recording(() => new Promise(() => {}));
  const simulation = listedBoard(lobby);
  const [ann, ben] = [await sit(simulation, "ann"), await sit(simulation, "ben")];
  void ann.do.add({ n: 5 });
  await simulation.advance(10_000);
  expect([ann.status, ben.state.meta.total]).toEqual(["connected", 5]);
  expect(lobby.told).toHaveLength(1);
  expect(await simulation.comesToRest()).toBe(true); // nothing of it keeps the room awake
});

test("a report that is lost is made again, and an unchanged room renews its entry before it expires", async () => {
  let down = true;
  const lobby = recording(() => (down ? Promise.reject(new Error("the lobby is down")) : Promise.resolve()));
  const simulation = listedBoard(lobby);
  const ann = await sit(simulation, "ann");
  await simulation.advance(60_000);
  const failed = lobby.told.length;
  expect(failed).toBeGreaterThanOrEqual(3);
  down = false;
  await simulation.advance(20_000);
  expect(lobby.told.length).toBe(failed + 1);
  await simulation.advance(RENEW_MS * 3);
  expect(lobby.told.length).toBeGreaterThanOrEqual(failed + 3);
  expect(RENEW_MS * 2).toBeLessThan(BELIEVED_MS);
  ann.destroy();
  await simulation.advance(2000);
  expect(lobby.told.at(-1)).toBeUndefined();
  const gone = lobby.told.length;
  await simulation.advance(RENEW_MS * 3);
  expect(lobby.told).toHaveLength(gone); // an empty room is silent
});

test("a kept place is its user's for ten seconds, then anybody's", () => {
  let now = 0;
  const seats = new Seats(2, () => now);
  expect(seats.free("ann", 1)).toBe(true);
  seats.keep("ann");
  expect([seats.free("ben", 1), seats.free("ann", 1)]).toEqual([false, true]);
  expect(seats.kept).toEqual({ count: 1, until: KEPT_MS });
  now = KEPT_MS;
  expect([seats.free("ben", 1), seats.kept.count]).toEqual([true, 0]);
});

/** Rooms of a party, as a match meets them: each answers after some turns of the loop. */
function party(capacity: number) {
  const seated = new Map<string, Set<string>>();
  const store: ListingStore = { all: () => [], keep() {}, drop() {} };
  const listing = new Listing(store);
  const later = async (turns: number): Promise<void> => {
    for (let n = 0; n < turns; n++) await Promise.resolve();
  };
  const summary = (id: string, params: unknown, players: number): Summary => ({
    id,
    params,
    capacity,
    players: 0,
    kept: players,
    keptUntil: Infinity,
  });
  const rooms: Rooms = {
    async seat(id, user) {
      asked.count++;
      await later((user.length * 7) % 11);
      const users = seated.get(id);
      if (!users) return { kind: "gone" };
      const free = users.size < capacity;
      if (free) users.add(user);
      return { kind: free ? "kept" : "full", summary: summary(id, {}, users.size) };
    },
    async create(id, _params, user) {
      await later(5);
      seated.set(id, new Set([user]));
      return { kind: "kept", summary: summary(id, {}, 1) };
    },
  };
  let ids = 0;
  const asked = { count: 0 };
  const find = (user: string): Promise<Matched> =>
    match(
      { user, where: {}, except: [], create: { id: `room-${ids++}`, params: {}, capacity } },
      listing,
      rooms,
      () => 0,
      () => {},
    );
  return { seated, listing, rooms, find, asked };
}

test("however matches are interleaved, no room is over its capacity and none is made that nobody needs", async () => {
  for (const [matches, capacity] of [
    [50, 4],
    [7, 2],
    [33, 16],
    [5, 1],
  ] as const) {
    const { seated, find, asked } = party(capacity);
    const found = await Promise.all(Array.from({ length: matches }, (_, n) => find("x".repeat(1 + (n % 13)) + n)));
    expect(found.every(({ kind }) => kind === "matched")).toBe(true);
    expect(Math.max(...[...seated.values()].map(({ size }) => size))).toBeLessThanOrEqual(capacity);
    expect(seated.size).toBe(Math.ceil(matches / capacity));
    expect(asked.count).toBeLessThanOrEqual(matches); // nobody was sent to a room that others had been sent to before
  }
});

test("who waits for a room that then cannot be made is not left waiting", async () => {
  const { listing, rooms, find } = party(4);
  const refused: Rooms = {
    ...rooms,
    create: async () => ({ kind: "refused", code: "bad-input", message: "no such parameters" }),
  };
  const create = { id: "never", params: {}, capacity: 4 };
  const first = match(
    { user: "ann", where: {}, except: [], create },
    listing,
    refused,
    () => 0,
    () => {},
  );
  const second = find("ben");
  expect(await first).toMatchObject({ kind: "refused", code: "bad-input" });
  expect(await second).toMatchObject({ kind: "matched", created: true });
  const broken: Rooms = { ...rooms, create: () => Promise.reject(new Error("the room is down")) };
  const third = match(
    { user: "cleo", where: { n: 1 }, except: [], create },
    listing,
    broken,
    () => 0,
    () => {},
  );
  await expect(third).rejects.toThrow("the room is down");
  expect(listing.get("never")).toBeUndefined();
});

test("a lobby keeps no more than it can hold: not too many rooms, none with long parameters", () => {
  const listing = new Listing({ all: () => [], keep() {}, drop() {} });
  const summary = (id: string, params: unknown): Summary => ({ id, params, players: 1, capacity: 4, kept: 0, keptUntil: 0 });
  expect(listing.report(summary("long", { note: "x".repeat(1000) }), 0)).toBe(false);
  for (let n = 0; n < 20_001; n++) listing.report(summary(`room-${n}`, null), 0);
  const { rooms, total } = listing.page({});
  expect([rooms.length, total]).toEqual([100, 20_000]);
  expect(listing.get("long")).toBeUndefined();
});

test("a watcher that does not read is sent one list, whatever happens; one that wakes with the object is given what is new", () => {
  let text = "a";
  let run = (): void => {};
  const list = new LiveList(
    () => text,
    (_ms, then) => (run = then),
  );
  const watcher = (): { sent: string[]; closed: number[]; send(bytes: Uint8Array): void; close(code: number): void } => {
    const sent: string[] = [];
    const closes: number[] = [];
    return {
      sent,
      closed: closes,
      send: (bytes) => void sent.push(new TextDecoder().decode(bytes)),
      close: (code) => void closes.push(code),
    };
  };
  const [slow, woken, rude] = [watcher(), watcher(), watcher()];
  list.add(slow);
  list.adopt(woken);
  list.add(rude);
  expect(slow.sent).toEqual([]);
  list.received(slow, "read");
  for (const next of ["b", "c", "d"]) {
    text = next;
    list.mark();
    run();
  }
  expect(slow.sent).toEqual(["a"]);
  expect(woken.sent).toEqual(["b"]);
  list.received(woken, "read"); // of a list from before the sleep
  list.received(woken, "read");
  expect([woken.sent.at(-1), woken.closed]).toEqual(["d", []]);
  list.received(slow, "read");
  expect(slow.sent).toEqual(["a", "d"]);
  list.received(rude, "give me more");
  expect(rude.closed).toEqual([4400]);
});
