/** What was made and not answered outlives its page: on a simulated room, with pages that die at any moment. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RoomError } from "coterie";
import { indexedDb } from "coterie/client/offline";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, join, type BoardRoom } from "../kit/board.ts";
import { MemoryBrowser, type BrowserPage } from "../kit/memory-shelf.ts";
import type { Weather } from "../kit/network.ts";
import { Draw, SEED } from "../kit/random.ts";
import type { Simulation, SimulatedClient } from "../kit/simulation.ts";

interface Open {
  readonly page: BrowserPage;
  readonly wire: SimulatedClient;
  readonly room: BoardRoom;
  readonly errors: RoomError[];
  /** It is gone, as after a crash. */
  die(): void;
}

/** A page of a user opens, and joins the table. */
async function open(simulation: Simulation, browser: MemoryBrowser, user = "ann", weather: Weather = {}): Promise<Open> {
  const page = browser.page(user);
  const wire = simulation.client(user, { ...page.options, ...weather });
  const room = wire.join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 10 } });
  const errors: RoomError[] = [];
  room.on("error", (error) => errors.push(error));
  await simulation.advance(300);
  return {
    page,
    wire,
    room,
    errors,
    die() {
      page.die();
      wire.network.drop();
    },
  };
}

/** Its promise may be kept or not: the page is to die. */
const whatever = (promise: Promise<unknown>): void => void promise.catch(() => {});

const made = (simulation: Simulation): Promise<{ room: BoardRoom }> => join(simulation, "watcher");

describe("a page that is gone with what it did", () => {
  test("[P2] the next page sends it again, once and in order, shows it meanwhile, and goes on with the same session", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const first = await open(simulation, browser);
    first.room.disconnect();
    for (const n of [1, 10]) whatever(first.room.do.add({ n }));
    whatever(first.room.do.grab({ id: 3 }));
    whatever(first.room.do.drop({ id: 3, x: 70, y: 7 }));
    await simulation.advance(50);
    expect([first.room.sync, browser.actions.size]).toEqual([{ state: "offline", pending: 4 }, 4]);
    first.die();

    const second = await open(simulation, browser, "ann", { latencyMs: 100 }); // 300 ms: no answer of the room's yet
    expect(second.room.sync).toEqual({ state: "offline", pending: 4 });
    expect(watcher.room.state.meta.total).toBe(0);
    await simulation.advance(150); // the state is here, the answers are not
    expect([second.room.state.meta.total, second.room.confirmed.meta.total]).toEqual([11, 0]);
    expect(second.room.state.pieces.get(3)).toMatchObject({ x: 70, y: 7 });
    await simulation.advance(1000);
    expect([second.room.sync, browser.actions.size]).toEqual([{ state: "saved", pending: 0 }, 0]);
    expect([watcher.room.state.meta.total, watcher.room.state.pieces.get(3)?.x]).toEqual([11, 70]);
    const added = second.room.do.add({ n: 100 });
    await simulation.advance(1000);
    expect((await added).value).toBe(111);
    expect(second.errors).toEqual([]);
  });

  test("[P2] what had run before the page died, unheard, is answered and not run again", async () => {
    const simulation = boardSimulation({ latencyMs: 50 });
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const first = await open(simulation, browser);
    whatever(first.room.do.add({ n: 1 }));
    await simulation.advance(70); // the room has it, the page does not know
    expect([watcher.room.state.meta.total, first.room.sync.pending]).toEqual([0, 1]);
    first.die();
    await simulation.advance(200);
    expect(watcher.room.state.meta.total).toBe(1);
    const second = await open(simulation, browser);
    await simulation.advance(500);
    expect([watcher.room.state.meta.total, second.room.sync, browser.actions.size]).toEqual([
      1,
      { state: "saved", pending: 0 },
      0,
    ]);
  });

  test("nothing is sent before it is kept: what a page did that died in that moment has not happened", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser(() => new Promise((resolve) => simulation.clock.after(40, resolve)));
    const first = await open(simulation, browser);
    whatever(first.room.do.add({ n: 1 }));
    await simulation.advance(30);
    first.die();
    await simulation.advance(500);
    expect([browser.actions.size, watcher.room.state.meta.total]).toEqual([0, 0]);
    await open(simulation, browser);
    await simulation.advance(500);
    expect(watcher.room.state.meta.total).toBe(0);
  });

  test("what the room refuses is told one by one, by name, input and reason; the rest is saved", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const first = await open(simulation, browser);
    first.room.disconnect();
    whatever(first.room.do.grab({ id: 1 }));
    whatever(first.room.do.add({ n: 5 }));
    whatever(first.room.do.broken());
    await simulation.advance(50);
    first.die();
    void watcher.room.do.grab({ id: 1 });
    await simulation.advance(100);
    const second = await open(simulation, browser);
    await simulation.advance(500);
    expect(second.errors.map(({ code, action }) => [code, action?.name, action?.input])).toEqual([
      ["held", "grab", { id: 1 }],
      ["internal", "broken", undefined],
    ]);
    expect(second.errors[0]!.action!.at).toBeGreaterThan(simulation.now - 2000);
    expect(second.room.isRejection(second.errors[0])).toBe(true);
    expect([watcher.room.state.meta.total, browser.actions.size]).toEqual([5, 0]);
  });

  test("[P2] a refusal moves the numbers up, and a page that dies just then still has each action run once", async () => {
    for (const [slowMs, most, step] of [
      [3, 120, 4],
      [25, 400, 7], // slower than a page speaks
    ] as const)
      for (let dies = 0; dies < most; dies += step) {
        const simulation = boardSimulation({ latencyMs: 10 });
        const watcher = await made(simulation);
        const browser = new MemoryBrowser(() => new Promise((resolve) => simulation.clock.after(slowMs, resolve)));
        const first = await open(simulation, browser);
        await simulation.advance(500);
        whatever(first.room.do.rare());
        whatever(first.room.do.rare()); // more than one a second: refused at once, and its number goes to the next
        whatever(first.room.do.add({ n: 1 }));
        whatever(first.room.do.add({ n: 10 }));
        await simulation.advance(dies);
        const kept = [...browser.actions.values()].flatMap(({ value }) => (value as { n: number } | undefined)?.n ?? []);
        first.die();
        await simulation.advance(100);
        await open(simulation, browser);
        await simulation.advance(4000);
        const { total } = watcher.room.state.meta;
        const ran = [total % 10, total - (total % 10)];
        expect([dies, [0, 1, 10, 11].includes(total), kept.filter((n) => !ran.includes(n))]).toEqual([dies, true, []]);
      }
  });
});

test("what was done at its rate, and comes at once when the network is back, is not refused for that", async () => {
  const simulation = boardSimulation();
  const browser = new MemoryBrowser();
  for (const kept of [true, false]) {
    const wire = simulation.client("ann", kept ? browser.page("ann").options : {});
    const room = wire.join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 1 } });
    await simulation.advance(300);
    room.disconnect();
    const all: Promise<unknown>[] = [];
    for (let n = 0; n < 4; n++) {
      all.push(room.do.rare(), room.do.add({ n: 1 }));
      await simulation.advance(1000);
    }
    room.connect();
    await simulation.advance(10_000);
    await Promise.all(all);
    // With the room at hand it is refused at once, as ever.
    const both = Promise.allSettled([room.do.rare(), room.do.rare()]);
    await simulation.advance(1000);
    expect((await both).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(room.sync.pending).toBe(0);
    room.destroy();
  }
});

describe("several pages", () => {
  test("each has a session of its own; of those who come after, one takes up what is left", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const tabs = [await open(simulation, browser), await open(simulation, browser)];
    for (const [nth, { room }] of tabs.entries()) {
      room.disconnect();
      whatever(room.do.add({ n: 1 + nth }));
    }
    await simulation.advance(50);
    tabs[0]!.die();
    const later = [await open(simulation, browser), await open(simulation, browser)];
    await simulation.advance(500);
    expect(watcher.room.state.meta.total).toBe(1); // the other tab lives, and what it did is its own
    tabs[1]!.room.connect();
    await simulation.advance(500);
    expect(watcher.room.state.meta.total).toBe(3);
    expect([...tabs.slice(1), ...later].map(({ room }) => room.status)).toEqual(["connected", "connected", "connected"]);
    expect(browser.actions.size).toBe(0);
  });

  test("one that is looked at takes up what another has left meanwhile, session after session", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const stays = await open(simulation, browser);
    const tabs = [await open(simulation, browser), await open(simulation, browser), await open(simulation, browser)];
    for (const [nth, { room }] of tabs.entries()) {
      room.disconnect();
      whatever(room.do.add({ n: 10 ** nth }));
    }
    await simulation.advance(50);
    for (const tab of tabs) tab.die();
    await simulation.advance(1000);
    expect(watcher.room.state.meta.total).toBe(0);
    stays.page.see();
    await simulation.advance(10_000); // three sockets, one after the other, each after a wait at random
    expect([watcher.room.state.meta.total, browser.actions.size, stays.room.sync.state]).toEqual([111, 0, "saved"]);
  });
});

describe("another user", () => {
  test("is not given what the former did: it waits until they are back", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const ann = await open(simulation, browser, "ann");
    ann.room.disconnect();
    whatever(ann.room.do.grab({ id: 2 }));
    await simulation.advance(50);
    ann.die();
    const ben = await open(simulation, browser, "ben");
    const grabbed = ben.room.do.grab({ id: 4 });
    await simulation.advance(500);
    await grabbed;
    expect([ben.room.sync.pending, browser.actions.size, watcher.room.state.pieces.get(2)?.heldBy]).toEqual([0, 1, 0]);
    ben.die();
    const back = await open(simulation, browser, "ann");
    await simulation.advance(500);
    expect([browser.actions.size, watcher.room.state.pieces.get(2)?.heldBy]).toEqual([0, back.room.self!.id]);
    expect([...ben.errors, ...back.errors]).toEqual([]);
  });

  test("is not kept waiting for by storage: after 90 days what nobody came back for is forgotten", async () => {
    const simulation = boardSimulation();
    const browser = new MemoryBrowser();
    const ann = await open(simulation, browser, "ann");
    ann.room.disconnect();
    whatever(ann.room.do.add({ n: 1 }));
    await simulation.advance(50);
    ann.die();
    const DAY_MS = 86_400_000;
    for (const [key, action] of browser.actions) browser.actions.set(key, { ...action, at: action.at - 89 * DAY_MS });
    (await open(simulation, browser, "ben")).die();
    expect(browser.actions.size).toBe(1);
    for (const [key, action] of browser.actions) browser.actions.set(key, { ...action, at: action.at - 2 * DAY_MS });
    await open(simulation, browser, "ben");
    expect(browser.actions.size).toBe(0);
  });

  test("who comes in the same page leaves what the former did to them, and its promise says that it waits", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const open1 = await open(simulation, browser, "ann");
    const annId = open1.room.self!.id;
    open1.room.disconnect();
    const grabbed = open1.room.do.grab({ id: 2 });
    const code = grabbed.catch(({ code }: RoomError) => code);
    await simulation.advance(50);
    open1.page.user = "ben";
    open1.wire.become("ben");
    open1.room.connect();
    await simulation.advance(500);
    expect(await code).toBe("unanswered");
    expect([open1.room.status, watcher.room.state.pieces.get(2)?.heldBy]).toEqual(["connected", 0]);
    open1.room.disconnect();
    open1.page.user = "ann";
    open1.wire.become("ann");
    open1.room.connect();
    await simulation.advance(500);
    expect([watcher.room.state.pieces.get(2)?.heldBy, browser.actions.size]).toEqual([annId, 0]);
  });
});

describe("what is not sent is told", () => {
  const DAY_MS = 86_400_000;
  async function left(simulation: Simulation, browser: MemoryBrowser): Promise<void> {
    const page = await open(simulation, browser);
    page.room.disconnect();
    for (const n of [1, 10]) whatever(page.room.do.add({ n }));
    await simulation.advance(50);
    page.die();
  }

  test("after 14 days", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    await left(simulation, browser);
    await simulation.advance(15 * DAY_MS);
    const { errors } = await open(simulation, browser);
    await simulation.advance(500);
    expect(errors.map(({ code, action }) => [code, action?.name, action?.input])).toEqual([
      ["session-expired", "add", { n: 1 }],
      ["session-expired", "add", { n: 10 }],
    ]);
    expect([watcher.room.state.meta.total, browser.actions.size]).toEqual([0, 0]);
  });

  test("when the room has forgotten the session", async () => {
    const simulation = boardSimulation();
    const browser = new MemoryBrowser();
    const page = await open(simulation, browser);
    const done = page.room.do.add({ n: 1000 });
    await simulation.advance(200);
    await done;
    page.room.disconnect();
    for (const n of [1, 10]) whatever(page.room.do.add({ n }));
    await simulation.advance(50);
    page.die();
    // Another storage under the same room: it has never heard of the session.
    const other = boardSimulation();
    const watcher = await made(other);
    const [key, ...keys] = [...browser.actions.keys()];
    for (const each of [key!, ...keys]) browser.actions.set(each, { ...browser.actions.get(each)!, epoch: 0, at: other.now });
    const { errors, room } = await open(other, browser);
    await other.advance(1000);
    expect(errors.map(({ code, action }) => [code, action?.input])).toEqual([
      ["session-expired", { n: 1 }],
      ["session-expired", { n: 10 }],
    ]);
    expect([watcher.room.state.meta.total, browser.actions.size, room.status]).toEqual([0, 0, "connected"]);
  });

  test("when the game's version is another, or the action takes something else", async () => {
    for (const change of [{ game: "board/0" }, { wire: "struct{n:u8}" }, { action: "sum" }, { bytes: new Uint8Array() }]) {
      const simulation = boardSimulation();
      await made(simulation);
      const browser = new MemoryBrowser();
      await left(simulation, browser);
      for (const [key, action] of browser.actions) browser.actions.set(key, { ...action, ...change });
      const { errors, room } = await open(simulation, browser);
      await simulation.advance(500);
      expect(errors.map(({ code, action }) => [code, action?.input])).toEqual([
        ["version", { n: 1 }],
        ["version", { n: 10 }],
      ]);
      expect([room.state.meta.total, browser.actions.size]).toEqual([0, 0]);
    }
  });

  test("when the room was deleted and made anew", async () => {
    const simulation = boardSimulation();
    await made(simulation);
    const browser = new MemoryBrowser();
    await left(simulation, browser);
    for (const [key, action] of browser.actions) browser.actions.set(key, { ...action, epoch: action.epoch - 1 });
    const { errors, room } = await open(simulation, browser);
    const added = room.do.add({ n: 100 });
    await simulation.advance(500);
    await added;
    expect(errors.map(({ code, reason }) => [code, reason])).toEqual(
      Array.from({ length: 2 }, () => ["not-found", "the room was deleted and made anew"]),
    );
    expect([room.state.meta.total, browser.actions.size]).toEqual([100, 0]);
  });
});

describe("a room that the page has left", () => {
  test("[P2] for good: what waited is rejected there, and sent by who joins next", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const first = await open(simulation, browser);
    first.room.disconnect();
    const code = first.room.do.add({ n: 1 }).catch(({ code }: RoomError) => code);
    first.room.destroy(); // in the same breath: it was not on the shelf yet
    expect(await code).toBe("destroyed");
    await simulation.advance(50);
    expect(browser.actions.size).toBe(1);
    await open(simulation, browser);
    await simulation.advance(500);
    expect([watcher.room.state.meta.total, browser.actions.size]).toEqual([1, 0]);
  });

  test("[P2] stopped by it: the promise says that the action waits, and it is sent when the page may come again", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const first = await open(simulation, browser);
    first.wire.network.latencyMs = 30;
    const failed = first.room.do.add({ n: 1 }).catch((error: RoomError) => [error.code, error.retryable]);
    await simulation.advance(10); // under way
    for (const connection of simulation.room.connections.open())
      if (connection.facts.user.id === "ann") connection.socket.close(4410, "out");
    await simulation.advance(100);
    expect([first.room.status, await failed]).toEqual(["disconnected", ["unanswered", false]]);
    first.room.connect();
    await simulation.advance(1000);
    expect([watcher.room.state.meta.total, first.room.sync, browser.actions.size]).toEqual([
      1,
      { state: "saved", pending: 0 },
      0,
    ]);
  });
});

describe("storage that fails", () => {
  const warnings: unknown[][] = [];
  beforeAll(() => void vi.spyOn(console, "warn").mockImplementation((...words: unknown[]) => void warnings.push(words)));
  afterAll(() => void vi.restoreAllMocks());

  test("[P2] from the first: the room goes on as it would without", async () => {
    const simulation = boardSimulation();
    const browser = new MemoryBrowser();
    browser.failure = new Error("forbidden");
    const { room } = await open(simulation, browser);
    const added = room.do.add({ n: 1 });
    await simulation.advance(500);
    expect([(await added).value, room.sync, browser.actions.size]).toEqual([1, { state: "saved", pending: 0 }, 0]);
  });

  test("[P2] while actions wait: those on the shelf are answered under their numbers, the others follow, each once", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser();
    const { room, errors } = await open(simulation, browser);
    room.disconnect();
    const all = [room.do.add({ n: 1 }), room.do.add({ n: 10 })];
    await simulation.advance(50);
    browser.failure = new Error("the disk is full");
    all.push(room.do.add({ n: 100 }), room.do.add({ n: 1000 }));
    await simulation.advance(50);
    room.connect();
    await simulation.advance(2000);
    expect((await Promise.all(all)).map(({ value }) => value)).toEqual([1, 11, 111, 1111]);
    expect([watcher.room.state.meta.total, room.sync, errors]).toEqual([1111, { state: "saved", pending: 0 }, []]);
    // What could not be taken away is sent once more by the next page, and has run.
    browser.failure = undefined;
    const next = await open(simulation, browser);
    await simulation.advance(500);
    expect([watcher.room.state.meta.total, browser.actions.size]).toEqual([1111, 0]);
    const more = next.room.do.add({ n: 10_000 }); // with no number that has been used
    await simulation.advance(500);
    expect((await more).value).toBe(11_111);
  });

  test("just as the room is stopped: what was to wait there, and cannot, is told one by one", async () => {
    const simulation = boardSimulation();
    const watcher = await made(simulation);
    const browser = new MemoryBrowser(() => new Promise((resolve) => simulation.clock.after(20, resolve)));
    const { room, errors } = await open(simulation, browser);
    await simulation.advance(500);
    for (const connection of simulation.room.connections.open())
      if (connection.facts.user.id === "ann") connection.socket.close(4410, "out");
    const codes = [1, 10].map((n) => room.do.add({ n }).catch(({ code }: RoomError) => code));
    browser.failure = new Error("the disk is full");
    await simulation.advance(500);
    expect([room.status, await Promise.all(codes)]).toEqual(["disconnected", ["unanswered", "unanswered"]]);
    expect(errors.map(({ code, action }) => [code, action?.input])).toEqual([
      ["kicked", undefined],
      ["unavailable", { n: 1 }],
      ["unavailable", { n: 10 }],
    ]);
    expect([watcher.room.state.meta.total, browser.actions.size]).toEqual([0, 0]);
  });

  test("is said once, for all rooms and both times", () => {
    expect(warnings).toEqual([["coterie: this browser cannot keep what is not saved", new Error("forbidden")]]);
  });
});

test("where there is no browser nothing is kept, nothing is said, and a room is joined and played in all the same", async () => {
  const warned = vi.spyOn(console, "warn");
  const simulation = boardSimulation();
  const client = simulation.client("ann", { offline: indexedDb() });
  const room = client.join(boardRoom, "table", { presence: { cursor: null, mood: "" }, create: { pieces: 1 } });
  await simulation.advance(300);
  const added = room.do.add({ n: 1 });
  await simulation.advance(300);
  expect([(await added).value, room.sync.state, warned.mock.calls]).toEqual([1, "saved", []]);
  warned.mockRestore();
});

describe("in any order of events", () => {
  const LIVES = 60;
  const STEPS = 30;

  /** One life of a browser: tabs open, act, are cut off, die and are looked at, while the room's object crashes and sleeps. */
  async function live(draw: Draw): Promise<void> {
    const simulation = boardSimulation({ latencyMs: 1 + draw.below(40), commitMs: draw.one([1, 30]) });
    const watcher = await made(simulation);
    const slow = draw.below(20);
    const browser = new MemoryBrowser(() => new Promise((resolve) => simulation.clock.after(draw.below(slow + 1), resolve)));
    let tabs: Open[] = [];
    /** Answered as done; and made by pages that died before they heard. */
    let done = 0;
    let unheard = 0;
    const act = (tab: Open): void => {
      let isOpen = true;
      unheard++;
      tab.room.do.add({ n: 1 }).then(
        () => {
          if (isOpen && !tab.page.isDead) [done, unheard] = [done + 1, unheard - 1];
          isOpen = false;
        },
        () => (isOpen = false),
      );
    };
    for (let step = 0; step < STEPS; step++) {
      const tab = tabs.length > 0 ? draw.one(tabs) : undefined;
      switch (tab ? draw.below(11) : 0) {
        case 0:
          if (tabs.length < 3) tabs.push(await open(simulation, browser));
          break;
        case 1:
        case 2:
          tab!.die();
          tabs = tabs.filter((each) => each !== tab);
          break;
        case 3:
          tab!.wire.network.drop();
          break;
        case 4:
          tab!.room.disconnect();
          break;
        case 5:
          tab!.room.connect();
          tab!.page.see();
          break;
        case 6:
          simulation.crash();
          break;
        case 7:
          void tab!.room.do.rare().catch(() => {}); // may be refused at once, and moves the numbers up
          break;
        default:
          for (let n = draw.below(5); n >= 0; n--) act(tab!);
      }
      await simulation.advance(draw.below(draw.chance(0.2) ? 1500 : 60));
    }
    // All is well again, and what anybody has left is taken up.
    tabs.push(await open(simulation, browser));
    for (const { room, page } of tabs) {
      room.connect();
      page.see();
    }
    await simulation.advance(20_000);
    for (const { page } of tabs) page.see();
    await simulation.advance(20_000);
    const { total } = watcher.room.state.meta;
    const stored = [...browser.actions.values()].map(({ action, number }) => `${action} ${number}`);
    expect([tabs.map(({ room }) => room.sync), stored]).toEqual([tabs.map(() => ({ state: "saved", pending: 0 })), []]);
    expect(tabs.flatMap(({ errors }) => errors.filter(({ action }) => action?.name !== "rare"))).toEqual([]);
    expect(total).toBeGreaterThanOrEqual(done);
    expect(total).toBeLessThanOrEqual(done + unheard);
    for (const { room } of tabs) expect(room.state.meta.total).toBe(total);
  }

  test(`[P2] what was answered has run once, what was not at most once, and in the end nothing is left (seed ${SEED})`, async () => {
    for (let nth = 0; nth < LIVES; nth++)
      try {
        await live(new Draw("browser", SEED, nth));
      } catch (error) {
        throw new Error(`life ${nth} of seed ${SEED}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
  });
});
