/** The load runner runs k6 scripts as k6 would: here small ones, without a server. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { EXIT, LoadError } from "../../load/runner/exit-code.ts";
import { runTest, type TestOptions, type TestResult } from "../../load/runner/run-test.ts";

const folder = mkdtempSync(join(tmpdir(), "coterie-load-"));
afterAll(() => rmSync(folder, { recursive: true }));

let scripts = 0;
function scriptOf(text: string): string {
  const path = join(folder, `script-${++scripts}.ts`);
  writeFileSync(path, text);
  return path;
}

interface Ran extends TestResult {
  readonly said: readonly string[];
}

async function run(text: string, more: Partial<TestOptions> = {}): Promise<Ran> {
  const said: string[] = [];
  const result = await runTest({ script: scriptOf(text), env: {}, say: (line) => said.push(line), ...more });
  return { ...result, said };
}

const value = ({ summary }: TestResult, metric: string, name: string): number | undefined =>
  summary.metrics[metric]?.values[name];
const refusal = (text: string): Promise<LoadError> =>
  run(text).then(
    () => expect.fail("it ran"),
    (error: unknown) => error as LoadError,
  );

describe("exit codes", () => {
  test("0 where all thresholds hold, 99 where one is crossed: and the summary says which", async () => {
    const script = (bound: number): string => `
      import { Trend } from "k6/metrics";
      const time = new Trend("time_ms", true);
      export const options = { iterations: 4, thresholds: { time_ms: ["p(95)<${bound}"] } };
      export default () => time.add(7);`;
    const [good, bad] = await Promise.all([run(script(8)), run(script(7))]);
    expect([good.exitCode, good.reason]).toEqual([EXIT.passed, undefined]);
    expect([bad.exitCode, bad.reason]).toEqual([EXIT.thresholds, "thresholds were crossed: time_ms"]);
    expect(bad.outputs["stdout"]).toContain("✗ 'p(95)<7' p(95)=7ms");
    expect(bad.summary.metrics["time_ms"]!.thresholds).toEqual({ "p(95)<7": { ok: false } });
  });

  test("99 at once where the threshold ends the run", async () => {
    const { exitCode, reason } = await run(`
      import { check } from "k6";
      import { setTimeout } from "k6/timers";
      export const options = { vus: 1, duration: "1m", thresholds: { checks: [{ threshold: "rate==1", abortOnFail: true }] } };
      export default () => void setTimeout(() => check(1, { "is two": (n) => n === 2 }), 100);`);
    expect(exitCode).toBe(EXIT.thresholds);
    expect(reason).toContain("ends the run");
  });

  test("108 and 110: the script ends the run, or says that it failed", async () => {
    const script = (call: string): string => `
      import exec from "k6/execution";
      export const options = { iterations: 3 };
      export default () => { ${call}; };`;
    const [aborted, failed] = await Promise.all([
      run(script(`exec.test.abort("enough")`)),
      run(script(`exec.test.fail("no good")`)),
    ]);
    expect([aborted.exitCode, aborted.reason, aborted.run.errors]).toEqual([EXIT.aborted, "enough", 0]);
    expect([failed.exitCode, failed.reason, failed.run.completed]).toEqual([EXIT.failed, "no good", 3]);
  });

  test("107: the script throws while it is loaded, or in setup", async () => {
    expect((await refusal(`throw new Error("broken");`)).exitCode).toBe(EXIT.exception);
    const { exitCode, run: ran } = await run(`
      export const setup = async () => { throw new Error("no"); };
      export default () => {};`);
    expect([exitCode, ran.completed]).toEqual([EXIT.exception, 0]);
  });

  test("104: options, thresholds and functions that there are not; 100: a setup that never ends", async () => {
    for (const options of [
      `{ scenarios: { a: { executor: "externally-controlled" } } }`,
      `{ thresholds: { nothing: ["count>0"] } }`,
      `{ scenarios: { a: { executor: "per-vu-iterations", exec: "missing" } } }`,
    ])
      expect((await refusal(`export const options = ${options}; export default () => {};`)).exitCode).toBe(EXIT.config);
    const { exitCode } = await run(`
      import { setInterval } from "k6/timers";
      export const options = { setupTimeout: "200ms" };
      export const setup = () => void setInterval(() => {}, 10);
      export default () => {};`);
    expect(exitCode).toBe(EXIT.setupTimeout);
  });

  test("105: somebody stops it; who is at something is cut off", async () => {
    const stop = new AbortController();
    const { exitCode, run: ran } = await run(
      `import { setTimeout } from "k6/timers";
       export const options = { vus: 3, duration: "5m" };
       export default () => void setTimeout(() => {}, 60_000);`,
      { stop: stop.signal, progress: () => stop.abort() },
    );
    expect([exitCode, ran.interrupted, ran.completed]).toEqual([EXIT.stopped, 3, 0]);
  });

  test("the command ends with the code, and says why", async () => {
    const script = scriptOf(`
      import { Counter } from "k6/metrics";
      const made = new Counter("made");
      export const options = { iterations: 2, thresholds: { made: ["count>2"] } };
      export default () => made.add(1);`);
    const main = fileURLToPath(new URL("../../load/runner/main.ts", import.meta.url));
    const page = join(folder, "report.html");
    const ended = await new Promise<{ code: unknown; out: string; err: string }>((resolve) =>
      execFile(process.execPath, [main, script, "--url", "http://127.0.0.1:1", "--report", page, "-q"], (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      ),
    );
    expect(ended.err).toContain("thresholds were crossed: made");
    expect(ended.out).toContain("✗ 'count>2' count=2");
    expect(ended.code).toBe(EXIT.thresholds);
  });
});

describe("what is not there is refused by name, before anything runs", () => {
  test("a module", async () => {
    const { message, exitCode } = await refusal(`import { browser } from "k6/browser"; export default () => browser;`);
    expect(message).toContain("k6/browser");
    expect(exitCode).toBe(EXIT.config);
  });

  test("a name of a module", async () => {
    const { message, exitCode } = await refusal(`import { randomSeed } from "k6"; export default () => randomSeed(1);`);
    expect(message).toContain("randomSeed");
    expect(exitCode).toBe(EXIT.config);
  });

  test("what only Node has", async () => {
    const { message, exitCode } = await refusal(`export default () => {}; process.exit(0);`);
    expect(message).toContain("process is not defined");
    expect(exitCode).toBe(EXIT.exception);
  });

  test("a name of a default import: an error of the script", async () => {
    const { said } = await run(`import http from "k6/http"; export default () => http.get("http://127.0.0.1:1");`);
    expect(said.join()).toContain("k6/http has no get");
  });
});

describe("iterations", () => {
  test("each user has modules of its own, and keeps them from one iteration to the next", async () => {
    const result = await run(`
      import { Counter, Trend } from "k6/metrics";
      const calls = new Counter("calls"), own = new Trend("own"), users = new Trend("users");
      let mine = 0;
      export const options = { scenarios: { a: { executor: "per-vu-iterations", vus: 3, iterations: 4 } } };
      export default () => { mine++; calls.add(1); own.add(mine); users.add(__VU * 10 + __ITER); };`);
    expect(value(result, "calls", "count")).toBe(12);
    expect(value(result, "own", "max")).toBe(4); // not 12
    expect([value(result, "users", "min"), value(result, "users", "max")]).toEqual([10, 33]);
  });

  test("an iteration lasts as long as a timer of it stands, and a promise that it waits for", async () => {
    const { run: ran, summary } = await run(`
      import { setTimeout, setInterval, clearInterval } from "k6/timers";
      export const options = { iterations: 1 };
      export default async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const timer = setInterval(() => {}, 5);
        setTimeout(() => clearInterval(timer), 70);
      };`);
    expect(ran.completed).toBe(1);
    expect(summary.metrics["iteration_duration"]!.values["min"]).toBeGreaterThan(115);
  });

  test("what is thrown ends its iteration, is said, and the run goes on", async () => {
    const {
      run: ran,
      said,
      exitCode,
    } = await run(`
      import { setTimeout } from "k6/timers";
      export const options = { vus: 1, iterations: 3 };
      export default async () => {
        if (__ITER === 0) throw new Error("at once");
        if (__ITER === 1) { setTimeout(() => { throw new Error("later"); }, 5); setTimeout(() => {}, 60_000); }
      };`);
    expect([ran.errors, ran.completed, exitCode]).toEqual([2, 3, EXIT.passed]);
    expect(said.join()).toMatch(/at once.*later/s);
  });

  test("sleep is refused with what to use instead", async () => {
    const { said } = await run(`import { sleep } from "k6"; export default () => sleep(1);`);
    expect(said.join()).toContain("setTimeout of k6/timers");
  });

  test("setup's answer goes to every user and to teardown, as a copy; handleSummary has the last word", async () => {
    const result = await run(
      `import { Counter } from "k6/metrics";
       const sum = new Counter("sum");
       export const options = { scenarios: { a: { executor: "per-vu-iterations", vus: 2, iterations: 2, env: { ADD: "5" } } } };
       export const setup = async () => ({ n: Number(__ENV.START) });
       export default (data) => { data.n++; sum.add(data.n + Number(__ENV.ADD)); };
       export const teardown = (data) => sum.add(data.n * 1000);
       export const handleSummary = ({ metrics }) => ({ stdout: "sum " + metrics.sum.values.count });`,
      { env: { START: "3" } },
    );
    expect(result.outputs).toEqual({ stdout: `sum ${2 * (4 + 5 + 5 + 5) + 3000}` });
  });

  test("checks are counted by name, and a group's tag goes to what is in it", async () => {
    const result = await run(`
      import { check, group } from "k6";
      export const options = { iterations: 2, thresholds: { "checks{group:::inside}": ["rate==1"], checks: ["rate>0.4"] } };
      export default () => {
        group("inside", () => check(1, { one: (n) => n === 1 }));
        check(1, { two: (n) => n === 2 });
      };`);
    expect(result.exitCode).toBe(EXIT.passed);
    expect(result.summary.root_group.checks).toEqual([
      { name: "one", passes: 2, fails: 0 },
      { name: "two", passes: 0, fails: 2 },
    ]);
  });
});
