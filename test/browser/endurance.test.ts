/** The worker killed in the middle of play, as `npm start` runs it: nothing acknowledged is lost, nothing happens twice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { DemoServer } from "../kit/demo-server.ts";
import { lasting, openTables, seated, sit, startPuzzle, type Tables } from "./tables.ts";

let server: DemoServer;
let tables: Tables;
beforeAll(async () => {
  server = await DemoServer.start();
  tables = await openTables(server.origin);
});
afterAll(async () => {
  await tables.close();
  await server.stop();
});

/**
 * A table with every piece in a place of its own, further from home and from each neighbour's place than anything snaps.
 * Where the scatter happens to let one join on the way there, it takes another table.
 */
async function spread(): Promise<{ ann: Page; room: string }> {
  for (;;) {
    const { page: ann, room } = await startPuzzle(tables, "Ann", 24);
    const joined = await ann.evaluate(async () => {
      const { room } = window.coterie!;
      let joins = 0;
      for (const { id: g } of [...room.state.groups]) {
        if (joins > 0) break;
        void room.do.grab({ g });
        joins = (await room.do.drop({ g, x: ((g * 7) % 12) * 60 - 330, y: ((g * 5) % 8) * 60 - 210 })).value;
      }
      return joins;
    });
    if (joined === 0) return { ann, room };
    await ann.context().close();
  }
}

test("[P1] SIGKILL in the middle of play: both pages come back by themselves, every acknowledged drop is there, no piece is lost or doubled", async () => {
  const { ann, room } = await spread();
  const ben = await sit(tables, room, "Ben");
  const pages = [ann, ben];

  // Each page moves pieces of its own, over and over, to places where nothing fits, and keeps what it was answered.
  await Promise.all(
    pages.map((page, player) =>
      page.evaluate((mine) => {
        const { room } = window.coterie!;
        const ledger: Ledger = { acknowledged: {}, failed: [], drops: 0, stop: false };
        (window as unknown as { ledger: Ledger }).ledger = ledger;
        const own = [...room.state.groups].map(({ id }) => id).filter((id) => id % 2 === mine);
        void (async () => {
          for (let turn = 0; !ledger.stop; turn++) {
            const g = own[turn % own.length]!;
            const x = ((g * 7) % 12) * 60 - 330 + (turn % 3);
            const y = ((g * 5) % 8) * 60 - 210 + (turn % 4);
            try {
              await room.do.grab({ g });
              const { seq } = await room.do.drop({ g, x, y });
              ledger.acknowledged[g] = { x, y, seq };
              ledger.drops++;
            } catch (error) {
              ledger.failed.push(`${g} to ${x},${y}: ${String(error)}`);
            }
          }
          ledger.done = true;
        })();
      }, player),
    ),
  );
  const drops = async () =>
    (await Promise.all(pages.map((page) => page.evaluate(() => (window as unknown as { ledger: Ledger }).ledger.drops)))).reduce(
      (a, b) => a + b,
    );
  while ((await drops()) < 20) await new Promise((resolve) => setTimeout(resolve, 50));

  await server.kill();
  const before = await drops();
  for (const page of pages) await page.waitForFunction(() => window.coterie!.room.status === "reconnecting");
  expect(await ann.getByTestId("sync").textContent()).toMatch(/offline/i);
  await server.start();
  for (const page of pages) await seated(page);
  while ((await drops()) < before + 20) await new Promise((resolve) => setTimeout(resolve, 50));
  const ledgers = await Promise.all(
    pages.map(async (page) => {
      await page.evaluate(() => void ((window as unknown as { ledger: Ledger }).ledger.stop = true));
      await page.waitForFunction(() => (window as unknown as { ledger: Ledger }).ledger.done);
      return page.evaluate(() => (window as unknown as { ledger: Ledger }).ledger);
    }),
  );

  const fresh = await sit(tables, room, "Cleo");
  expect(await lasting(ann)).toBe(await lasting(fresh));
  expect(await lasting(ben)).toBe(await lasting(fresh));
  const { groups, pieces } = JSON.parse(await lasting(fresh)) as {
    groups: { id: number; x: number; y: number; size: number }[];
    pieces: { id: number; group: number }[];
  };
  expect(pieces.map(({ id }) => id)).toEqual(Array.from({ length: 24 }, (_, id) => id));
  expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(24);
  for (const { acknowledged, failed } of ledgers) {
    expect(failed).toEqual([]);
    for (const [g, { x, y }] of Object.entries(acknowledged))
      expect(groups.find(({ id }) => id === Number(g))).toMatchObject({ x, y });
  }
});

interface Ledger {
  acknowledged: Record<number, { x: number; y: number; seq: number }>;
  failed: string[];
  drops: number;
  stop: boolean;
  done?: boolean;
}
