/** Strangers meet: the front page's open tables, and quick match, in real browsers. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { broken, openTables, seated, type Tables } from "./tables.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await openTables();
});
afterEach(() => tables.clear());
afterAll(() => tables.close());

async function play(page: Page): Promise<string> {
  await page.getByTestId("play").click();
  await seated(page);
  return new URL(page.url()).pathname;
}

test("two who want to play with someone meet at one table, and who looks on sees it on the front page until they go", async () => {
  const looker = await tables.open("/");
  const list = looker.getByTestId("open-tables");
  await list.getByText("Nobody plays in the open just now").waitFor();

  const ann = await tables.open("/", { name: "Ann" });
  const table = await play(ann);
  expect(table).toMatch(/^\/p\/open:/);
  await list.getByText("1 at the table").waitFor();

  const ben = await tables.open("/", { name: "Ben" });
  expect(await play(ben)).toBe(table);
  await list.getByText("2 at the table").waitFor();
  await ann.waitForFunction(() => window.coterie!.room.others.length === 1);
  const names = await ann.evaluate(() => window.coterie!.room.others.map(({ user }) => user.name));
  expect(names).toEqual(["Ben"]); // the name that was chosen after the front page was opened

  await list.getByRole("link").click();
  await seated(looker);
  expect(new URL(looker.url()).pathname).toBe(table);

  const late = await tables.open("/");
  await late.getByTestId("open-tables").getByText("3 at the table").waitFor();
  await Promise.all([ann.close(), ben.close(), looker.close()]);
  await late.getByTestId("open-tables").getByText("Nobody plays in the open just now").waitFor();
  expect(broken).toEqual([]);
});

test("a table started by link is on nobody's list", async () => {
  const ann = await tables.open("/", { name: "Ann" });
  await ann.getByTestId("start").click();
  await seated(ann);
  const ben = await tables.open("/", { name: "Ben" });
  const table = await play(ben);
  const late = await tables.open("/");
  const open = late.getByTestId("open-tables").getByRole("link");
  await open.first().waitFor();
  expect(await open.evaluateAll((links) => links.map((link) => link.getAttribute("href")))).toEqual([table]);
});

test("behind ?devtools they come along to the table, in its colours and above its tools, loaded only there", async () => {
  const loaded = (page: Page): Promise<boolean> =>
    page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("/devtools-")));
  const ann = await tables.open("/?devtools", { name: "Ann", viewport: { width: 375, height: 812 }, colorScheme: "dark" });
  expect(await loaded(ann)).toBe(false);
  await play(ann);
  const button = ann.getByRole("button", { name: /^Coterie devtools: \d+ ms, saved$/ });
  await button.waitFor();
  expect(await button.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe("rgb(29, 33, 39)");
  const [mine, tools] = [(await button.boundingBox())!, (await ann.getByRole("toolbar").boundingBox())!];
  expect(mine.y + mine.height).toBeLessThanOrEqual(tools.y);
  expect(await loaded(ann)).toBe(true);
  await ann.getByRole("button", { name: "To the lobby" }).click();
  await ann.locator("[data-coterie]").waitFor({ state: "detached" });
  expect(broken).toEqual([]);
});

test("what it costs is a link away, and nobody loads it before", async () => {
  const page = await tables.open("/");
  const loaded = (): Promise<boolean> =>
    page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("costs-page")));
  expect(await loaded()).toBe(false);
  await page.getByRole("link", { name: "What a month of it costs" }).click();
  await page.getByTestId("costs").waitFor();
  expect(await loaded()).toBe(true);
  await page.getByRole("link", { name: "Coterie" }).click();
  await page.getByTestId("lobby").waitFor();
});
