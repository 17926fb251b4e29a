/** The page of costs, in a real browser: its figures are those of the command, and move with the sliders. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { mkdirSync } from "node:fs";
import { preview, type PreviewServer } from "vite";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { broken, openTables, type Tables } from "./tables.ts";

const SHOTS = new URL("../.out/", import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });

let server: PreviewServer;
let tables: Tables;
beforeAll(async () => {
  server = await preview({
    root: fileURLToPath(new URL("../../demo/web", import.meta.url)),
    preview: { port: 0 },
    logLevel: "error",
  });
  tables = await openTables(server.resolvedUrls!.local[0]!.replace(/\/$/, ""));
});
afterEach(() => tables.clear());
afterAll(async () => {
  await tables.close();
  await server.close();
});

const BILLS = ["durable-objects", "functions", "machines"];
const totals = (page: Page): Promise<string[]> =>
  Promise.all(BILLS.map(async (id) => (await page.getByTestId(`total-${id}`).innerText()).replace(/\s+a month$/, "")));

/** What `npm run cost` says of the same. */
function said(flags: readonly string[]): string[] {
  const text = execFileSync(process.execPath, [fileURLToPath(new URL("../../load/cost.ts", import.meta.url)), ...flags], {
    encoding: "utf8",
  });
  return [...text.matchAll(/^ +a month +(\$[\d.,]+)$/gm)].map(([, dollars]) => dollars!);
}

test("the page has the command's figures, and a slider moves them, by keyboard too", async () => {
  const page = await tables.open("/costs?players=10000&hours=2&rate=30");
  expect(await totals(page)).toEqual(said(["--players", "10000", "--hours", "2", "--rate", "30"]));

  await page.getByTestId("range-players").focus();
  await page.keyboard.press("ArrowRight");
  const flags = ["--players", "15000", "--hours", "2", "--rate", "30"];
  expect(await totals(page)).toEqual(said(flags));
  expect(await page.getByTestId("range-players").getAttribute("aria-valuetext")).toBe("15,000");
  expect(new URL(page.url()).searchParams.get("players")).toBe("15000"); // a link to just this
  await page.screenshot({ path: `${SHOTS}costs-1440.png`, fullPage: true });

  await page.getByTestId("kind-document").check({ force: true });
  await page.getByRole("checkbox", { name: "y-websocket" }).check();
  expect(await totals(page)).toEqual(
    said(["--kind", "document", "--client", "y-websocket", "--players", "15000", "--hours", "2"]),
  );
  expect(await page.locator("[data-bill=durable-objects]").last().innerText()).toContain("every 15 s");
  expect(broken).toEqual([]);
});

test("on a phone, in the dark, nothing is wider than the screen", async () => {
  const page = await tables.open("/costs", { viewport: { width: 375, height: 812 }, touch: true, colorScheme: "dark" });
  expect(await totals(page)).toHaveLength(3);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
  await page.screenshot({ path: `${SHOTS}costs-375-dark.png`, fullPage: true });
});
