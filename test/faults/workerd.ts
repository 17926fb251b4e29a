/**
 * A workerd process of our own, without wrangler: it is started on a directory, killed with SIGKILL, and started again on
 * the same directory. Nobody is ever killed but the process started here.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const WORKERD = join(import.meta.dirname, "../../node_modules/workerd/bin/workerd");

/** Known to all: it counts only on this machine (server/edge/keys.ts). */
export const DEV_SECRET = "a secret for tests only, long enough";

/** Where workerd says on which port it listens. */
const CONTROL_FD = 3;
/** A start takes about 50 ms here, in ms. */
const START_WITHIN_MS = 15_000;
/** What it printed last, kept for the report of a failure. */
const LINES_KEPT = 40;

/** A room's class in a worker: a namespace and a folder of its own for each. */
export interface RoomBinding {
  readonly binding: string;
  readonly className: string;
  readonly folder: string;
}

/** The classes of worker.ts. */
const CLASSES: readonly RoomBinding[] = [
  { binding: "BOARD", className: "Board", folder: "board" },
  { binding: "SWIFT", className: "Swift", folder: "swift" },
];

export class Workerd {
  /** What it printed last. */
  readonly printed: string[] = [];
  /** Where the rooms' files lie: a folder a class. */
  readonly storage: string;
  readonly #config: string;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown[]> = Promise.resolve([null, "SIGKILL"]);
  #listening = Promise.withResolvers<number>();
  #port = 0;
  readonly #onExit = (): void => void this.#child?.kill("SIGKILL");

  /** `module`: the bundled worker, with these classes. Everything else is put beside it. `v8Flags`: of V8, for what it does of itself. */
  constructor(module: string, classes: readonly RoomBinding[] = CLASSES, v8Flags: readonly string[] = []) {
    this.#config = join(dirname(module), "config.capnp");
    this.storage = join(dirname(module), "storage");
    mkdirSync(this.storage, { recursive: true });
    writeFileSync(this.#config, config(basename(module), this.storage, classes, v8Flags));
    process.on("exit", this.#onExit); // also when whoever runs this gives up half-way
  }

  /** The port it listens on, as soon as it does; anew after every kill. */
  get listening(): Promise<number> {
    return this.#listening.promise;
  }

  /** The last port that it listened on. */
  get port(): number {
    return this.#port;
  }

  /** The process that was started last. */
  get pid(): number {
    return this.#child!.pid!;
  }

  async start(): Promise<void> {
    const child: ChildProcess = spawn(WORKERD, ["serve", this.#config, `--control-fd=${CONTROL_FD}`], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#child = child;
    this.#exited = once(child, "exit");
    for (const stream of [child.stdout!, child.stderr!])
      createInterface(stream).on("line", (line) => {
        this.printed.push(line);
        if (this.printed.length > LINES_KEPT) this.printed.shift();
      });
    this.#port = await portOf(child, () => this.printed.join("\n"));
    this.#listening.resolve(this.#port);
  }

  /** SIGKILL, now: within this call, whatever the process is doing. */
  kill(): void {
    this.#listening = Promise.withResolvers();
    this.#child?.kill("SIGKILL");
  }

  /** Resolves when the process has gone and nobody has its files; throws when it was not our kill that ended it. */
  async gone(): Promise<void> {
    const [code, signal] = await this.#exited;
    if (signal !== "SIGKILL")
      throw new Error(`workerd stopped by itself with ${String(code ?? signal)}:\n${this.printed.join("\n")}`);
  }

  async stop(): Promise<void> {
    this.kill();
    await this.#exited;
    process.off("exit", this.#onExit);
  }
}

/** Waits for the word on the control descriptor. */
async function portOf(child: ChildProcess, printed: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`workerd did not listen in time:\n${printed()}`)), START_WITHIN_MS);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`workerd stopped with ${code} before it listened:\n${printed()}`));
    });
    createInterface(child.stdio[CONTROL_FD] as Readable).on("line", (line) => {
      const message = JSON.parse(line) as { event: string; port: number };
      if (message.event !== "listen") return;
      clearTimeout(late);
      resolve(message.port);
    });
  });
}

function config(module: string, storage: string, classes: readonly RoomBinding[], v8Flags: readonly string[]): string {
  const text = (value: string): string => JSON.stringify(value);
  const namespaces = classes.map(
    ({ className, folder }) => `(className = ${text(className)}, uniqueKey = ${text(folder)}, enableSql = true)`,
  );
  const bindings = classes.map(
    ({ binding, className }) => `(name = ${text(binding)}, durableObjectNamespace = ${text(className)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "disk", disk = (path = ${text(storage)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  v8Flags = [${v8Flags.map(text).join(", ")}],
);
const worker :Workerd.Worker = (
  modules = [(name = ${text(module)}, esModule = embed ${text(module)})],
  compatibilityDate = "2026-10-20",
  compatibilityFlags = ["no_web_socket_compression"],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [${bindings.join(", ")}, (name = "ENV", text = "dev"), (name = "DEV_SECRET", text = ${text(DEV_SECRET)})],
);
`;
}
