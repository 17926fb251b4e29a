// `npm test`: from a fresh clone to one line, `N passed, N failed`, and a non-zero exit code when anything failed.
// A runner that crashes, or runs no test at all, has failed.
//
//   npm test                          checks (types, lint, format), then every test
//   npm test -- node [vitest args]    only the tests of the projects named: node, waiting, worker, package, browser, interop, faults

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { prepare, root, run, windows } from "../demo/prepare.mjs";
import { findChromium } from "./kit/chromium.mjs";

/** Of a row, all at once: tests that mostly wait leave the machine to those that compute. Packing changes package.json for a moment, so beside it nothing runs. */
const groups = [["node", "waiting"], ["worker"], ["package"], ["browser"], ["interop"], ["faults"]];
const projects = groups.flat();
const args = process.argv.slice(2);
const named = projects.filter((project) => args.includes(project));
const extra = args.filter((arg) => !projects.includes(arg));

let passed = 0;
let failed = 0;

try {
  prepare();
  if (named.length === 0) check();
  for (const group of groups) {
    const chosen = group.filter((project) => named.length === 0 || named.includes(project));
    if (chosen.includes("browser")) prepareBrowser();
    await Promise.all(chosen.map(test));
  }
} catch (error) {
  console.error(error.message);
  failed += 1;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** `npm run check`, one tool after the other even when an earlier one fails. */
function check() {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  for (const tool of scripts.check.split(" && ")) {
    console.log(`\n$ ${tool}`);
    if (run(tool)) passed += 1;
    else failed += 1;
  }
}

/** Browser tests open the built demo in a real Chromium. */
function prepareBrowser() {
  console.log("\n$ npm run build");
  if (!run("npm", ["run", "--silent", "build"])) throw new Error("The demo did not build: what vite printed is above.");
  process.env.CHROME_PATH = findChromium();
}

async function test(project) {
  const report = `${root}/test/.out/${project}.json`;
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status, output } = await vitest([
    "run",
    "--config",
    "test/vitest.config.ts",
    "--project",
    project,
    ...reporters,
    ...extra,
  ]);
  const ok = status === 0;
  process.stdout.write(output);

  const { numPassedTests = 0, numFailedTests = 0 } = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {};
  passed += numPassedTests;
  // A file that does not load, an unhandled error or an empty project fails no test of its own.
  failed += ok && numPassedTests > 0 ? numFailedTests : Math.max(1, numFailedTests);
}

/** Its output comes when it is through, or two at once could not be told apart. */
function vitest(args) {
  return new Promise((resolve, reject) => {
    const child = spawn("vitest", args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], shell: windows });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}
