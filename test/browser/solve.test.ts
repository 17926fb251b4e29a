/** A puzzle from the first piece to the last, by two scripted players through the SDK; a browser shows the finished picture. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkdirSync } from "node:fs";
import { joinPuzzle, type PuzzleRoom } from "../../load/players.ts";
import { broken, openTables, sit, startPuzzle, type Tables } from "./tables.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await openTables();
});
afterAll(() => tables.close());

/** Screenshots to look at; not kept in the repository. */
const SHOTS = new URL("../.out/", import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });

/** Brings every loose piece home, as long as there are any. */
async function solve(room: PuzzleRoom, first: number): Promise<number> {
  let joined = 0;
  while (room.confirmed.meta.finishedAt === 0) {
    const loose = [...room.confirmed.groups].filter(({ x, y, heldBy }) => heldBy === 0 && (x !== 0 || y !== 0));
    const group = loose[(loose.length * first) >> 1];
    if (!group) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    try {
      await room.do.grab({ g: group.id });
      joined += (await room.do.drop({ g: group.id, x: 0, y: 0 })).value;
    } catch (error) {
      if (!room.isRejection(error)) throw error; // the other player was there first
    }
  }
  return joined;
}

test("two players solve a puzzle of 24, and everyone at the table sees it finished", async () => {
  const { page, room: id } = await startPuzzle(tables, "Ann", 24);
  const phone = await sit(tables, id, "Ben", { viewport: { width: 375, height: 812 }, touch: true, colorScheme: "dark" });
  const players = [joinPuzzle(tables.origin, id, "Left"), joinPuzzle(tables.origin, id, "Right")];
  await Promise.all(players.map((player) => player.ready));
  await page.waitForFunction(() => window.coterie!.room.others.length === 3);

  const joins = await Promise.all(players.map((player, index) => solve(player, index)));
  expect(joins[0]! + joins[1]!).toBe(23);
  for (const each of [page, phone]) {
    await each.getByTestId("finished").waitFor();
    expect(await each.evaluate(() => [...window.coterie!.room.confirmed.groups].map(({ x, y, size }) => [x, y, size]))).toEqual([
      [0, 0, 24],
    ]);
    expect(await each.getByTestId("progress").getAttribute("data-joined")).toBe("24");
  }
  await page.waitForTimeout(1200); // the card comes in
  await page.screenshot({ path: `${SHOTS}finished-1440.png` });
  await phone.screenshot({ path: `${SHOTS}finished-375-dark.png` });
  for (const player of players) player.destroy();
  expect(broken).toEqual([]);
});
