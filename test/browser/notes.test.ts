/** The table's notes in real browsers: written by two, beside the puzzle, through reloads, a killed worker and a network that goes away. */
import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { WebsocketProvider } from "y-websocket";
import { applyUpdate, Doc } from "yjs";
import { DemoServer } from "../kit/demo-server.ts";
import { broken, confirmed, me, openTables, seated, sit, startPuzzle, take, type Tables } from "./tables.ts";

let server: DemoServer;
let tables: Tables;
beforeAll(async () => {
  server = await DemoServer.start();
  tables = await openTables(server.origin);
});
afterEach(() => tables.clear());
afterAll(async () => {
  await tables.close();
  await server.stop();
});

/** Screenshots to look at; not kept in the repository. */
const SHOTS = new URL("../.out/", import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });
const PHONE = { viewport: { width: 375, height: 812 }, touch: true };

async function openNotes(page: Page): Promise<void> {
  await page.getByTestId("panel").click();
  await page.getByTestId("notes").waitFor();
}

/** Types at the end of the notes. */
async function write(page: Page, text: string): Promise<void> {
  await page.getByTestId("notes").click();
  await page.locator('[data-testid="notes"]:focus, [data-testid="notes"] :focus').waitFor(); // keys that come before go nowhere
  await page.keyboard.press("Control+End");
  await page.keyboard.type(text);
}

/** What the page shows, and what its document holds, which must be the same. */
const textOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const shown = [...document.querySelectorAll('[data-testid="notes"] .cm-line')].map((line) => line.textContent).join("\n");
    const held = window.coterie!.room.doc.getText("notes").toString();
    return shown === held || document.querySelector(".cm-placeholder") ? held : `shown: ${shown}, held: ${held}`;
  });

const reads = (page: Page, text: string): Promise<unknown> =>
  page.waitForFunction((wanted) => window.coterie?.room.doc.getText("notes").toString() === wanted, text);

/** What the browser has stored of the notes. */
async function keptBy(page: Page, room: string): Promise<string> {
  const updates = await page.evaluate(
    (name) =>
      new Promise<number[][]>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.addEventListener("error", () => reject(opening.error!));
        opening.addEventListener("success", () => {
          const database = opening.result;
          const all = database.transaction("updates").objectStore("updates").getAll() as IDBRequest<Uint8Array[]>;
          all.addEventListener("error", () => reject(all.error!));
          all.addEventListener("success", () => {
            database.close();
            resolve(all.result.map((update) => [...update]));
          });
        });
      }),
    `coterie:puzzle/${room}`,
  );
  const doc = new Doc();
  for (const update of updates) applyUpdate(doc, Uint8Array.from(update));
  return doc.getText("notes").toString();
}

/** Takes a piece that lies open, beside the drawer; resolves with its group and where the mouse is. */
async function takeOpen(page: Page): Promise<{ group: number; x: number; y: number }> {
  const open = await page.evaluate(() =>
    [...window.coterie!.room.state.groups]
      .map(({ id }) => id)
      .filter((id) => {
        const { x, y } = window.coterie!.view.pieceOnScreen(id);
        return document.elementFromPoint(x, y)?.closest(".drawer") === null;
      }),
  );
  const mine = await me(page);
  for (const piece of open) {
    const { x, y } = await take(page, piece);
    const group = await page.evaluate(
      (id) => [...window.coterie!.room.state.groups].find(({ heldBy }) => heldBy === id)?.id,
      mine,
    );
    if (group !== undefined) return { group, x, y };
    await page.mouse.up();
  }
  throw new Error(`none of ${open.length} pieces beside the drawer could be taken`);
}

/** What the pill says. */
const pill = (page: Page): Promise<string | null> => page.getByTestId("sync").getAttribute("data-state");
const says = (page: Page, state: "saved" | "saving" | "offline"): Promise<unknown> =>
  page.locator(`[data-testid="sync"][data-state="${state}"]`).waitFor();

const caretOf = (page: Page, name: string) => page.locator(".notes-caret", { has: page.getByText(name, { exact: true }) });

test("one writes, the other reads it and sees whose caret is where, and pieces are moved all the while", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  for (const page of [ann, ben]) await openNotes(page);
  await write(ann, "Edges first.\nWho takes the sky?");
  await reads(ben, "Edges first.\nWho takes the sky?");
  expect(await textOf(ben)).toBe("Edges first.\nWho takes the sky?");
  expect(await ben.getByTestId("notes-company").textContent()).toBe("In the notes with you: Ann.");
  const caret = caretOf(ben, "Ann");
  await caret.waitFor();
  const deep = await ann.evaluate(
    () => (window.coterie!.room.awareness.getLocalState() as { user: { color: string } }).user.color,
  );
  expect(await caret.evaluate((element) => element.style.getPropertyValue("--deep"))).toBe(deep);

  // Ann takes a piece while the notes are open; Ben writes above her line, and her caret stays where it was in the text.
  const at = (await caret.boundingBox())!;
  const from = await takeOpen(ann);
  await ann.mouse.move(from.x - 40, from.y + 50, { steps: 8 });
  await ben.waitForFunction(({ group, id }) => window.coterie!.room.state.groups.get(group)!.heldBy === id, {
    group: from.group,
    id: await me(ann),
  });
  await ben.getByTestId("notes").click();
  await ben.keyboard.press("Control+Home");
  await ben.keyboard.type("1.\n");
  await reads(ann, "1.\nEdges first.\nWho takes the sky?");
  expect(await textOf(ann)).toBe("1.\nEdges first.\nWho takes the sky?");
  await expect.poll(async () => (await caret.boundingBox())!.y - at.y).toBeCloseTo(24, 0);
  await ann.mouse.up();
  for (const page of [ann, ben])
    await page.waitForFunction((group) => !window.coterie!.room.confirmed.groups.get(group)?.heldBy, from.group);
  expect(await confirmed(ben, from.group)).toEqual(await confirmed(ann, from.group));

  // A new name is shown at the caret; notes that are closed have none.
  await ann.getByTestId("own-face").click();
  await ann.getByTestId("my-name").fill("Anna");
  await caretOf(ben, "Anna").waitFor();
  await ann.getByTestId("panel").click();
  await ben.waitForFunction(() => document.querySelector(".notes-caret") === null);
  expect(await ben.getByTestId("notes-company").textContent()).toBe("Nobody else has the notes open.");
});

test("undo takes back one's own words only, also after the drawer was closed", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  for (const page of [ann, ben]) await openNotes(page);
  await write(ann, "mine");
  await reads(ben, "mine");
  await write(ben, " and his");
  await reads(ann, "mine and his");
  for (let press = 0; press < 2; press++) await ann.getByTestId("panel").click();
  await ann.getByTestId("notes").click();
  await ann.keyboard.press("Control+z");
  await reads(ben, " and his");
  await ann.keyboard.press("Control+Shift+Z");
  await reads(ben, "mine and his");
});

test("[P1] a reload keeps the text", async () => {
  const { page: ann } = await startPuzzle(tables, "Ann");
  await openNotes(ann);
  await write(ann, "kept");
  await says(ann, "saved");
  await ann.reload();
  await seated(ann);
  expect(await ann.evaluate(() => window.coterie!.room.doc.getText("notes").toString())).toBe("kept");
  await openNotes(ann);
  expect(await textOf(ann)).toBe("kept");
});

test("[P1] the worker killed while two write: what was shown as saved is there, and what was not comes after", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  for (const page of [ann, ben]) await openNotes(page);
  await write(ann, "saved before; ");
  await says(ann, "saved");
  const saved = await textOf(ann);
  await Promise.all([
    ann.keyboard.type("written as it died. ", { delay: 15 }),
    write(ben, "BEN "),
    new Promise((resolve) => setTimeout(resolve, 120)).then(() => server.kill()),
  ]);
  await says(ann, "offline");
  await write(ann, "Written while it was dead.");
  expect(await pill(ann)).toBe("offline");
  await server.start();
  for (const page of [ann, ben]) {
    await seated(page);
    await says(page, "saved");
  }
  const fresh = await sit(tables, room, "Cleo");
  const text = await fresh.evaluate(() => window.coterie!.room.doc.getText("notes").toString());
  expect(text).toContain(saved);
  // Where the two wrote at one place their words may mingle: but each letter is there, once.
  const letters = (words: string): string => words.split("").sort().join("");
  expect(letters(text)).toBe(letters("saved before; written as it died. Written while it was dead.BEN "));
  for (const page of [ann, ben]) expect(await textOf(page)).toBe(text);
});

test("[P1] what is written offline is merged on return, and the pill tells the truth at every step", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  for (const page of [ann, ben]) await openNotes(page);
  await write(ann, "sky");
  await reads(ben, "sky");
  // Every state the pill shows from here on, in order.
  await ann.evaluate(() => {
    const states: string[] = [];
    Object.assign(window, { states });
    const element = document.querySelector('[data-testid="sync"]')!;
    new MutationObserver(() => {
      const state = element.getAttribute("data-state")!;
      if (states.at(-1) !== state) states.push(state);
    }).observe(element, { attributes: true });
  });
  const states = (): Promise<string[]> => ann.evaluate(() => (window as unknown as { states: string[] }).states);
  await ann.evaluate(() => window.coterie!.room.disconnect());
  await says(ann, "offline");
  await ben.waitForFunction(() => document.querySelector(".notes-caret") === null);
  await write(ann, " is mine");
  await write(ben, ", sea");
  await reads(ben, "sky, sea");
  expect(await ann.getByTestId("sync").getAttribute("aria-label")).toMatch(/^Offline; .*\d+ waiting/);
  expect(await ann.getByTestId("banner").textContent()).toContain("wait");
  await ann.evaluate(() => window.coterie!.room.connect());
  await says(ann, "saved");
  for (const page of [ann, ben])
    await page.waitForFunction(() => {
      const text = window.coterie!.room.doc.getText("notes").toString();
      return text === "sky is mine, sea" || text === "sky, sea is mine";
    });
  expect(await textOf(ann)).toBe(await textOf(ben));
  await caretOf(ben, "Ann").waitFor();
  expect(await states()).toEqual(["offline", "saving", "saved"]);
  await write(ann, "!");
  await says(ann, "saved");
  expect((await states()).slice(-2)).toEqual(["saving", "saved"]);
});

test("[P1] what is written offline outlives the page: it is there when it opens again, and everyone's once it has a network", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const ben = await sit(tables, room, "Ben");
  await openNotes(ann);
  await write(ann, "with a network. ");
  await reads(ben, "with a network. ");
  await ann.evaluate(() => window.coterie!.room.disconnect());
  await write(ann, "Without one.");
  await reads(ann, "with a network. Without one.");
  await expect.poll(() => keptBy(ann, room)).toBe("with a network. Without one."); // the browser writes it behind the page's back
  await ann.reload();
  for (const page of [ann, ben]) await reads(page, "with a network. Without one.");
  await says(ann, "saved");
});

test("by keyboard alone: in, write, out with Tab, and Escape gives the focus back", async () => {
  const { page: ann } = await startPuzzle(tables, "Ann");
  await ann.getByTestId("panel").focus();
  await ann.keyboard.press("Enter");
  await ann.getByTestId("notes").waitFor();
  expect(await ann.getByRole("textbox", { name: "Notes of this table" }).count()).toBe(1);
  const inNotes = (): Promise<boolean> => ann.evaluate(() => document.activeElement?.getAttribute("data-testid") === "notes");
  for (let press = 0; press < 20 && !(await inNotes()); press++) await ann.keyboard.press("Tab");
  await ann.keyboard.type("by keys?");
  await reads(ann, "by keys?");
  expect(await ann.locator(".notes-editor").evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
  await ann.keyboard.press("Tab");
  expect(await inNotes()).toBe(false);
  await ann.keyboard.press("Shift+Tab");
  expect(await inNotes()).toBe(true);
  await ann.keyboard.press("Escape");
  await ann.waitForFunction(() => document.querySelector(".drawer") === null);
  expect(await ann.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe("panel");
  await reads(ann, "by keys?");
});

test("the editor comes with the drawer, not with the table; where it cannot come, the page says so and tries again", async () => {
  const { page: first } = await startPuzzle(tables, "Ann");
  const asked: string[] = [];
  first.on("request", (request) => /\/assets\/editor-/.test(request.url()) && asked.push(request.url()));
  await first.reload();
  await seated(first);
  expect(asked).toEqual([]);
  await first.route(/\/assets\/editor-/, (route) => route.abort());
  await first.getByTestId("panel").click();
  await first.getByRole("alert").waitFor();
  await first.unroute(/\/assets\/editor-/);
  await first.getByRole("button", { name: "Try again" }).click();
  await first.getByTestId("notes").waitFor();
});

test("what other clients show of themselves is not trusted: no colour gets into a style, no position breaks the page", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann");
  const eve = await sit(tables, room, "Eve");
  for (const page of [ann, eve]) await openNotes(page);
  await write(ann, "hello");
  await reads(eve, "hello");
  await write(eve, "!");
  await caretOf(ann, "Eve").waitFor();
  await eve.evaluate(() =>
    window.coterie!.room.awareness.setLocalStateField("user", { name: "E".repeat(500), color: "red; position: fixed; inset: 0" }),
  );
  const caret = caretOf(ann, "E".repeat(24));
  await caret.waitFor();
  expect(await caret.evaluate((element) => element.style.cssText)).not.toMatch(/fixed|red/);
  const nonsense = [{ anchor: 1, head: {} }, { anchor: { tname: "made" }, head: { tname: "made" } }, "here", 7];
  nonsense.push({ anchor: { item: { client: -1, clock: "x" } }, head: { type: { client: 1e99, clock: -1 } } } as never);
  for (const cursor of nonsense) {
    await eve.evaluate((value) => window.coterie!.room.awareness.setLocalStateField("cursor", value), cursor);
    await ann.waitForFunction(
      (json) => [...window.coterie!.room.awareness.getStates().values()].some(({ cursor }) => JSON.stringify(cursor) === json),
      JSON.stringify(cursor),
    );
    await expect.poll(() => ann.locator(".notes-caret").count()).toBe(0); // the editor draws a frame later
  }
  expect(await ann.evaluate(() => [...window.coterie!.room.doc.share.keys()])).toEqual(["notes"]);
  // What is no text takes one place in it, in a document that was open and in one that is opened, and can be taken out.
  await eve.evaluate(() => window.coterie!.room.doc.getText("notes").insertEmbed(1, { image: "x" }));
  await ann.locator(".cm-specialChar").waitFor();
  await write(ann, " still");
  await reads(eve, "hello! still");
  await ann.reload();
  await seated(ann);
  await openNotes(ann);
  await ann.getByTestId("notes").click();
  await ann.keyboard.press("Control+Home");
  await ann.keyboard.press("ArrowRight");
  await ann.keyboard.press("Delete");
  await ann.keyboard.type("E");
  await reads(eve, "hEello! still");
  expect(await textOf(ann)).toBe("hEello! still");
});

/** A stock Yjs client, as an app of anybody's would use it. */
async function stockClient(party: string, room: string): Promise<WebsocketProvider> {
  const response = await fetch(`${server.origin}/auth/guest`, { method: "POST", body: JSON.stringify({ name: "Stock" }) });
  const { token } = (await response.json()) as { token: string };
  const provider = new WebsocketProvider(`${server.origin.replace("http", "ws")}/parties/${party}`, room, new Doc(), {
    params: { token },
    disableBc: true,
  });
  await new Promise<void>((resolve) => provider.on("sync", (synced) => synced && resolve()));
  return provider;
}

test("[P10] stock Yjs clients write in a document of the demo's own, and in a table's notes with the people there", async () => {
  const [one, two] = [await stockClient("document", "paper"), await stockClient("document", "paper")];
  one.doc.getText("body").insert(0, "hello");
  await expect.poll(() => two.doc.getText("body").toJSON()).toBe("hello");
  for (const each of [one, two]) each.destroy();

  const { page: ann, room } = await startPuzzle(tables, "Ann");
  await openNotes(ann);
  await write(ann, "from Ann");
  const stock = await stockClient("puzzle", room);
  await expect.poll(() => stock.doc.getText("notes").toJSON()).toBe("from Ann");
  stock.doc.getText("notes").insert(0, "first,\r\n");
  await reads(ann, "first,\r\nfrom Ann");
  // A line end of two characters is two here as well: what is written behind it lands where it should.
  await write(ann, "!");
  await expect.poll(() => stock.doc.getText("notes").toJSON()).toBe("first,\r\nfrom Ann!");
  stock.destroy();
});

test("at 375 × 812 the notes are a sheet over the lower half, written in by touch; how it all looks", async () => {
  const { page: mira, room } = await startPuzzle(tables, "Mira", 100);
  const theo = await sit(tables, room, "Theo", { colorScheme: "dark" });
  const phone = await sit(tables, room, "Ada", PHONE);
  const dark = await sit(tables, room, "Kim", { ...PHONE, colorScheme: "dark" });
  const pages = { mira, theo, phone, dark };
  for (const page of Object.values(pages)) {
    if (page === phone) await page.screenshot({ path: `${SHOTS}notes-closed-375.png` });
    await openNotes(page);
  }
  await mira.screenshot({ path: `${SHOTS}notes-empty-1440.png` });
  await write(
    mira,
    "Edges first, then the sky.\n\nTheo: the lit windows, left\nAda: the river\n\nPieces with two tabs go to the top left, so that nobody has to look for them twice.\n",
  );
  await phone.getByTestId("notes").tap();
  await phone.keyboard.press("Control+End");
  await phone.keyboard.type("I take the bridge");
  await mira.waitForFunction(() => window.coterie!.room.doc.getText("notes").toString().endsWith("I take the bridge"));
  await theo.getByTestId("notes").click();
  await theo.keyboard.press("Control+Home");
  await theo.keyboard.press("End");
  await theo.keyboard.press("Shift+Control+ArrowLeft");
  await theo.keyboard.press("Shift+Control+ArrowLeft");
  await dark.getByTestId("notes").tap({ position: { x: 120, y: 90 } });
  for (const name of ["Theo", "Ada", "Kim"]) await caretOf(mira, name).waitFor();
  const sheet = (await phone.locator(".drawer").boundingBox())!;
  expect([sheet.x, sheet.width, sheet.y + sheet.height]).toEqual([0, 375, 812]);
  expect(sheet.y).toBeGreaterThan(300);
  for (const page of Object.values(pages)) {
    const text = page.locator(".notes-editor .cm-scroller");
    expect(await text.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  }
  await mira.screenshot({ path: `${SHOTS}notes-1440.png` });
  await theo.screenshot({ path: `${SHOTS}notes-1440-dark.png` });
  await phone.screenshot({ path: `${SHOTS}notes-375.png` });
  await dark.screenshot({ path: `${SHOTS}notes-375-dark.png` });
  await phone.getByRole("button", { name: "Close" }).tap();
  await phone.waitForFunction(() => document.querySelector(".drawer") === null);
});

test("no page threw or logged an error", () => {
  expect(broken).toEqual([]);
});
