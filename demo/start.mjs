// `npm start`: from a fresh clone to the demo on localhost. Installs and builds what is missing, runs wrangler dev,
// says when it is up, and takes everything down with it. Never kills a process it did not start.
//
//   npm start -- [--port N] [--state DIR] [--no-build]      (the port may also come from PORT)

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { node, prepare, root, run, windows } from "./prepare.mjs";

const READY_MS = 60_000; // wrangler answers in 2 s here; a cold and busy machine gets a lot more
const STOP_MS = 5_000; // wrangler stops in under 1 s; after that it hangs

try {
  await start();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

async function start() {
  const { values: options } = parseArgs({
    options: {
      port: { type: "string", default: process.env.PORT ?? "8787" },
      state: { type: "string", default: ".wrangler/state" },
      "no-build": { type: "boolean", default: false },
    },
  });
  const port = Number(options.port);
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new Error(`The port must be a number from 1 to 65535; it is "${options.port}".`);
  }

  await Promise.all(["127.0.0.1", "::1"].map((host) => portIsFree(host, port)));
  prepare();
  writeSecrets();
  if (!options["no-build"] && !run("vite", ["build", "demo/web", "--logLevel", "warn"])) {
    throw new Error("The demo did not build: what vite printed is above.");
  }
  await serve(port, options.state);
}

function portIsFree(host, port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", ({ code }) => {
      // Any other error (no IPv6 on this machine) says nothing about who else has the port.
      if (code === "EADDRINUSE")
        reject(new Error(`Port ${port} is taken on ${host}: stop what listens there, or choose another with --port.`));
      else if (code === "EACCES")
        reject(new Error(`Port ${port} may not be used by this user: choose one above 1023 with --port.`));
      else resolve();
    });
    probe.listen({ host, port }, () => probe.close(resolve));
  });
}

/** Development secrets, made once per clone: a default in the repository would sooner or later sign tokens in production. */
function writeSecrets() {
  const secret = randomBytes(32).toString("hex");
  try {
    writeFileSync(`${root}/.dev.vars`, `ENV=dev\nDEV_SECRET=${secret}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

async function serve(port, state) {
  const command = ["node_modules/wrangler/bin/wrangler.js", "dev", "--ip", "localhost", "--port", String(port)];
  // Inspector port 0 is a free one, so that several can run side by side.
  command.push("--inspector-port", "0", "--persist-to", state, "--show-interactive-dev-session=false");
  // A group of its own: ctrl-C then reaches only us, and one signal reaches wrangler and every workerd under it.
  const wrangler = spawn(node, command, { cwd: root, detached: !windows, stdio: ["ignore", "pipe", "pipe"] });

  let phase = "starting"; // then "running", and "stopping" at the end
  const held = [];
  for (const stream of [wrangler.stdout, wrangler.stderr]) {
    createInterface(stream).on("line", (line) => {
      if (phase === "starting") held.push(line);
      else if (phase === "running" && !line.startsWith("[wrangler:info]")) console.log(line); // not a line per request
    });
  }

  const stop = async () => {
    phase = "stopping";
    signal(wrangler, "SIGTERM");
    await sleep(STOP_MS);
    signal(wrangler, "SIGKILL");
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  if (process.env.npm_lifecycle_event) {
    // A SIGTERM to npm kills the shell between npm and us, and goes no further.
    const shell = process.ppid;
    setInterval(() => process.ppid === shell || stop(), 500).unref();
  }
  wrangler.once("exit", () => signal(wrangler, "SIGKILL")); // a workerd it may have left behind
  wrangler.once("close", (code) => {
    if (phase === "stopping") process.exit(0);
    if (phase === "starting") console.error(held.join("\n"));
    console.error(`wrangler dev stopped by itself (${code === null ? "killed" : `exit code ${code}`}).`);
    process.exit(1);
  });

  const ready = await answers(`http://localhost:${port}/healthz`);
  if (phase !== "starting") return;
  if (!ready) {
    signal(wrangler, "SIGKILL");
    throw new Error(
      `${held.join("\n")}\nGET /healthz was not answered with 200 within ${READY_MS / 1000} seconds; wrangler's output is above.`,
    );
  }
  phase = "running";
  console.log(`Coterie is running at http://localhost:${port} (state in ${state}, ctrl-C stops it)`);
}

async function answers(url) {
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(100)) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (response?.ok) return true;
  }
  return false;
}

function signal(child, name) {
  try {
    if (windows) spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"]);
    else process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // already gone
  }
}
