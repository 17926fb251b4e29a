/** The devtools in real Chromium, on a page of their own and in the demo. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Diagnostics } from "coterie/client";
import { openPages, type Pages } from "./app/pages.ts";

/** Screenshots to look at; not kept in the repository. */
const SHOTS = new URL("../.out/", import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });

let pages: Pages;
beforeAll(async () => {
  pages = await openPages();
});
afterEach(() => pages.clear());
afterAll(() => pages.close());

/** A page in this room, with the button of the devtools. */
async function opened(room: string) {
  const page = await pages.open("tools", room);
  const button = page.getByRole("button", { name: /^Coterie devtools: \d+ ms, saved$/ });
  await button.waitFor();
  return { page, button, panel: page.getByRole("region", { name: "Coterie devtools" }) };
}

const fact = (page: Page, name: string) => page.locator(`[data-fact="${name}"]`);
const figure = async (page: Page, selector: string): Promise<number> =>
  Number.parseInt((await page.locator(selector).textContent())!, 10);
const diagnostics = (page: Page): Promise<Diagnostics> => page.evaluate(() => window.react.room!.diagnostics());

test("they open and close by keyboard; what is typed in them is not the page's; they go with the room", async () => {
  const { page, button, panel } = await opened("keys");
  expect([await button.getAttribute("aria-expanded"), await panel.count()]).toEqual(["false", 0]);
  await page.keyboard.press("a");
  await button.focus();
  await page.keyboard.press("Enter");
  await panel.waitFor();
  await page.keyboard.press("b");
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  expect(await button.evaluate((element) => (element.getRootNode() as ShadowRoot).activeElement === element)).toBe(true);
  expect(await page.getByTestId("pressed").textContent()).toBe("a");
  await page.evaluate(() => window.react.unmount());
  expect(await page.locator("[data-coterie]").count()).toBe(0);
});

test("they show what is so, live, and a bug report is the room's diagnostics", async () => {
  const ben = await pages.join("live", "Ben");
  const { page, button } = await opened("live");
  await button.click();
  expect(await fact(page, "Status").textContent()).toBe("connected");
  await page.getByText(`${ben.self!.id} Ben`).waitFor();
  const moving = setInterval(() => ben.setPresence({ cursor: { x: Date.now() % 1000, y: 0 } }), 40);
  await expect.poll(() => figure(page, '[data-rate="received"]')).toBeGreaterThan(3);
  clearInterval(moving);
  const { seq } = await ben.do.move({ id: 0, x: 1, y: 1 });
  await expect.poll(() => fact(page, "Row").textContent()).toBe(`${seq}`);
  expect(await page.getByRole("list", { name: "Timeline" }).getByRole("listitem").last().textContent()).toMatch(
    /^\d\d:\d\d:\d\dopen$/,
  );

  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: pages.origin });
  const copy = page.getByRole("button", { name: "Copy for a bug report" });
  await copy.click();
  await page.getByText("Copied.").waitFor();
  const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Diagnostics;
  const { room, user, timeline } = await diagnostics(page);
  expect(report).toMatchObject({ room, user, seq, timeline });

  // Where there is no clipboard (a page without https), it can be taken by hand.
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await copy.click();
  const byHand = page.getByRole("textbox", { name: "Bug report" });
  await byHand.waitFor();
  expect((JSON.parse(await byHand.inputValue()) as Diagnostics).room).toBe("board/live");
});

test("the network is as bad as their switches say, for the room too, and good again", async () => {
  const ben = await pages.join("network", "Ben");
  const { page, button } = await opened("network");
  await expect.poll(() => ben.others.length).toBe(1);
  await button.click();
  await page.getByRole("switch", { name: "Offline" }).click();
  await expect.poll(() => fact(page, "Status").textContent()).toBe("reconnecting");
  await expect.poll(() => ben.others.length).toBe(0);
  await page.getByRole("slider", { name: "Latency" }).fill("200");
  await page.getByRole("switch", { name: "Offline" }).click();
  await page.evaluate(() => window.react.room!.connect()); // at once, and not when its wait is over
  await expect.poll(() => figure(page, '[data-fact="Round trip"]')).toBeGreaterThanOrEqual(400);
  expect(ben.others.length).toBe(1);
});

test("look: in the colours of the page's scheme, and on a phone a sheet at the bottom over all its width", async () => {
  const { page, button, panel } = await opened("look");
  await button.click();
  await page.locator(".line[d]").first().waitFor({ state: "attached" });
  for (const [colorScheme, paper] of [
    ["light", "rgb(255, 255, 255)"],
    ["dark", "rgb(29, 33, 39)"],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await panel.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe(paper);
    for (const [width, height] of [
      [1280, 800],
      [375, 812],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: `${SHOTS}devtools-${width}-${colorScheme}.png` });
      const box = (await panel.boundingBox())!;
      expect(box.y).toBeGreaterThan(0);
      if (width === 375) expect([box.x, box.width, box.y + box.height]).toEqual([0, width, height]);
      else expect(box.width).toBeLessThan(360);
      expect(await panel.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    }
  }
});

test("no page threw or logged an error", () => {
  expect(pages.logged).toEqual([]);
});
