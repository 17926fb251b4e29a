/** The load scripts themselves: each can be run by either runner, and the puzzle is played against a real room. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction, createContext } from "node:vm";
import * as Y from "yjs";
import { afterAll, expect, test } from "vitest";
import { bundleForK6, bundleForRunner, MODULES } from "../../load/runner/bundle.ts";
import { reportPage } from "../../load/runner/report/page.ts";
import { reportData } from "../../load/runner/report/write.ts";
import { runTest } from "../../load/runner/run-test.ts";
import { startDemo } from "../../load/servers/demo.ts";
import { beganAt, clientOf, readLetters, writeLetter } from "../../load/scripts/lib/letters.ts";

const SCRIPTS = fileURLToPath(new URL("../../load/scripts/", import.meta.url));
const names = readdirSync(SCRIPTS).flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : []));
const folder = mkdtempSync(join(tmpdir(), "coterie-load-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("every script is one file for k6, which imports k6's modules and nothing else", async () => {
  expect(names.length).toBeGreaterThanOrEqual(7);
  for (const name of names) {
    const code = readFileSync(await bundleForK6(`${SCRIPTS}${name}.ts`, name, folder), "utf8");
    const imported = [...code.matchAll(/^import .*?from ?"(.+?)";$/gm)].map(([, module]) => module!);
    expect(imported.length, name).toBeGreaterThan(2);
    expect(imported.filter((module) => !/^k6(\/|$)/.test(module))).toEqual([]);
    expect(code).toMatch(/export \{.*\bdefault\b/s);
    expect(code).not.toMatch(/\b(structuredClone|Buffer|process|require)\b[.(]/); // k6 has none of them
  }
});

test("every script loads where there is nothing but the language and k6's own", async () => {
  for (const name of names) {
    const bare = createContext({ __ENV: {} }); // neither TextEncoder nor crypto, neither process nor performance
    const load = compileFunction(await bundleForRunner(`${SCRIPTS}${name}.ts`), ["exports", MODULES], { parsingContext: bare });
    const exports: Record<string, unknown> = {};
    function Metric(): void {} // only made, here
    const metrics = { Counter: Metric, Gauge: Metric, Rate: Metric, Trend: Metric };
    const others = ["k6", "k6/execution", "k6/http", "k6/timers", "k6/websockets"];
    load(exports, { ...Object.fromEntries(others.map((module) => [module, {}])), "k6/metrics": metrics });
    expect(exports, name).toMatchObject({
      options: { thresholds: {} },
      setup: expect.any(Function),
      default: expect.any(Function),
    });
  }
});

test("every script's options are such as this runner runs", async () => {
  for (const name of names) {
    const stop = new AbortController();
    stop.abort(); // loaded, looked at, and not begun
    const { run } = await runTest({ script: `${SCRIPTS}${name}.ts`, env: {}, say: console.error, stop: stop.signal });
    expect(run.options.scenarios.length, name).toBeGreaterThan(0);
    expect(run.options.thresholds.size, name).toBeGreaterThan(0);
    expect(run.completed).toBe(0);
  }
});

test("a typist's letters are a Yjs document, and say when they were due", () => {
  const doc = new Y.Doc();
  const start = 1_764_000_000_123;
  const clients = [clientOf(start, 0), clientOf(start + 70, 1023)] as const;
  const updates = ["a", "b", "c"].flatMap((letter, clock) => clients.map((client) => writeLetter(client, clock, letter, "body")));
  for (const update of updates) Y.applyUpdate(doc, update);
  expect(["abcabc"]).toContain(doc.getText("body").toString());
  const read = [...readLetters(Y.mergeUpdates(updates))];
  expect(new Set(read)).toEqual(new Set(clients.map((client) => [client, 0, 3])));
  expect(clients.map((client) => beganAt(client, start + 500))).toEqual([start, start + 70]);
});

test("the puzzle is played for two seconds against a room on workerd, and the report tells of it", async () => {
  const server = await startDemo();
  try {
    const env = { URL: `http://127.0.0.1:${server.port}`, COME_WITHIN: "0", VISIT: "2" };
    const script = `${SCRIPTS}puzzle.ts`;
    const result = await runTest({
      script,
      env,
      overrides: { vus: "4", duration: "2s" },
      serverPid: server.pid,
      say: expect.fail,
    });
    const { metrics, root_group: group } = result.summary;
    expect(group.checks.map(({ name }) => name)).toEqual(["entered the room", "the action was done", "nobody was sent away"]);
    for (const { name, passes, fails } of group.checks) expect([name, passes > 0, fails]).toEqual([name, true, 0]);
    for (const name of ["move_ms", "action_ms", "join_ms"]) expect(metrics[name]!.values["min"], name).toBeGreaterThan(0);
    // Of four hands, each of the three that look sees those of three others.
    expect(metrics["move_ms"]!.values["count"]).toBeGreaterThan(metrics["moves"]!.values["count"]!);
    expect([result.run.openSockets, result.run.errors]).toEqual([0, 0]);
    expect(result.timeline.seconds.some(({ server }) => server !== null && server.memory > 0)).toBe(true);

    const about = { name: "puzzle", url: env.URL, ownServer: true, date: new Date() };
    const page = reportPage(result, about);
    expect(page).toContain("<title>");
    expect(page).not.toMatch(/(src|href)=|https?:\/\/(?!127)|<script/); // it needs nothing from anywhere
    expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(8);
    const data = JSON.parse(JSON.stringify(reportData(result, about))) as { exitCode: number; seconds: unknown[] };
    expect([data.exitCode, data.seconds.length]).toEqual([result.exitCode, result.timeline.seconds.length]);
  } finally {
    await server.stop();
  }
});
