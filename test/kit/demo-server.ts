/** The demo as a user starts it (`npm start`), on a port and a state of its own: for tests in a browser and for load. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../../demo/start.mjs", import.meta.url));

export class DemoServer {
  readonly origin: string;
  /** What it printed, line by line. */
  readonly output: string[] = [];
  readonly #port: number;
  readonly #state: string;
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.origin = `http://localhost:${port}`;
    this.#state = mkdtempSync(join(tmpdir(), "coterie-"));
  }

  /** Starts it on a free port; the page must have been built. */
  static async start(): Promise<DemoServer> {
    const server = new DemoServer(await freePort());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [START, "--port", String(this.#port), "--state", this.#state, "--no-build"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface(stream).on("line", (line) => {
          this.output.push(line);
          if (line.includes("is running at")) resolve();
        });
      child.once("exit", (code) => reject(new Error(`the demo stopped with ${code}:\n${this.output.join("\n")}`)));
    });
  }

  /** SIGKILL to wrangler and workerd, mid-stride: no one gets to say goodbye. `start` brings the same state back. */
  async kill(): Promise<void> {
    const child = this.#child!;
    const exited = once(child, "exit");
    for (const pid of childrenOf(child.pid!)) process.kill(-pid, "SIGKILL"); // start.mjs gives wrangler a group of its own
    await exited;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    }
    rmSync(this.#state, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Linux's /proc: field 4 of `stat`, behind the name in parentheses, is the parent. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
      } catch {
        return false; // gone meanwhile
      }
    });
}
