/**
 * The board: the size of the SDK, bytes of a drag on the wire, and frames a second while fifty players drag, at a table
 * of five hundred pieces and at the largest there is.
 */
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../test/kit/chromium.mjs";
import { DemoServer } from "../test/kit/demo-server.ts";
import { Observer } from "./observer.ts";
import { startPlayers } from "./players.ts";
import { bundleSize } from "./size.ts";
import { percentile, round } from "./statistics.ts";

const PLAYERS = 50;
const SECONDS = 10;
const GRIDS = [
  { cols: 25, rows: 20 },
  { cols: 100, rows: 100 },
];
/** Until a page has made its images of the pieces, in ms. */
const IMAGES_WITHIN_MS = 30_000;
/** What an app may be asked to download, in kB. */
const BUDGET_KB: Record<string, number> = { "client/game.ts": 12, "client/index.ts": 16, "client/react/index.ts": 3 };

for (const [entry, budget] of Object.entries(BUDGET_KB))
  console.log(`${entry.padEnd(24)} ${round((await bundleSize(entry)) / 1000, 2)} kB min+gzip (budget ${budget})`);

const server = await DemoServer.start();
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
try {
  for (const { cols, rows } of GRIDS) await measure(cols, rows);
} finally {
  await browser.close();
  await server.stop();
}

async function measure(cols: number, rows: number): Promise<void> {
  const id = `bench-${cols}`;
  const players = await startPlayers(server.origin, id, PLAYERS, { cols, rows, picture: 0, seed: 7 });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const start = performance.now();
  await page.goto(`${server.origin}/p/${id}`);
  await page.waitForFunction("window.coterie?.view.frames > 0");
  const shownMs = performance.now() - start;
  await page.waitForFunction("!window.coterie.view.unrefined", undefined, { timeout: IMAGES_WITHIN_MS });
  const refinedMs = performance.now() - start;
  const observer = await Observer.join(server.origin, id);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  observer.counts = { frames: 0, bytes: 0, moves: 0 };
  const frames = await page.evaluate(
    (ms) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        const end = performance.now() + ms;
        const next = (now: number): void => {
          times.push(now);
          if (now < end) requestAnimationFrame(next);
          else resolve(times);
        };
        requestAnimationFrame(next);
      }),
    SECONDS * 1000,
  );
  const { bytes, moves } = observer.counts;
  const gaps = frames.slice(1).map((time, index) => time - frames[index]!);
  console.log(
    `board of ${cols * rows}: seen after ${round(shownMs, 0)} ms, all images made after ${round(refinedMs, 0)} ms; ${PLAYERS} players drag: ${round((1000 * gaps.length) / (frames.at(-1)! - frames[0]!))} frames a second; between frames p50 ${round(percentile(gaps, 0.5))} ms, p99 ${round(percentile(gaps, 0.99))} ms`,
  );
  console.log(
    `bytes per drag on the wire ${round(bytes / moves, 2)} to each player (budget 8), ${round(moves / SECONDS)} drags a second`,
  );
  observer.close();
  players.stop();
  await page.close();
}
