/** Two people at one table, in real browsers: what they see of each other, and what happens when both want the same piece. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { count } from "./records.ts";
import {
  broken,
  confirmed,
  lasting,
  me,
  openTables,
  placeFor,
  seated,
  shown,
  sit,
  startPuzzle,
  take,
  type Tables,
} from "./tables.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await openTables();
});
afterEach(() => tables.clear());
afterAll(() => tables.close());

const near = (value: number) => ({
  asymmetricMatch: (other: unknown) => typeof other === "number" && Math.abs(other - value) <= 2,
  toString: () => `about ${value}`,
});

/**
 * A place near a piece where no other lies, and no button: where they all lie is drawn by lot. It is in the middle of the
 * page, for at its rim a table moves under what is held, and then the two pages show the same place at different points.
 */
async function freePlace(page: Page, piece: number): Promise<{ x: number; y: number }> {
  const place = await page.evaluate((id) => {
    const { room, view } = window.coterie!;
    const from = view.pieceOnScreen(id);
    const others = [...room.state.groups].filter((group) => group.id !== id).map((group) => view.pieceOnScreen(group.id));
    const isFree = (x: number, y: number): boolean =>
      Math.abs(x - innerWidth / 2) < innerWidth / 3 &&
      Math.abs(y - innerHeight / 2) < innerHeight / 4 &&
      others.every((other) => Math.hypot(other.x - x, other.y - y) > 120);
    for (let far = 100; far < 1200; far += 20)
      for (let turn = 0; turn < 16; turn++) {
        const angle = ((turn + 0.5) * Math.PI) / 8; // never straight up or aside: both of its numbers change
        const [x, y] = [from.x + far * Math.cos(angle), from.y + far * Math.sin(angle)];
        if (isFree(x, y)) return { x, y };
      }
    return undefined;
  }, piece);
  if (!place) throw new Error("no place on the table is free");
  return place;
}

test("a drag is seen while it lasts, in its holder's hand, is nobody else's to take, and joins where it fits", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  await ann.waitForFunction(() => window.coterie!.room.others.length === 1);
  const [annId] = [await me(ann), await me(ben)];

  await take(ann, 0);
  const free = await freePlace(ann, 0);
  await ann.mouse.move(free.x, free.y, { steps: 12 });
  await ben.waitForFunction((id) => window.coterie!.room.state.groups.get(0)!.heldBy === id, annId);
  const halfway = (await shown(ann, 0))!;
  expect(halfway.heldBy).toBe(annId);
  await ben.waitForFunction(
    ({ x, y }) => Math.abs(window.coterie!.view.cluster(0)!.x - x) <= 2 && Math.abs(window.coterie!.view.cluster(0)!.y - y) <= 2,
    halfway,
  );
  expect(await shown(ben, 0)).toEqual({ x: near(halfway.x), y: near(halfway.y), heldBy: annId });
  expect((await confirmed(ben, 0))!.x).not.toBe(halfway.x); // seen, not stored

  // Ben tries to take it out of her hand, where he sees it.
  await take(ben, 0);
  await ben.mouse.move(700, 450, { steps: 5 });
  await ben.mouse.up();
  await ben.waitForFunction(() => /Ann/.test(document.querySelector('[data-testid="live"]')?.textContent ?? ""));
  expect(await shown(ben, 0)).toMatchObject({ heldBy: annId });

  const neighbour = (await confirmed(ann, 1))!;
  const place = await placeFor(ann, 0, neighbour);
  await ann.mouse.move(place.x, place.y, { steps: 12 });
  await ann.mouse.up();
  for (const page of [ann, ben])
    await page.waitForFunction(() => {
      const { pieces, groups } = window.coterie!.room.confirmed;
      const together = pieces.get(0)!.group;
      return together === pieces.get(1)!.group && groups.get(together)!.size === 2 && groups.get(together)!.heldBy === 0;
    });
  expect(await lasting(ben)).toBe(await lasting(ann));
});

test("a held piece is on top of one that lies where it is: that is the one under the pointer, on every page", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  const lying = 23; // put down later than piece 0, as far as its height tells
  const over = await ann.evaluate((id) => window.coterie!.view.pieceOnScreen(id), lying);
  const under = (page: Page) => page.evaluate(({ x, y }) => window.coterie!.view.clusterAt(x, y), over);
  expect([await under(ann), await under(ben)]).toEqual([lying, lying]);
  await take(ann, 0);
  await ann.mouse.move(over.x, over.y, { steps: 12 });
  await ben.waitForFunction(({ x, y }) => {
    const { view } = window.coterie!;
    const at = view.pieceOnScreen(0);
    return view.cluster(0)!.heldBy !== 0 && Math.hypot(at.x - x, at.y - y) < 3;
  }, over);
  expect([await under(ann), await under(ben)]).toEqual([0, 0]);
});

test("[P2] a piece moved without a network, and meanwhile taken by somebody else, stays theirs, and the next visit says so", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  await ann.evaluate(() => window.coterie!.room.disconnect());
  await ann.evaluate(() => {
    const { do: act, state } = window.coterie!.room;
    const { x, y } = state.groups.get(3)!;
    for (const answer of [act.grab({ g: 3 }), act.drop({ g: 3, x, y: y - 1 })]) answer.catch(() => {}); // the page is gone before it comes
  });
  await expect.poll(() => count(ann, "coterie:actions", "actions")).toBe(2);
  await ben.evaluate(() => window.coterie!.room.do.grab({ g: 3 }));
  await ann.reload();
  await seated(ann);
  await expect.poll(() => ann.getByTestId("earlier").textContent()).toContain("A piece that you moved without a network");
  expect(await confirmed(ann, 3)).toMatchObject({ heldBy: await me(ben) });
  await ann.getByTestId("earlier").getByRole("button").click();
  expect(await ann.getByTestId("earlier").count()).toBe(0);
});

test("two grabs at once: one holds it, the other is told, and from the frame after never shows it as its own", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  const race = (page: Page, at: number) =>
    page.evaluate(async (start) => {
      const { room, view } = window.coterie!;
      await new Promise((resolve) => setTimeout(resolve, start - Date.now()));
      const frames: { refused: boolean; shown: unknown; state: unknown; confirmed: unknown }[] = [];
      let refused = false;
      let code = "";
      void room.do.grab({ g: 5 }).catch((error: unknown) => {
        refused = true;
        code = room.isRejection(error) ? error.code : String(error);
      });
      for (let frame = 0; frame < 90; frame++) {
        if (!refused) room.do.drag({ id: 5, x: 11 * frame, y: 7 * frame });
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const { x, y, heldBy } = room.state.groups.get(5)!;
        const { x: cx, y: cy, heldBy: ch } = room.confirmed.groups.get(5)!;
        frames.push({
          refused,
          shown: view.cluster(5)!.heldBy,
          state: { x, y, heldBy },
          confirmed: { x: cx, y: cy, heldBy: ch },
        });
      }
      return { code, frames, me: room.self!.id };
    }, at);
  const at = Date.now() + 500;
  const runs = await Promise.all([race(ann, at), race(ben, at)]);
  const [loser, ...others] = runs.filter(({ code }) => code !== "");
  expect(others).toEqual([]);
  const winner = runs.find((run) => run !== loser)!;
  expect(loser!.code).toBe("held");
  const after = loser!.frames.filter(({ refused }) => refused);
  expect(after.length).toBeGreaterThan(10);
  for (const { state, confirmed } of after) {
    expect(state).toMatchObject({ heldBy: winner.me });
    expect(confirmed).toMatchObject({ heldBy: winner.me });
  }
  // What is drawn follows one frame behind what is known.
  expect(after.slice(1).filter((frame) => frame.shown === loser!.me)).toEqual([]);
  expect(winner.frames.at(-1)).toMatchObject({ state: { heldBy: winner.me }, confirmed: { heldBy: winner.me } });
});

test("loose pieces in a box are moved together, each held for itself; one that somebody else was given comes back", async () => {
  const { page: ben, room } = await startPuzzle(tables, "Ben");
  const ann = await tables.open("/", { name: "Ann" });
  // What the room says to Ann can be held up, so that she takes a piece that is Ben's already.
  let held: (() => void)[] | undefined;
  await ann.routeWebSocket(/\/parties\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => (held ? held.push(() => socket.send(message)) : socket.send(message)));
  });
  await ann.goto(`${tables.origin}/p/${room}`);
  await seated(ann);

  const { box, chosen } = await ann.evaluate(() => {
    const { room, view } = window.coterie!;
    const places = [...room.state.groups].map(({ id }) => ({ id, ...view.pieceOnScreen(id) }));
    const middle = (at: { x: number; y: number }) => Math.hypot(at.x - innerWidth / 2, at.y - innerHeight / 2);
    const [first, ...others] = places.sort((a, b) => middle(a) - middle(b));
    const second = others.sort(
      (a, b) => Math.hypot(a.x - first!.x, a.y - first!.y) - Math.hypot(b.x - first!.x, b.y - first!.y),
    )[1]!;
    const [left, right] = [Math.min(first!.x, second.x) - 12, Math.max(first!.x, second.x) + 12];
    const [top, bottom] = [Math.min(first!.y, second.y) - 12, Math.max(first!.y, second.y) + 12];
    const within = places.filter(({ x, y }) => x > left && x < right && y > top && y < bottom).map(({ id }) => id);
    return { box: { left, right, top, bottom }, chosen: [first!.id, ...within.filter((id) => id !== first!.id)] };
  });
  expect(chosen.length).toBeGreaterThan(1);
  const [grip, lost] = [chosen[0]!, chosen[1]!];
  await ann.keyboard.down("Shift");
  await ann.mouse.move(box.left, box.top);
  await ann.mouse.down();
  await ann.mouse.move(box.right, box.bottom, { steps: 6 });
  await ann.mouse.up();
  await ann.keyboard.up("Shift");

  const before = new Map(await Promise.all(chosen.map(async (id) => [id, (await confirmed(ann, id))!] as const)));
  held = [];
  await ben.evaluate((g) => window.coterie!.room.do.grab({ g }), lost);
  const from = await take(ann, grip);
  await ann.mouse.move(from.x + 40, from.y + 30, { steps: 8 });
  const mine = await me(ann);
  for (const id of chosen) expect((await shown(ann, id))!.heldBy).toBe(mine); // as far as she knows
  const late = held;
  held = undefined;
  for (const tell of late) tell();

  const bens = await me(ben);
  await ann.waitForFunction(({ id, holder }) => window.coterie!.view.cluster(id)!.heldBy === holder, { id: lost, holder: bens });
  const kept = chosen.filter((id) => id !== lost);
  await ben.waitForFunction(
    ({ ids, holder }) => ids.every((id) => window.coterie!.room.state.groups.get(id)!.heldBy === holder),
    { ids: kept, holder: mine },
  );
  await ann.mouse.move(from.x + 60, from.y + 45, { steps: 4 });
  await ann.mouse.up();
  await ben.waitForFunction((id) => window.coterie!.room.confirmed.groups.get(id)!.heldBy === 0, grip);
  await ben.waitForFunction((ids) => ids.every((id) => window.coterie!.room.confirmed.groups.get(id)!.heldBy === 0), kept);
  const gone = async (id: number) => {
    const now = (await confirmed(ben, id))!;
    return { x: now.x - before.get(id)!.x, y: now.y - before.get(id)!.y };
  };
  const { x, y } = await gone(grip);
  expect(Math.hypot(x, y)).toBeGreaterThan(20);
  for (const id of kept) expect(await gone(id)).toEqual({ x: near(x), y: near(y) });
  expect(await gone(lost)).toEqual({ x: 0, y: 0 });
  await ann.waitForFunction((ids) => ids.every((id) => window.coterie!.room.confirmed.groups.get(id)!.heldBy === 0), kept);
  expect(await ann.getByTestId("live").textContent()).toBe("held by Ben"); // and nothing of a piece she had not, put down
});

test("[P6] with the room's object out of memory and the sockets open, play goes on and everyone is still there", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  await ann.waitForFunction(() => window.coterie!.room.others.length === 1);
  await tables.evict(room);
  const from = await take(ann, 3);
  await ann.mouse.move(from.x + 90, from.y + 40, { steps: 8 });
  await ben.waitForFunction(() => window.coterie!.room.state.groups.get(3)!.heldBy !== 0);
  await ann.mouse.up();
  const cleo = await sit(tables, room, "Cleo");
  const names = (page: Page) => page.evaluate(() => window.coterie!.room.others.map(({ user }) => user.name ?? "").sort());
  expect(await names(cleo)).toEqual(["Ann", "Ben"]);
  await ben.waitForFunction(() => window.coterie!.room.others.length === 2);
  expect(await names(ben)).toEqual(["Ann", "Cleo"]);
  expect(await ann.evaluate(() => window.coterie!.room.status)).toBe("connected");
  await cleo.context().close();
  await ben.waitForFunction(() => window.coterie!.room.others.length === 1);
});

test("what someone holds when the page closes is free again a few seconds later", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  await take(ben, 2);
  await ann.waitForFunction(() => window.coterie!.room.state.groups.get(2)!.heldBy !== 0);
  await ben.context().close();
  await ann.waitForFunction(() => window.coterie!.room.others.length === 0);
  await ann.waitForFunction(() => window.coterie!.room.state.groups.get(2)!.heldBy === 0, undefined, { timeout: 20_000 });
});

test("reloading the page keeps who one is, and lets go of what one held", async () => {
  const { page: ann } = await startPuzzle(tables, "Ann");
  const id = await me(ann);
  await take(ann, 2);
  await ann.waitForFunction(() => window.coterie!.room.confirmed.groups.get(2)!.heldBy !== 0);
  await ann.reload();
  await seated(ann);
  expect(await me(ann)).toBe(id);
  await ann.waitForFunction(() => window.coterie!.room.confirmed.groups.get(2)!.heldBy === 0);
});

test("no page threw or logged an error", () => {
  expect(broken).toEqual([]);
});
