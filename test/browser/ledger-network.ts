/** Pages of a ledger in a real Chromium, a room in a real workerd, and a network between them that can be cut. */
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import { SignJWT } from "jose";
import { bundle } from "../faults/bundle.ts";
import { DEV_SECRET, Workerd } from "../faults/workerd.ts";
import { LEEWAY_S } from "../../server/auth/token.ts";
import { chromiumArgs, findChromium } from "../kit/chromium.mjs";
import type { LedgerOptions } from "./ledger-page.ts";

const CLASSES = [{ binding: "LEDGER", className: "Ledger", folder: "ledger" }];

const TOKEN_S = 600;

/** Somebody's browser profile: its pages share storage. */
export interface Profile {
  readonly context: BrowserContext;
  /** Who is signed in. */
  user: string;
  /** How the next tokens are: good for ten minutes, ended (a worker takes them for a minute more, which is over in two seconds), or none. */
  tokens: "good" | "ended" | "refused";
  /** What its pages warned of. */
  readonly warnings: string[];
  open(options: LedgerOptions): Promise<Page>;
}

export class LedgerNetwork {
  readonly server: Workerd;
  readonly #folder: string;
  readonly #browser: Browser;
  readonly #html: string;
  readonly #proxy: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(folder: string, module: string, browser: Browser, html: string) {
    this.#folder = folder;
    this.server = new Workerd(module, CLASSES);
    this.#browser = browser;
    this.#html = html;
    this.#proxy = createServer((asked, answer) => {
      if (asked.url === "/") return void answer.setHeader("content-type", "text/html").end(this.#html);
      if (this.#isCut) return void asked.socket.destroy();
      const onward = request({ port: this.server.port, path: asked.url, method: asked.method, headers: asked.headers }, (got) => {
        answer.writeHead(got.statusCode!, got.headers);
        got.pipe(answer);
      });
      onward.on("error", () => asked.socket.destroy());
      asked.pipe(onward);
    });
    this.#proxy.on("upgrade", (asked, socket, head) => this.#upgrade(asked, socket as Socket, head));
  }

  static async start(): Promise<LedgerNetwork> {
    const folder = mkdtempSync(join(tmpdir(), "coterie-"));
    const later = join(folder, "later");
    mkdirSync(later);
    const [module, , browser, html] = await Promise.all([
      bundle("kept/worker.ts", folder),
      bundle("kept/later-worker.ts", later),
      chromium.launch({ executablePath: findChromium(), args: chromiumArgs }),
      pageHtml(),
    ]);
    const network = new LedgerNetwork(folder, module, browser, html);
    await network.server.start();
    network.#proxy.listen(0, "localhost");
    await once(network.#proxy, "listening");
    return network;
  }

  /** Every socket breaks, and none can be made; pages can still be loaded, as from a cache. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** The server dies in mid-stride. `start` of `server` brings it back. */
  async killServer(): Promise<void> {
    this.server.kill();
    await this.server.gone();
  }

  /** The processes of all pages stop where they are, as those of a machine that sleeps; returns what lets them go on. */
  async suspendPages(): Promise<() => void> {
    const devtools = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
    const pages = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    for (const id of pages) process.kill(id, "SIGSTOP");
    return () => {
      for (const id of pages) process.kill(id, "SIGCONT");
    };
  }

  /** The next version is deployed, on the same storage. */
  async deployLater(): Promise<void> {
    await this.killServer();
    copyFileSync(join(this.#folder, "later", "worker.js"), join(this.#folder, "worker.js"));
    await this.server.start();
  }

  async profile(user: string): Promise<Profile> {
    const context = await this.#browser.newContext();
    const profile: Profile = {
      context,
      user,
      tokens: "good",
      warnings: [],
      open: async (options) => {
        const page = await context.newPage();
        page.on("console", (message) => message.type() === "warning" && profile.warnings.push(message.text()));
        await this.load(page, options);
        return page;
      },
    };
    await context.exposeFunction("tokenFor", () => {
      if (profile.tokens === "refused") throw new Error("nobody is signed in");
      return signed(profile.user, profile.tokens === "ended");
    });
    return profile;
  }

  /** An action by somebody whose network is another, and is never cut; done, or this throws. */
  async actElsewhere(user: string, id: string, action: string, input: unknown): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.server.port}/parties/ledger/${id}/actions/${action}`, {
      method: "POST",
      headers: { authorization: `Bearer ${await signed(user)}` },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(`${action} was answered ${response.status}: ${await response.text()}`);
  }

  /** Loads the page anew. */
  async load(page: Page, options: LedgerOptions): Promise<void> {
    await page.goto(`http://localhost:${(this.#proxy.address() as AddressInfo).port}/`);
    await page.evaluate((given) => window.openLedger(given), options);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.cut();
    this.#proxy.close();
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #upgrade({ url, headers }: IncomingMessage, socket: Socket, head: Buffer): void {
    const onward = connect(this.server.port, "127.0.0.1");
    const ends = [socket, onward];
    for (const end of ends) {
      this.#sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        for (const each of ends) each.destroy();
        this.#sockets.delete(end);
      });
    }
    if (this.#isCut) return void socket.destroy();
    onward.write(`GET ${url} HTTP/1.1\r\n`);
    for (const [name, value] of Object.entries(headers)) onward.write(`${name}: ${String(value)}\r\n`);
    onward.write("\r\n");
    onward.write(head);
    socket.pipe(onward);
    onward.pipe(socket);
  }
}

/** A token for every ledger; `ended`: it is taken for two seconds more. */
function signed(user: string, ended = false): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000) - (ended ? TOKEN_S + LEEWAY_S - 2 : 0);
  return new SignJWT({ rooms: [["ledger:*", ["presence", "write", "create"]]], info: { name: user } })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("coterie-dev")
    .setAudience("coterie")
    .setSubject(user)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TOKEN_S)
    .setJti(crypto.randomUUID())
    .sign(new TextEncoder().encode(DEV_SECRET));
}

async function pageHtml(): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL(".", import.meta.url)),
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(new URL("ledger-page.ts", import.meta.url)) },
    },
  })) as Rolldown.RolldownOutput;
  return `<!doctype html><title>Ledger</title><button>a place to click</button><script type="module">${built.output[0].code.replaceAll("</script", "<\\/script")}</script>`;
}
