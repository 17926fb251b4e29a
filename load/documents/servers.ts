/** The servers that are compared, each a process of its own on a core that they share, in a folder of its own. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { sign } from "../../server/edge/tokens.ts";
import { bundle } from "../../test/faults/bundle.ts";
import { DEV_SECRET, Workerd, type RoomBinding } from "../../test/faults/workerd.ts";
import { pin } from "./machine.ts";

export const SERVER_CORE = 0;
export const GENERATOR_CORE = 1;
const UP_WITHIN_MS = 15_000;
const TOKEN_MS = 60 * 60 * 1000;
const PEERS = fileURLToPath(new URL("../peers/", import.meta.url));

/** `relay`: it only passes on what it is told. */
export type Dialect = "y" | "hocuspocus" | "relay";

export interface Server {
  readonly name: string;
  readonly version: string;
  readonly dialect: Dialect;
  readonly port: number;
  readonly pid: number;
  /** Where a user's socket to a room goes. */
  path(room: string, user: string): Promise<string>;
  /** SIGKILL, and again on the same storage. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Coterie extends Server {
  token(user: string, admin?: boolean): Promise<string>;
}

/** What is not there yet is installed, as the lock file says. */
export function installPeers(): void {
  if (existsSync(join(PEERS, "node_modules/@hocuspocus/server"))) return;
  console.log("installing what is compared (load/peers) …");
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: PEERS,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

const versionIn = (folder: string, name: string): string =>
  (JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")) as { version: string }).version;
const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const versionOf = (name: string): string => versionIn(join(PROJECT, "node_modules"), name);
const peerVersion = (name: string): string => versionIn(join(PEERS, "node_modules"), name);

export const versions = (): string =>
  `workerd ${versionOf("workerd")}, Node ${process.versions.node}, yjs ${versionOf("yjs")}; y-partyserver ${peerVersion("y-partyserver")}, ` +
  `@hocuspocus/server ${peerVersion("@hocuspocus/server")}, @y/websocket-server ${peerVersion("@y/websocket-server")}`;

// ---- under workerd

type Described = Pick<Server, "name" | "version" | "dialect" | "path">;

async function underWorkerd(
  described: Described,
  entry: string,
  classes: readonly RoomBinding[],
  plugins: Plugin[] = [],
): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "coterie-bench-"));
  const workerd = new Workerd(await bundle(entry, directory, plugins), classes);
  const start = async (): Promise<void> => {
    await workerd.start();
    pin(workerd.pid, SERVER_CORE);
    await (await fetch(`http://127.0.0.1:${workerd.port}/`)).arrayBuffer(); // the worker is loaded; no room is
  };
  await start();
  return {
    ...described,
    get port() {
      return workerd.port;
    },
    get pid() {
      return workerd.pid;
    },
    async restart() {
      workerd.kill();
      await workerd.gone();
      await start();
    },
    async stop() {
      await workerd.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As it is shipped, a socket may say 100 frames a second: what the room itself bears is seen when it may say more. */
const liftLimit: Plugin = {
  name: "lift-limit",
  transform(code, id) {
    if (!id.endsWith("/server/room/throttle.ts")) return undefined;
    const lifted = code.replace("FRAMES_PER_SECOND = 100;", "FRAMES_PER_SECOND = 10_000;");
    if (lifted === code) throw new Error("the limit on a socket's frames is not where it was");
    return lifted;
  },
};

/** `lifted`: without its limit on what one socket may say. */
export async function startCoterie({ lifted = false } = {}): Promise<Coterie> {
  const token = (user: string, admin = false): Promise<string> =>
    sign(
      {
        user: { id: user, name: user },
        rooms: ["notes", "long"].map((party) => [`${party}:*`, admin ? ["admin"] : ["read", "presence", "write", "create"]]),
        expiresAt: Date.now() + TOKEN_MS,
      },
      new TextEncoder().encode(DEV_SECRET),
    );
  const server = await underWorkerd(
    {
      name: "Coterie",
      version: versionIn(PROJECT, "."),
      dialect: "y",
      path: async (room, user) =>
        room.startsWith("long/")
          ? `/parties/${room}?token=${await token(user)}&_pk=${user}` // as a client that lets the room sleep
          : `/parties/notes/${room}?token=${await token(user)}`,
    },
    "../../load/documents/coterie-worker.ts",
    [
      { binding: "NOTES", className: "Notes", folder: "notes" },
      { binding: "LONG", className: "Long", folder: "long" },
    ],
    lifted ? [liftLimit] : [],
  );
  return Object.defineProperties({ token } as Coterie, Object.getOwnPropertyDescriptors(server));
}

export const startRelay = (row: boolean): Promise<Server> =>
  underWorkerd(
    {
      name: row ? "relay, a row a message" : "relay",
      version: "",
      dialect: "relay",
      path: (room) => Promise.resolve(`/${room}${row ? "?row" : ""}`),
    },
    "../../load/documents/relay-worker.ts",
    [{ binding: "RELAY", className: "Relay", folder: "relay" }],
  );

export const startPartyServer = (): Promise<Server> =>
  underWorkerd(
    {
      name: "y-partyserver",
      version: peerVersion("y-partyserver"),
      dialect: "y",
      path: (room, user) => Promise.resolve(`/parties/notes/${room}?_pk=${user}`),
    },
    "../../load/peers/y-partyserver.mjs",
    [{ binding: "NOTES", className: "Notes", folder: "notes" }],
  );

// ---- under Node

async function underNode(described: Described, script: string): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "coterie-bench-"));
  const port = await freePort();
  let child: ChildProcess;
  const end = (): void => void child.kill("SIGKILL");
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [join(PEERS, script)], {
      env: { ...process.env, HOST: "127.0.0.1", PORT: String(port), FOLDER: directory, NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    await answers(port);
    pin(child.pid!, SERVER_CORE);
  };
  const gone = async (): Promise<void> => {
    const exited = once(child, "exit");
    end();
    await exited;
  };
  process.on("exit", end);
  await start();
  return {
    ...described,
    port,
    get pid() {
      return child.pid!;
    },
    async restart() {
      await gone();
      await start();
    },
    async stop() {
      await gone();
      process.off("exit", end);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const startHocuspocus = (): Promise<Server> =>
  underNode(
    { name: "Hocuspocus", version: peerVersion("@hocuspocus/server"), dialect: "hocuspocus", path: () => Promise.resolve("/") },
    "hocuspocus.mjs",
  );

export const startWebsocketServer = (): Promise<Server> =>
  underNode(
    {
      name: "y-websocket-server",
      version: peerVersion("@y/websocket-server"),
      dialect: "y",
      path: (room) => Promise.resolve(`/${room}`),
    },
    "node_modules/@y/websocket-server/src/server.js",
  );

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answers(port: number): Promise<void> {
  const end = Date.now() + UP_WITHIN_MS;
  for (;;)
    try {
      return void (await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer());
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
