/** Real pages at real tables: a worker under wrangler's harness, one Chromium, a context of its own for every player. */
import { chromium, type Browser, type Page } from "playwright-core";
import { serve } from "coterie/testing";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import type { PuzzleRoom } from "../../load/players.ts";
import type { BoardView } from "../../demo/web/board/view.ts";
import { chromiumArgs, findChromium } from "../kit/chromium.mjs";

declare global {
  interface Window {
    coterie?: { room: PuzzleRoom; view: BoardView };
  }
}

const DESKTOP = { width: 1440, height: 900 };

export interface Tables {
  readonly origin: string;
  /** A new player's page, at this address of the demo. */
  open(
    path: string,
    options?: { name?: string; viewport?: { width: number; height: number }; touch?: boolean; colorScheme?: "light" | "dark" },
  ): Promise<Page>;
  /** Puts the room's object out of memory, its sockets open. */
  evict(room: string): Promise<void>;
  /** Closes every page. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** With `origin` at a server that runs already; else with one of its own. */
export async function openTables(origin?: string): Promise<Tables> {
  const served = origin === undefined ? await serve(new URL("../../wrangler.toml", import.meta.url)) : undefined;
  const base = origin ?? served!.origin;
  const browser: Browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
  return {
    origin: base,
    async open(path, { name, viewport = DESKTOP, touch = false, colorScheme = "light" } = {}) {
      const context = await browser.newContext({
        viewport,
        hasTouch: touch,
        isMobile: touch,
        colorScheme,
        reducedMotion: "no-preference",
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => broken.push(error.stack ?? error.message));
      page.on(
        "console",
        (message) =>
          message.type() === "error" && !/Failed to load resource|WebSocket/.test(message.text()) && broken.push(message.text()),
      );
      await page.goto(base + path);
      if (name !== undefined) await page.getByTestId("my-name").first().fill(name);
      return page;
    },
    async evict(room) {
      await served!.sleep(puzzleRoom, room);
    },
    async clear() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async close() {
      await browser.close();
      await served?.close();
    },
  };
}

/** What pages threw or logged as errors, since the last look. */
export const broken: string[] = [];

/** Starts a puzzle from the lobby, as a person would, and returns its page and room id. */
export async function startPuzzle(tables: Tables, name: string, pieces = 24): Promise<{ page: Page; room: string }> {
  const page = await tables.open("/", { name });
  await page.getByTestId(`size-${pieces}`).click();
  await page.getByTestId("start").click();
  await seated(page);
  return { page, room: new URL(page.url()).pathname.split("/").at(-1)! };
}

/** Sits down at a table. */
export async function sit(
  tables: Tables,
  room: string,
  name: string,
  options: Parameters<Tables["open"]>[1] = {},
): Promise<Page> {
  const page = await tables.open("/", { ...options, name });
  await page.goto(`${tables.origin}/p/${room}`);
  await seated(page);
  return page;
}

export const seated = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => window.coterie?.room.status === "connected" && window.coterie.view.frames > 0);

/** A cluster as this page shows it. */
export const shown = (page: Page, cluster: number): Promise<{ x: number; y: number; heldBy: number } | undefined> =>
  page.evaluate((id) => window.coterie!.view.cluster(id), cluster);

/** A cluster as the room has confirmed it to this page. */
export const confirmed = (
  page: Page,
  cluster: number,
): Promise<{ x: number; y: number; heldBy: number; size: number } | undefined> =>
  page.evaluate((id) => window.coterie!.room.confirmed.groups.get(id), cluster);

export const me = (page: Page): Promise<number> => page.evaluate(() => window.coterie!.room.self!.id);

/** Everything that lasts, as this page has it. */
export const lasting = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { groups, pieces, meta } = window.coterie!.room.confirmed;
    return JSON.stringify({ groups: [...groups], pieces: [...pieces], meta });
  });

/** Where a piece must be brought on the screen for its cluster to lie at a position of the table. */
export const placeFor = (page: Page, piece: number, at: { x: number; y: number }): Promise<{ x: number; y: number }> =>
  page.evaluate(
    ({ piece: id, at: { x, y } }) => {
      const { room, view } = window.coterie!;
      const from = view.pieceOnScreen(id);
      const group = room.state.groups.get(room.state.pieces.get(id)!.group)!;
      const [zero, here, there] = [view.worldToScreen(0, 0), view.worldToScreen(group.x, group.y), view.worldToScreen(x, y)];
      return { x: from.x + (there.x - zero.x) - (here.x - zero.x), y: from.y + (there.y - zero.y) - (here.y - zero.y) };
    },
    { piece, at },
  );

/** Takes a piece by the mouse; it stays in hand. */
export async function take(page: Page, piece: number): Promise<{ x: number; y: number }> {
  const from = await page.evaluate((id) => window.coterie!.view.pieceOnScreen(id), piece);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  return from;
}
