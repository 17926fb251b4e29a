/** The devtools in real Chromium, on a page of their own and in the demo. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Diagnostics } from "coterie/client";
import { openPages, type Pages } from "./app/pages.ts";

/** Screenshots to look at; not kept in the repository. */
const SHOTS = new URL("../.out/", import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });

let pages: Pages;
let page: Page;
let ben: Awaited<ReturnType<Pages["join"]>>;
beforeAll(async () => {
  pages = await openPages();
  ben = await pages.join("tools", "Ben");
  page = await pages.open("tools", "tools");
  await button().waitFor();
});
afterAll(() => pages.close());

const button = () => page.getByRole("button", { name: /^Coterie devtools: \d+ ms, saved$/ });
const panel = () => page.getByRole("region", { name: "Coterie devtools" });
const fact = (name: string) => page.locator(`[data-fact="${name}"]`);
const figure = async (selector: string): Promise<number> => Number.parseInt((await page.locator(selector).textContent())!, 10);
const diagnostics = (): Promise<Diagnostics> => page.evaluate(() => window.react.room!.diagnostics());

test("closed at first; they open and close by keyboard, and what is typed in them is not the page's", async () => {
  expect([await button().getAttribute("aria-expanded"), await panel().count()]).toEqual(["false", 0]);
  await page.keyboard.press("a");
  await button().focus();
  await page.keyboard.press("Enter");
  await panel().waitFor();
  await page.keyboard.press("b");
  await page.keyboard.press("Escape");
  await panel().waitFor({ state: "hidden" });
  expect(await button().evaluate((element) => (element.getRootNode() as ShadowRoot).activeElement === element)).toBe(true);
  expect(await page.getByTestId("pressed").textContent()).toBe("a");
  await page.keyboard.press("Enter");
  await panel().waitFor();
});

test("they show what is so, live, and a bug report is the room's diagnostics", async () => {
  expect(await fact("Status").textContent()).toBe("connected");
  await page.getByText(`${ben.self!.id} Ben`).waitFor();
  const moving = setInterval(() => ben.setPresence({ cursor: { x: Date.now() % 1000, y: 0 } }), 40);
  await expect.poll(() => figure('[data-rate="received"]')).toBeGreaterThan(3);
  clearInterval(moving);
  const { seq } = await ben.do.move({ id: 0, x: 1, y: 1 });
  await expect.poll(() => fact("Row").textContent()).toBe(`${seq}`);
  expect(await page.getByRole("list", { name: "Timeline" }).getByRole("listitem").last().textContent()).toMatch(
    /^\d\d:\d\d:\d\dopen$/,
  );

  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: pages.origin });
  const copy = page.getByRole("button", { name: "Copy for a bug report" });
  await copy.click();
  await page.getByText("Copied.").waitFor();
  const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Diagnostics;
  const { room, user, timeline } = await diagnostics();
  expect(report).toMatchObject({ room, user, seq, timeline });

  // Where there is no clipboard (a page without https), it can be taken by hand.
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await copy.click();
  const byHand = page.getByRole("textbox", { name: "Bug report" });
  await byHand.waitFor();
  expect((JSON.parse(await byHand.inputValue()) as Diagnostics).room).toBe("board/tools");
});

test("the network is as bad as their switches say, for the room too, and good again", async () => {
  await expect.poll(() => ben.others.length).toBe(1);
  await page.getByRole("switch", { name: "Offline" }).click();
  await expect.poll(() => fact("Status").textContent()).toBe("reconnecting");
  await expect.poll(() => ben.others.length).toBe(0);
  await page.getByRole("slider", { name: "Latency" }).fill("200");
  await page.getByRole("switch", { name: "Offline" }).click();
  await page.evaluate(() => window.react.room!.connect()); // at once, and not when its wait is over
  await expect.poll(() => figure('[data-fact="Round trip"]')).toBeGreaterThanOrEqual(400);
  await expect.poll(() => ben.others.length).toBe(1);
});

test("look: in the colours of the page's scheme, and on a phone a sheet at the bottom over all its width", async () => {
  for (const [colorScheme, paper] of [
    ["light", "rgb(255, 255, 255)"],
    ["dark", "rgb(29, 33, 39)"],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await panel().evaluate((element) => getComputedStyle(element).backgroundColor)).toBe(paper);
    for (const [width, height] of [
      [1280, 800],
      [375, 812],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: `${SHOTS}devtools-${width}-${colorScheme}.png` });
      const box = (await panel().boundingBox())!;
      expect(box.y).toBeGreaterThan(0);
      if (width === 375) expect([box.x, box.width, box.y + box.height]).toEqual([0, width, height]);
      else expect(box.width).toBeLessThan(360);
      expect(await panel().evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    }
  }
});

test("they go when they are told to, and no page threw or logged an error", async () => {
  await page.evaluate(() => window.react.unmount());
  expect(await page.locator("[data-coterie]").count()).toBe(0);
  expect(pages.logged).toEqual([]);
});
