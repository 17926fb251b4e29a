/**
 * Bad days of a page in a real Chromium, against a real workerd, over sockets that are really cut. Each ends with what the
 * user made saved, or shown as refused with its reason. `npm run offline` waits a minute where this has a clock that is put on.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { LedgerNetwork, type Profile } from "./ledger-network.ts";
import { count } from "./records.ts";

/** A real minute, or one on the page's own clock. */
const IS_REAL = process.env["npm_lifecycle_event"] === "offline";
const MINUTE_MS = 60_000;

let network: LedgerNetwork;
const profiles: Profile[] = [];
beforeAll(async () => {
  network = await LedgerNetwork.start();
});
afterEach(async () => {
  network.mend();
  await Promise.all(profiles.splice(0).map(({ context }) => context.close()));
});
afterAll(() => network.close());

async function browserOf(user: string): Promise<Profile> {
  const profile = await network.profile(user);
  profiles.push(profile);
  return profile;
}

/** It is in, and all that it has made is the room's. */
async function isSaved(page: Page): Promise<void> {
  await page.evaluate(() => window.room.ready);
  await page.waitForFunction(() => window.room.sync.state === "saved");
}
const isOffline = (page: Page): Promise<unknown> => page.waitForFunction(() => window.room.sync.state === "offline");
/** Acts, and notes which promises are rejected. */
const add = (page: Page, ...each: number[]): Promise<void> =>
  page.evaluate((numbers) => {
    for (const n of numbers) window.room.do.add({ n }).catch((error: { code: string }) => window.rejected.push(error.code));
  }, each);
const take = (page: Page, id: number): Promise<void> =>
  page.evaluate((ticket) => {
    window.room.do.take({ id: ticket }).catch((error: { code: string }) => window.rejected.push(error.code));
  }, id);
const write = (page: Page, text: string): Promise<void> =>
  page.evaluate((words) => window.room.doc.getText("notes").insert(0, words), text);
const pending = (page: Page): Promise<number> => page.evaluate(() => window.room.sync.pending);
const errors = (page: Page): Promise<unknown[]> => page.evaluate(() => window.errors);
/** Actions without an answer, in all rooms. */
const stored = (page: Page): Promise<number> => count(page, "coterie:actions", "actions");
/** How many updates the browser has of a room's document. */
const updates = (page: Page, id: string): Promise<number> => count(page, `coterie:ledger/${id}`, "updates");
const reachesStorage = (page: Page, actions: number): Promise<void> => expect.poll(() => stored(page)).toBe(actions);

/** What somebody sees who comes now, from another browser. */
async function seen(id: string, version = 1): Promise<{ total: number; notes: string; tickets: number[] }> {
  const page = await (await browserOf("witness")).open({ id, version });
  await isSaved(page);
  return page.evaluate(() => ({
    total: window.room.confirmed.meta.total,
    notes: window.room.doc.getText("notes").toJSON(),
    tickets: [...window.room.confirmed.tickets].map((ticket) => ticket.id),
  }));
}

test(
  "[P2] a minute without a network, closed and opened again: edits and actions are saved, once, and what is refused is told",
  { timeout: 3 * MINUTE_MS },
  async () => {
    const ann = await browserOf("ann");
    const page = await ann.context.newPage();
    if (!IS_REAL) await page.clock.install();
    await network.load(page, { id: "minute" });
    await isSaved(page);
    network.cut();
    await isOffline(page);
    await add(page, 1, 10);
    await take(page, 7);
    await add(page, 100);
    await write(page, "written without a network");
    await reachesStorage(page, 4);
    if (IS_REAL) await new Promise((resolve) => setTimeout(resolve, MINUTE_MS));
    else await page.clock.runFor(MINUTE_MS);
    expect(await pending(page)).toBe(5);
    expect(await page.evaluate(() => window.room.status)).toBe("reconnecting");
    await page.close();
    // Before the network is mended: what is left of a page that closes may still speak for a moment.
    await network.actElsewhere("ben", "minute", "take", { id: 7 });
    network.mend();
    const again = await ann.open({ id: "minute" });
    await isSaved(again);
    expect(await errors(again)).toEqual([{ code: "taken", action: "take", input: { id: 7 } }]);
    expect(await seen("minute")).toEqual({ total: 111, notes: "written without a network", tickets: [7] });
    await reachesStorage(again, 0);
  },
);

test("[P2] a page that crashes is followed by one that has it all", async () => {
  const ann = await browserOf("ann");
  const page = await ann.open({ id: "crash" });
  await isSaved(page);
  network.cut();
  await isOffline(page);
  await add(page, 1, 10);
  // More than are kept one by one: they are merged.
  for (const letter of "kept!") await write(page, letter);
  await page.evaluate(() => {
    for (let n = 0; n < 600; n++) window.room.doc.getText("more").insert(n, "x");
  });
  await reachesStorage(page, 2);
  await expect.poll(() => updates(page, "crash")).toBe(1);
  const crashed = page.waitForEvent("crash");
  const devtools = await ann.context.newCDPSession(page);
  devtools.send("Page.crash").catch(() => {}); // it does not answer
  await crashed;
  network.mend();
  const again = await ann.open({ id: "crash" });
  await isSaved(again);
  expect(await again.evaluate(() => window.room.doc.getText("more").length)).toBe(600);
  expect(await seen("crash")).toEqual({ total: 11, notes: "!tpek", tickets: [] });
});

test("[P2] a page whose process is suspended as it speaks, and a server that is killed meanwhile: awake again it has all of it saved, once", async () => {
  const page = await (await browserOf("ann")).open({ id: "frozen" });
  await isSaved(page);
  await add(page, 1);
  await isSaved(page);
  await add(page, 10, 100, 1000);
  await write(page, "said as it fell asleep");
  const wake = await network.suspendPages();
  await network.killServer();
  await network.server.start();
  wake();
  await isOffline(page);
  await isSaved(page);
  expect(await seen("frozen")).toEqual({ total: 1111, notes: "said as it fell asleep", tickets: [] });
});

test("[P2] two tabs: each says its own, and what a closed one has left is said by one of those that stay", async () => {
  const ann = await browserOf("ann");
  const [one, two] = [await ann.open({ id: "tabs" }), await ann.open({ id: "tabs" })];
  for (const tab of [one, two]) await isSaved(tab);
  network.cut();
  await isOffline(one);
  await isOffline(two);
  await add(one, 1);
  await add(two, 10);
  await write(one, "one ");
  await write(two, "two ");
  await reachesStorage(two, 2);
  const three = await ann.open({ id: "tabs" });
  await add(three, 100);
  await reachesStorage(three, 3);
  await one.close();
  network.mend();
  for (const tab of [two, three]) await isSaved(tab);
  // Whoever is seen again looks for what others have left.
  await two.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await reachesStorage(two, 0);
  await isSaved(two);
  const { total, notes } = await seen("tabs");
  expect([total, notes.split(" ").sort()]).toEqual([111, ["", "one", "two"]]);
  expect([...(await errors(two)), ...(await errors(three))]).toEqual([]);
});

test("[P2] another user of the same browser does not say it; its own does when they are back", async () => {
  const shared = await browserOf("ann");
  const page = await shared.open({ id: "users" });
  await isSaved(page);
  network.cut();
  await isOffline(page);
  await add(page, 1);
  await reachesStorage(page, 1);
  await page.close();
  network.mend();
  shared.user = "ben";
  const bens = await shared.open({ id: "users" });
  await isSaved(bens);
  await add(bens, 10);
  await isSaved(bens);
  expect([(await seen("users")).total, await stored(bens)]).toEqual([10, 1]);
  await bens.close();
  shared.user = "ann";
  await isSaved(await shared.open({ id: "users" }));
  expect((await seen("users")).total).toBe(11);
});

test("[P2] a token that ends, and none to be had: what is made waits, and is saved with the next one", async () => {
  const ann = await browserOf("ann");
  ann.tokens = "ended";
  const page = await ann.open({ id: "tokens" });
  await isSaved(page);
  ann.tokens = "refused"; // so that it is not refreshed before its end
  await page.waitForFunction(() => window.room.status === "reconnecting");
  await add(page, 1);
  await write(page, "made when the token had ended");
  expect(await pending(page)).toBe(2);
  ann.tokens = "good";
  await isSaved(page);
  expect(await seen("tokens")).toEqual({ total: 1, notes: "made when the token had ended", tickets: [] });
  const asked = await page.evaluate(() => window.asked);
  expect([asked[0], asked.at(-1)]).toEqual(["connect", "renew"]);
});

test("[P2] storage that is forbidden or full: the page says so once, and the room goes on as it would without", async () => {
  const forbidden = await browserOf("ann");
  await forbidden.context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("storage is forbidden here", "SecurityError");
    };
  });
  const page = await forbidden.open({ id: "forbidden" });
  await isSaved(page);
  await add(page, 1);
  await write(page, "said");
  await isSaved(page);
  expect(await seen("forbidden")).toEqual({ total: 1, notes: "said", tickets: [] });
  expect(forbidden.warnings).toEqual([expect.stringContaining("cannot keep what is not saved")]);

  const full = await browserOf("ben");
  const other = await full.open({ id: "full" });
  await isSaved(other);
  await other.evaluate(() => {
    const failing = function (): never {
      throw new DOMException("the disk is full", "QuotaExceededError");
    };
    IDBObjectStore.prototype.put = failing;
    IDBObjectStore.prototype.add = failing;
  });
  network.cut();
  await isOffline(other);
  await add(other, 1, 10);
  await write(other, "said");
  await expect.poll(() => full.warnings).toEqual([expect.stringContaining("cannot keep what is not saved")]);
  network.mend();
  await isSaved(other);
  await add(other, 100);
  await isSaved(other);
  expect(await seen("full")).toEqual({ total: 111, notes: "said", tickets: [] });
  expect([await errors(other), await other.evaluate(() => window.rejected), full.warnings.length]).toEqual([[], [], 1]);
});

test("with warnOnUnsaved the browser asks before it closes what is neither saved nor kept, and only then", async () => {
  const ann = await browserOf("ann");
  const asks = async (page: Page): Promise<boolean> => {
    await page.getByRole("button").click(); // no browser asks for a page that nobody has touched
    let asked = false;
    page.once("dialog", (dialog) => {
      asked = dialog.type() === "beforeunload";
      void dialog.dismiss();
    });
    const closed = page.waitForEvent("close", { timeout: 0 }).catch(() => {});
    await page.close({ runBeforeUnload: true });
    await Promise.race([closed, expect.poll(() => asked).toBe(true)]);
    return asked;
  };
  const rests = await ann.open({ id: "asks", isKept: false, warnOnUnsaved: true });
  await isSaved(rests);
  await add(rests, 1);
  await isSaved(rests);
  expect(await asks(rests)).toBe(false);
  const [unkept, silent, kept] = [
    await ann.open({ id: "asks", isKept: false, warnOnUnsaved: true }),
    await ann.open({ id: "asks", isKept: false }),
    await ann.open({ id: "asks", warnOnUnsaved: true }),
  ];
  for (const page of [unkept, silent, kept]) await isSaved(page);
  network.cut();
  for (const page of [unkept, silent, kept]) {
    await isOffline(page);
    await add(page, 10);
    await write(page, "words ");
  }
  await reachesStorage(kept, 1);
  await expect.poll(() => updates(kept, "asks")).toBe(1);
  expect([await asks(unkept), await asks(silent), await asks(kept)]).toEqual([true, false, false]);
});

test("[P2] a new version is deployed: the page is told to load again; then its text is saved, and each action told as not sent", async () => {
  const ann = await browserOf("ann");
  const page = await ann.open({ id: "version" });
  await isSaved(page);
  await add(page, 1);
  await isSaved(page);
  network.cut();
  await isOffline(page);
  await add(page, 10);
  await write(page, "text outlives versions");
  await reachesStorage(page, 1);
  await network.deployLater();
  network.mend();
  await page.waitForFunction(() => window.room.status === "disconnected");
  expect(await errors(page)).toEqual([{ code: "version", action: undefined, input: undefined }]);
  expect(await page.evaluate(() => window.rejected)).toEqual(["unanswered"]);
  await network.load(page, { id: "version", version: 2 });
  await isSaved(page);
  expect(await errors(page)).toEqual([{ code: "version", action: "add", input: { n: 10 } }]);
  expect(await seen("version", 2)).toEqual({ total: 1, notes: "text outlives versions", tickets: [] });
  await reachesStorage(page, 0);
});
