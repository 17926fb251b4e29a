/**
 * What `npm run deploy` would send to Cloudflare: the demo's worker, bundled by wrangler as for a deploy and not sent. The page
 * is left out: it is built elsewhere, and goes beside the worker.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** The most the bundle may have, compressed, in bytes. */
const MAX_GZIP = 400_000;
/** The most that may be computed before the first request, in ms: the platform has a bound of its own, some 15 times what is needed. */
const MAX_STARTUP_MS = 400;

let scratch: string;
let assets: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "coterie-deploy-"));
  assets = join(scratch, "assets");
  mkdirSync(assets);
  writeFileSync(join(assets, "index.html"), "<!doctype html>");
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs wrangler without an account and without the network. */
async function wrangler(...args: string[]): Promise<string> {
  const { CLOUDFLARE_API_TOKEN: _, CLOUDFLARE_ACCOUNT_ID: __, ...env } = process.env;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, "node_modules/wrangler/bin/wrangler.js"), ...args],
    { cwd: ROOT, env: { ...env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" } },
  );
  return stdout + stderr;
}

test("a deploy of the demo is complete, bound to all it needs, and small", async () => {
  const out = join(scratch, "out");
  const said = await wrangler("deploy", "--dry-run", "--outdir", out, "--assets", assets);
  const bindings = [
    ..."PUZZLE DOCUMENT LOBBY ANALYTICS ASSETS".split(" "),
    ..."ADDRESS USER ROOM GUEST".split(" ").map((kind) => `RATE_${kind}`),
  ];
  for (const binding of bindings) expect(said).toContain(`env.${binding} `);
  expect(said).not.toMatch(/warning/i);
  const bundle = readFileSync(join(out, "worker.js"));
  const gzip = gzipSync(bundle).length;
  console.log(`the demo's worker: ${bundle.length} bytes, ${gzip} compressed, of at most ${MAX_GZIP}`);
  expect(gzip).toBeLessThanOrEqual(MAX_GZIP);
  // What is only for development must not come along.
  expect(bundle.includes("DEV_SECRET=")).toBe(false);
});

test("before its first request the worker does next to nothing", async () => {
  const profile = join(scratch, "startup.cpuprofile");
  const said = await wrangler("check", "startup", "--outfile", profile, `--args=--assets ${assets}`);
  const active = Number(/Active: ([\d.]+) ms/.exec(said)?.[1]);
  console.log(`the demo's worker is evaluated in ${active} ms, of at most ${MAX_STARTUP_MS}`);
  expect(active).toBeLessThan(MAX_STARTUP_MS);
});
