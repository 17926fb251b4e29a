/** The pages of page.tsx in real Chromium, built by vite as an app in development is, beside a worker with their rooms. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import { createTestHarness } from "wrangler";
import { createClient, type Room } from "coterie/client";
import { chromiumArgs, findChromium } from "../../kit/chromium.mjs";
import { boardRoom } from "./rooms.ts";

export interface Pages {
  readonly origin: string;
  /** What pages logged as errors or warnings, since the last look. */
  readonly logged: string[];
  /** The page of this name, in this room. `html`: with what a server has rendered of it. */
  open(
    name: string,
    room: string,
    options?: { strict?: boolean; html?: boolean },
  ): Promise<Page & { readonly sockets: string[] }>;
  /** Somebody else in a board's room. */
  join(room: string, name: string): Promise<Room<typeof boardRoom>>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Beside a worker, as its static files. */
const BUILT = fileURLToPath(new URL("../../.out/react/", import.meta.url));

/** `served`: by page, what a server has rendered. */
export async function openPages(served: Readonly<Record<string, string>> = {}): Promise<Pages> {
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
  mkdirSync(BUILT, { recursive: true });
  writeFileSync(`${BUILT}page.html`, documentOf(""));
  for (const [name, html] of Object.entries(served)) writeFileSync(`${BUILT}served-${name}.html`, documentOf(html));
  writeFileSync(`${BUILT}page.js`, await bundled("page.tsx"));
  const server = createTestHarness({
    root: fileURLToPath(new URL(".", import.meta.url)),
    workers: [{ configPath: "./wrangler.toml", vars: { ENV: "dev", DEV_SECRET: "a secret for tests only, long enough" } }],
  });
  const [{ url }, browser] = await Promise.all([
    server.listen(),
    chromium.launch({ executablePath: findChromium(), args: chromiumArgs }),
  ]);
  const logged: string[] = [];
  const rooms: { destroy(): void }[] = [];
  return {
    origin: url.origin,
    logged,
    async open(name, room, { strict = false, html = false } = {}) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const sockets: string[] = [];
      page.on("pageerror", (error) => logged.push(error.message));
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && logged.push(message.text()));
      page.on("websocket", (socket) => sockets.push(new URL(socket.url()).pathname));
      await page.goto(`${url.origin}/${html ? `served-${name}` : "page"}?page=${name}&room=${room}${strict ? "&strict" : ""}`);
      return Object.assign(page, { sockets });
    },
    async join(id, name) {
      const room = createClient({ host: url.origin, guest: { name } }).join(boardRoom, id, { presence: { cursor: null } });
      rooms.push(room);
      await room.ready;
      return room;
    },
    async clear() {
      for (const room of rooms.splice(0)) room.destroy();
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

const documentOf = (html: string): string =>
  `<!doctype html><meta name="viewport" content="width=device-width" /><meta name="color-scheme" content="light dark" /><link rel="icon" href="data:," /><div id="root">${html}</div><script type="module" src="/page.js"></script>`;

/** React warns, and tries effects twice, in development only. */
async function bundled(entry: string): Promise<string> {
  const output = await build({
    root: fileURLToPath(new URL(".", import.meta.url)),
    configFile: false,
    logLevel: "error",
    mode: "development",
    define: { "process.env.NODE_ENV": '"development"' },
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(new URL(entry, import.meta.url)) },
    },
  });
  const chunks = (output as Rolldown.RolldownOutput).output;
  const [chunk] = chunks;
  if (chunks.length !== 1 || chunk?.type !== "chunk")
    throw new Error(`${entry} was built to ${chunks.length} files, expected one`);
  return chunk.code;
}
