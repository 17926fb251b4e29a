#!/usr/bin/env node
// `npx coterie create my-app`: a small app of one's own, from demo/starter: a worker, a room and a page. In this repository it is
// `npm run create -- my-app`, and the app then installs the package as it is packed from here.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [command, folder] = process.argv.slice(2);

try {
  if (command !== "create" || !folder) throw new Error("Usage: coterie create <folder>");
  create(resolve(folder));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function create(target) {
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new Error(`${target} is not empty: choose a folder that is, or that does not exist.`);
  // A worker's name, which becomes part of its address.
  const name =
    basename(target)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "my-app";

  cpSync(join(root, "demo/starter"), target, { recursive: true });
  const { version, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const source = typeof exports["."] === "string"; // so in the repository, and never in the package
  for (const file of ["package.json", "wrangler.toml"]) {
    const text = readFileSync(join(target, file), "utf8").replace("my-app", name);
    writeFileSync(join(target, file), text.replace(/"coterie": ".*"/, `"coterie": "${source ? pack(target) : version}"`));
  }
  writeFileSync(join(target, ".gitignore"), "node_modules/\ndist/\n.wrangler/\n.dev.vars\n");
  writeFileSync(join(target, ".dev.vars"), `# For this machine only.\nENV=dev\nDEV_SECRET=${randomBytes(32).toString("hex")}\n`, {
    mode: 0o600,
  });
  console.log(`${name} is in ${target}. There:

  npm install
  npm start          # on this machine, at http://localhost:8787: open it twice
  npm run deploy     # on your Cloudflare account
`);
}

/** The package of this repository, put beside the app; returns how a package.json names it. */
function pack(target) {
  const { status, stdout, error } = spawnSync("npm", ["pack", "--silent", "--pack-destination", target], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32", // npm is a .cmd there
  });
  if (error) throw error;
  if (status !== 0) throw new Error("npm pack failed: what it printed is above.");
  return `file:${stdout.trim().split("\n").at(-1)}`;
}
