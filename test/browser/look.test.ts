/** What people see in the middle of a game: three hands on the table, cursors with names. The README's picture is made here. */
import { copyFileSync, mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { broken, openTables, sit, startPuzzle, take, type Tables } from "./tables.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await openTables();
});
afterEach(() => tables.clear());
afterAll(() => tables.close());

/** Screenshots to look at; not kept in the repository. */
const SHOTS = new URL("../.out/", import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });

/** Joins the left half of the picture, so that there is something to look at. */
const begin = (page: Page, cols: number): Promise<void> =>
  page.evaluate(async (across) => {
    const { room } = window.coterie!;
    for (const { id } of [...room.state.pieces]) {
      if (id % across > across / 2 - (Math.floor(id / across) % 3)) continue;
      const { group } = room.state.pieces.get(id)!;
      const { x, y } = room.state.groups.get(group)!;
      if (x === 0 && y === 0) continue;
      void room.do.grab({ g: group });
      await room.do.drop({ g: group, x: 0, y: 0 });
    }
  }, cols);

/** Takes a loose piece towards a place of the picture. */
async function drag(page: Page, nth: number, to: { x: number; y: number }): Promise<void> {
  const piece = await page.evaluate(
    (n) => [...window.coterie!.room.state.groups].filter(({ size, heldBy }) => size === 1 && heldBy === 0)[n]!.id,
    nth,
  );
  await take(page, piece);
  const at = await page.evaluate(({ x, y }) => window.coterie!.view.worldToScreen(x, y), to);
  await page.mouse.move(at.x, at.y, { steps: 10 });
}

test("three people drag at once; each sees the others' hands, names and pieces", async () => {
  const { page: mira, room } = await startPuzzle(tables, "Mira", 100);
  const theo = await sit(tables, room, "Theo");
  const june = await sit(tables, room, "June", { colorScheme: "dark" });
  await begin(mira, 10);
  await Promise.all([drag(mira, 4, { x: 330, y: -190 }), drag(theo, 11, { x: 210, y: 120 }), drag(june, 20, { x: 360, y: 260 })]);
  for (const page of [mira, theo, june])
    await page.waitForFunction(() => {
      const { room } = window.coterie!;
      return room.others.length === 2 && [...room.state.groups].filter(({ heldBy }) => heldBy !== 0).length === 3;
    });
  await mira.waitForTimeout(400);
  const held = await theo.evaluate(() =>
    [...window.coterie!.room.state.groups]
      .filter(({ heldBy }) => heldBy !== 0)
      .map(({ id }) => window.coterie!.view.cluster(id)!.heldBy),
  );
  expect(new Set(held).size).toBe(3);
  expect(await mira.getByTestId("faces").getAttribute("data-count")).toBe("3");
  await theo.screenshot({ path: `${SHOTS}game-1440.jpg`, quality: 85 });
  await june.screenshot({ path: `${SHOTS}game-1440-dark.png` });
  if (process.env["UPDATE_PICTURE"]) copyFileSync(`${SHOTS}game-1440.jpg`, new URL("../../demo/table.jpg", import.meta.url));
  const phone = await sit(tables, room, "Ada", { viewport: { width: 375, height: 812 }, touch: true });
  await phone.waitForTimeout(400);
  await phone.screenshot({ path: `${SHOTS}game-375.png` });
  const lobby = await tables.open("/");
  await lobby.waitForTimeout(800);
  await lobby.screenshot({ path: `${SHOTS}lobby-1440.png` });
  const small = await tables.open("/", { viewport: { width: 375, height: 812 }, touch: true, colorScheme: "dark" });
  await small.waitForTimeout(800);
  await small.screenshot({ path: `${SHOTS}lobby-375-dark.png` });
  expect(broken).toEqual([]);
});

test("by keyboard alone: walk to a piece, lift it, move it, put it down; a reader is told", async () => {
  const { page } = await startPuzzle(tables, "Kay", 24);
  await page.getByTestId("board").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const held = await page.waitForFunction(() =>
    [...window.coterie!.room.confirmed.groups].find(({ heldBy }) => heldBy === window.coterie!.room.self!.id),
  );
  const before = (await held.jsonValue())!;
  for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.waitForFunction(({ id, x }) => {
    const row = window.coterie!.room.confirmed.groups.get(id)!;
    return row.heldBy === 0 && row.x > x;
  }, before);
  expect(await page.getByTestId("live").textContent()).not.toBe("");
});

test("by touch, at 375 pixels: one finger drags a piece", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann", 24);
  const phone = await sit(tables, room, "Pia", { viewport: { width: 375, height: 812 }, touch: true });
  const from = await phone.evaluate(() => window.coterie!.view.pieceOnScreen(7));
  const touch = await phone.context().newCDPSession(phone);
  const finger = (type: "touchStart" | "touchMove" | "touchEnd", x: number, y: number) =>
    touch.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  await finger("touchStart", from.x, from.y);
  for (let step = 1; step <= 10; step++) await finger("touchMove", from.x, from.y + step * 4);
  await ann.waitForFunction(() => window.coterie!.room.state.groups.get(7)!.heldBy !== 0);
  await finger("touchEnd", 0, 0);
  await ann.waitForFunction(() => window.coterie!.room.confirmed.groups.get(7)!.heldBy === 0);
});

test("by touch, at 375 pixels: a finger that rests before it moves draws a box, and what is in it is lifted together", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann", 24);
  const phone = await sit(tables, room, "Pia", { viewport: { width: 375, height: 812 }, touch: true });
  const touch = await phone.context().newCDPSession(phone);
  const finger = (type: "touchStart" | "touchMove" | "touchEnd", x: number, y: number) =>
    touch.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  const [middle, corner] = await phone.evaluate(() => {
    const { view, room } = window.coterie!;
    const places = [...room.state.groups].map(({ id }) => ({ id, ...view.pieceOnScreen(id) }));
    const above = places.filter(({ x, y }) => x > 20 && x < 180 && y > 80 && y < 400);
    const [top, left] = [Math.min(...above.map(({ y }) => y)) - 5, Math.min(...above.map(({ x }) => x)) - 5];
    return [view.worldToScreen(0, 0), { x: Math.max(2, left), y: Math.max(70, top) }];
  });
  await finger("touchStart", middle.x, middle.y);
  await phone.waitForTimeout(700); // it rests
  for (let step = 1; step <= 10; step++)
    await finger("touchMove", middle.x + ((corner.x - middle.x) * step) / 10, middle.y + ((corner.y - middle.y) * step) / 10);
  await finger("touchEnd", 0, 0);
  await phone.waitForFunction(() => /pieces selected/.test(document.querySelector('[data-testid="live"]')?.textContent ?? ""));
  const count = Number.parseInt((await phone.getByTestId("live").textContent())!);
  expect(count).toBeGreaterThan(1);
  const grip = await phone.evaluate(
    ({ from, to }) => {
      const { view, room } = window.coterie!;
      const places = [...room.state.groups].map(({ id }) => view.pieceOnScreen(id));
      return places.find(({ x, y }) => x > to.x && x < from.x && y > to.y && y < from.y)!;
    },
    { from: middle, to: corner },
  );
  await finger("touchStart", grip.x, grip.y);
  for (let step = 1; step <= 5; step++) await finger("touchMove", grip.x + step * 3, grip.y + step * 3);
  await ann.waitForFunction(
    (many) => [...window.coterie!.room.confirmed.groups].filter(({ heldBy }) => heldBy !== 0).length === many,
    count,
  );
  await finger("touchEnd", 0, 0);
  await ann.waitForFunction(() => [...window.coterie!.room.confirmed.groups].every(({ heldBy }) => heldBy === 0));
  expect(broken).toEqual([]);
});
