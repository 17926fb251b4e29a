/** Servers that are compared, each a process of its own on a core that they share, in a folder of its own. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { bundle } from "../../test/faults/bundle.ts";
import { Workerd, type RoomBinding } from "../../test/faults/workerd.ts";
import { pin } from "./machine.ts";

export const SERVER_CORE = 0;
export const GENERATOR_CORE = 1;
const UP_WITHIN_MS = 15_000;
const PEERS = fileURLToPath(new URL("../peers/", import.meta.url));

export interface Process {
  readonly port: number;
  readonly pid: number;
  /** SIGKILL, and again on the same storage. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What is not there yet is installed, as the lock file says. */
export function installPeers(): void {
  if (existsSync(join(PEERS, "node_modules/@colyseus/core"))) return;
  console.log("installing what is compared (load/peers) …");
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: PEERS,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

export const versionIn = (folder: string, name: string): string =>
  (JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")) as { version: string }).version;
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
export const versionOf = (name: string): string => versionIn(join(PROJECT, "node_modules"), name);
export const peerVersion = (name: string): string => versionIn(join(PEERS, "node_modules"), name);

/** `entry`: from test/faults, as a bundle there. */
export async function underWorkerd<D extends object>(
  described: D,
  entry: string,
  classes: readonly RoomBinding[],
  plugins: Plugin[] = [],
): Promise<D & Process> {
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

export async function underNode<D extends object>(
  described: D,
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<D & Process> {
  const directory = mkdtempSync(join(tmpdir(), "coterie-bench-"));
  const port = await freePort();
  let child: ChildProcess;
  const end = (): void => void child.kill("SIGKILL");
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [join(PEERS, script)], {
      env: { ...process.env, HOST: "127.0.0.1", PORT: String(port), FOLDER: directory, NODE_ENV: "production", ...environment },
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
