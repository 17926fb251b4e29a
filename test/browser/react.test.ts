/** The hooks in real Chromium, by React as it is in development: what renders and what does not, and how a page enters and leaves. */
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Page } from "playwright-core";
import { createClient } from "coterie/client";
import { Early } from "./app/early.tsx";
import { App, Company } from "./app/hooks.tsx";
import { openPages, type Pages } from "./app/pages.ts";
import { madeRoom } from "./app/rooms.ts";
import { board } from "./app/vanilla.ts";

let pages: Pages;
/** By page, what a server renders of it: here, in Node. */
let served: Record<string, string>;
/** Sockets and requests of that. */
let asked: number[];
beforeAll(async () => {
  const network = [vi.spyOn(globalThis, "WebSocket"), vi.spyOn(globalThis, "fetch")];
  served = {
    hooks: renderToString(createElement(App, { id: "served" })),
    early: renderToString(createElement(Early, { id: "early", client: createClient({ host: "example.com" }), Late: Company })),
  };
  await new Promise((resolve) => setTimeout(resolve)); // a token would be asked for a moment later
  asked = network.map(({ mock }) => mock.calls.length);
  vi.restoreAllMocks();
  pages = await openPages(served);
});
afterEach(() => expect(pages.logged.splice(0)).toEqual([]));
afterAll(() => pages.close());

type Board = Awaited<ReturnType<Pages["join"]>>;

/** A component whose selector makes something new each time, and is given nothing to compare it by: it renders whenever the game changes, and is no endless loop. */
const UNEQUAL = "xs, always new";

const shows = (page: Page, what: string, text: string | RegExp): Promise<unknown> =>
  page
    .getByTestId(what)
    .and(page.getByText(text, { exact: true }))
    .waitFor();

/** How often each component rendered since this was last asked; what did not is left out. */
const rendered = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(() => {
    const { renders } = window.react;
    const since = { ...renders };
    for (const name of Object.keys(renders)) delete renders[name];
    delete since["rtt"]; // by the clock
    return since;
  });

const joined = (page: Page): Promise<readonly string[]> => page.evaluate(() => window.react.joined);

describe("what renders", () => {
  let page: Page;
  let ben: Board;
  let cleo: Board;
  beforeAll(async () => {
    [ben, cleo] = await Promise.all([pages.join("counts", "Ben"), pages.join("counts", "Cleo")]);
    page = await pages.open("counts", "counts");
    await shows(page, "status", '"connected"');
    await shows(page, "names", /^\[.*,.*\]$/);
    await shows(page, "rtt", /^\d+$/);
  });
  beforeEach(async () => {
    await shows(page, "sync", '"saved"');
    await rendered(page);
  });
  afterAll(() => pages.clear());

  test("a moving cursor renders its own component, and who asked for everyone; not who asked for ids or names", async () => {
    for (let x = 1; x <= 3; x++) {
      ben.setPresence({ cursor: { x, y: 0 } });
      await shows(page, "cursor of Ben", `{"x":${x},"y":0}`);
    }
    expect(await rendered(page)).toEqual({ "cursor of Ben": 3, everyone: 3 });
  });

  test("a moved piece renders who picked it or something made of it, once: not again when what was foreseen is confirmed", async () => {
    await ben.do.move({ id: 1, x: 7, y: 7 });
    await shows(page, "piece 1", '{"id":1,"x":7,"y":7}');
    expect(await rendered(page)).toEqual({ "piece 1": 1, xs: 1, moves: 1, [UNEQUAL]: 1 });

    await page.evaluate(() => window.react.room!.do.move({ id: 0, x: 0, y: 9 }));
    await shows(page, "sync", '"saved"');
    const { [UNEQUAL]: _, ...own } = await rendered(page);
    expect(own).toEqual({ "piece 0": 1, moves: 1, sync: 2 }); // y alone: xs are equal; saving, and saved
  });

  test("one's own cursor renders oneself alone", async () => {
    await page.evaluate(() => window.react.room!.setPresence({ cursor: { x: 5, y: 6 } }));
    await shows(page, "self", '{"x":5,"y":6}');
    expect(await rendered(page)).toEqual({ self: 1 });
  });

  test("who comes or goes renders the list, and nobody's cursor but their own", async () => {
    await pages.join("counts", "Dora");
    await shows(page, "cursor of Dora", "null");
    expect(await rendered(page)).toMatchObject({ ids: 1, names: 1, "cursor of Dora": 1 });
    cleo.destroy();
    await page.getByTestId("cursor of Cleo").waitFor({ state: "detached" });
    const { ids, names, everyone, [UNEQUAL]: _, ...none } = await rendered(page);
    expect([ids, names, everyone, none]).toEqual([1, 1, 1, {}]);
  });
});

describe("how a page enters and leaves", () => {
  afterEach(() => pages.clear());

  test("in Strict Mode, where effects run twice, it joins once, by one socket; unmounted, it is gone", async () => {
    const ben = await pages.join("strict", "Ben");
    const page = await pages.open("counts", "strict", { strict: true });
    await shows(page, "status", '"connected"');
    await expect.poll(() => ben.others.map(({ connections }) => connections)).toEqual([1]);
    expect([await joined(page), page.sockets]).toEqual([["board/strict"], ["/parties/board/strict"]]);
    await page.evaluate(() => window.react.unmount());
    await expect.poll(() => ben.others.length).toBe(0);
    expect(page.sockets.length).toBe(1);
  });

  test("useReady suspends, under a boundary above the provider too, and throws what may not be entered to the error boundary; tried again, it is", async () => {
    const page = await pages.open("suspended", "later", { strict: true });
    await shows(page, "failed", "not-found");
    const maker = createClient({ host: pages.origin }).join(madeRoom, "later", { create: { title: "made later" } });
    await maker.ready;
    await page.getByTestId("failed").click();
    await shows(page, "title", "made later");
    expect(await joined(page)).toEqual(["made/later", "made/later"]);
    maker.destroy();
    expect(pages.logged.splice(0).filter((line) => !line.includes("not-found"))).toEqual([]);
  });

  test("with a fallback the children wait until they can read what the room was made with", async () => {
    const page = await pages.open("gated", "gated");
    await shows(page, "failed", "not-found");
    await page.getByTestId("make").click();
    await page.getByTestId("failed").click();
    await page.getByTestId("waiting").waitFor({ state: "attached" });
    await shows(page, "title", "made here");
    expect(pages.logged.splice(0).filter((line) => !line.includes("not-found"))).toEqual([]);
  });

  test("providers nest, of other rooms and of the same kind; another id leaves the old room, and the children begin anew", async () => {
    const [outer, inner] = [await pages.join("nested", "Ben"), await pages.join("nested-inner", "Ben")];
    const other = await pages.join("nested-other", "Ben");
    const page = await pages.open("nested", "nested");
    await expect.poll(() => [outer, inner, other].map(({ others }) => others.length)).toEqual([1, 1, 0]);
    await outer.do.move({ id: 0, x: 1, y: 1 });
    const drafts = page.getByTestId("draft");
    await expect.poll(() => drafts.allTextContents()).toEqual(["nested: 1 moves, 1 heard", "nested-inner: 0 moves, 0 heard"]);
    await page.getByTestId("change").click();
    await expect.poll(() => [outer, inner, other].map(({ others }) => others.length)).toEqual([0, 1, 1]);
    await expect
      .poll(() => drafts.allTextContents())
      .toEqual(["nested-other: 0 moves, 0 heard", "nested-inner: 0 moves, 0 heard"]);
    expect(page.sockets.filter((path) => path.startsWith("/parties/hall/"))).toEqual(["/parties/hall/nested"]);
  });

  test("a part of the page that is put away leaves its room, and comes back to it as it is then", async () => {
    const ben = await pages.join("away", "Ben");
    const page = await pages.open("put-away", "away", { strict: true });
    await shows(page, "draft", "away: 0 moves, 0 heard");
    await page.getByTestId("change").click();
    await expect.poll(() => ben.others.length).toBe(0);
    await ben.do.move({ id: 0, x: 1, y: 1 });
    await page.getByTestId("change").click();
    await shows(page, "draft", "away: 1 moves, 0 heard");
    await expect.poll(() => ben.others.length).toBe(1);
    expect(await joined(page)).toEqual(["board/away", "board/away"]);
  });

  test("a server renders the fallback, without a window and without a socket, and the page takes it up as it is", async () => {
    expect([served["hooks"], asked]).toEqual(["<p>Joining…</p>", [0, 0]]);
    const page = await pages.open("hooks", "served", { html: true });
    await shows(page, "connection", "connected, saved, 0 waiting, a round trip");
    expect(await page.evaluate(() => window.react.reported)).toEqual([]);
  });

  test("without a fallback it renders the children, in a room where nobody is yet; the page takes them up, and joins by one socket", async () => {
    const html = served["early"]!.replaceAll(/<!--.*?-->|<template[^]*?<\/template>/g, "");
    expect(html).toBe(
      '<button data-testid="me">nowhere</button><p data-testid="connection">connecting, offline, 0 waiting, no round trip</p>' +
        '<p data-testid="company">With you: nobody</p><p>Counting…</p>',
    );
    await pages.join("early", "Ben");
    const page = await pages.open("early", "early", { html: true, strict: true });
    await shows(page, "connection", "connected, saved, 0 waiting, a round trip");
    await shows(page, "moves", "0 moves");
    // What is taken up only now finds what the server has said, and then what is so.
    await shows(page, "company", "With you: nobody");
    await page.evaluate(() => window.react.late());
    await shows(page, "company", "With you: Ben");
    const reported = await page.evaluate(() => window.react.reported);
    expect([reported.length, reported[0]]).toEqual([1, expect.stringContaining("useReady: a server joins no room")]);
    expect(page.sockets.length).toBe(1);
  });
});

describe("what client/react/README.md shows", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

  test("is what these files say, line for line", () => {
    const unindented = (text: string): string => text.replaceAll(/^\s+/gm, "");
    const said = ["rooms.ts", "hooks.tsx", "vanilla.ts"].map((name) => unindented(read(`app/${name}`)));
    const blocks = [...read("../../client/react/README.md").matchAll(/```tsx?\n([^]*?)```/g)].map(([, block]) => block!);
    expect(blocks.length).toBeGreaterThan(10);
    for (const block of blocks)
      for (const part of block.split("\n\n")) expect(said.some((text) => text.includes(unindented(part))) || part).toBe(true);
  });

  test("runs, each hook beside its line without React", async () => {
    const shown = new Map<string, unknown>();
    const client = createClient({ host: pages.origin, guest: { name: "Vera" } });
    const stop = await board(client, "shown", (what, value) => void shown.set(what, value));
    const page = await pages.open("hooks", "shown");
    await shows(page, "company", "With you: Vera");
    await page.getByTestId("piece-0").click();
    await shows(page, "piece-0", "10, 0");
    await shows(page, "moves", "1 moves");
    await page.getByTestId("me").click();
    await shows(page, "me", "at 1, 2");
    await page.getByTestId("waves").click();
    await page.getByTestId("notes").fill("hello");
    await expect.poll(() => shown.get("notes")).toBe("hello");
    await shows(page, "connection", "connected, saved, 0 waiting, a round trip");
    expect([...shown.keys()].sort()).toEqual(["moved", "notes", "others", "rtt", "self", "wave", "x"]);
    expect([shown.get("x"), shown.get("moved"), shown.get("others")]).toEqual([10, "room", 1]);
    stop();
    await shows(page, "company", "With you: nobody");
  });
});
