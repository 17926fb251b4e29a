// What `npm start` and `npm test` do before anything else: install the locked packages and put the project's tools first.
// Runs on Node 20 with nothing installed, so it may import nothing but Node's own modules.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const windows = process.platform === "win32";

/** The pinned Node: wrangler, vite and vitest refuse the machine's own when it is older than 22. */
export const node = join(root, "node_modules/node/bin", windows ? "node.exe" : "node");

/** Runs a command in the project's root, its output on ours, and tells whether it succeeded. */
export function run(command, args = []) {
  // A whole command line, and npm's .cmd shims on Windows, need a shell.
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: windows || command.includes(" "),
  });
  if (error) throw new Error(`${command} could not be started (${error.code}): it must be installed and on the PATH.`);
  return status === 0;
}

export function prepare() {
  const [major] = process.versions.node.split(".");
  if (Number(major) < 20) throw new Error(`Coterie needs Node 20 or newer; this is Node ${process.versions.node}.`);

  if (!installed()) {
    console.log("Installing the packages of package-lock.json ...");
    // Only errors: on Node 20 npm would warn of the tools that the pinned Node is for.
    if (!run("npm", ["ci", "--include=dev", "--loglevel=error"]) || !existsSync(node)) {
      throw new Error("npm ci failed: what it printed is above.");
    }
  }

  process.env.PATH = join(root, "node_modules/.bin") + delimiter + process.env.PATH;
  Object.assign(process.env, {
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_WRITE_LOGS: "false",
    WRANGLER_HIDE_BANNER: "true",
  });
}

/** npm records what it installed; packages of other platforms are optional and rightly missing from that record. */
function installed() {
  const record = join(root, "node_modules/.package-lock.json");
  if (!existsSync(node) || !existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(([path, { integrity, optional }]) =>
    path in present ? present[path].integrity === integrity : path === "" || optional,
  );
}
