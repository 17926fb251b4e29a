// The Chromium that browser tests drive: the one this machine has, else one installed the way the platform does it.
// Never answers "none": without a browser the tests must fail, not be skipped.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

const root = process.getuid?.() === 0;
const require = createRequire(import.meta.url);

/** Launch arguments for tests: no GPU, and none of the browser's own traffic. */
export const chromiumArgs = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ...(root ? ["--no-sandbox"] : []), // Chromium refuses to run its sandbox as root
];

/**
 * The path of an executable Chromium or Chrome; installs one where there is none.
 * @returns {string}
 */
export function findChromium() {
  const chosen = process.env["CHROME_PATH"];
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new Error(`CHROME_PATH is "${chosen}", but there is no such file.`);
  }
  const found = search();
  if (found) return found;

  const command = installCommand();
  console.log(`No Chromium found, installing one: ${command}`);
  const { status } = spawnSync(command, {
    shell: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  const installed = search();
  if (installed) return installed;
  throw new Error(
    `The browser tests need Chromium: none is on the PATH or in the usual places, and installing one failed (exit code ${status}): ` +
      "install Chromium or Chrome, or set CHROME_PATH.",
  );
}

function search() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const programs = [process.env["PROGRAMFILES"], process.env["PROGRAMFILES(X86)"], process.env["LOCALAPPDATA"]];
  return [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ...programs.flatMap((folder) => (folder ? [join(folder, "Google/Chrome/Application/chrome.exe")] : [])),
    require("playwright-core").chromium.executablePath(),
  ].find((path) => existsSync(path));
}

function installCommand() {
  // Only Debian's own package: Ubuntu's is a snap, which does not run in a container.
  if (root && existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"))) {
    return "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium";
  }
  return `"${process.execPath}" "${require.resolve("playwright-core/cli.js")}" install chromium`;
}
