/**
 * `npm run load -- <script> [--vus 100] [--duration 30s] [--url https://…] [--out file.json] …`: a k6 script, run by Node, without k6.
 * Where no URL is given a server is started here, and stopped at the end. Exits with k6's codes.
 *
 *   npm run load -- bundle <script>    the same script as one file for k6
 *   npm run load -- stateless          a puzzle kept by stateless functions, beside the room
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startDemo } from "../servers/demo.ts";
import { pin } from "../servers/machine.ts";
import { GENERATOR_CORE } from "../servers/processes.ts";
import { bundleForK6 } from "./bundle.ts";
import { caveats } from "./caveats.ts";
import { configError, EXIT, LoadError } from "./exit-code.ts";
import { writeReport } from "./report/write.ts";
import { runTest } from "./run-test.ts";

const SCRIPTS = fileURLToPath(new URL("../scripts/", import.meta.url));
const BUNDLES = fileURLToPath(new URL("../.out/", import.meta.url));
/** A program of its own: loaded only when it is asked for. */
const STATELESS: string = "../stateless/run.ts";
const names = (): string[] => readdirSync(SCRIPTS).flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : []));

/** One of ours by its name, or any by its path. */
function pathOf(name: string | undefined): string {
  if (name === undefined) throw configError(`npm run load -- <script>: one of ${names().join(", ")}, or a path`);
  if (names().includes(name)) return `${SCRIPTS}${name}.ts`;
  if (existsSync(name)) return name;
  throw configError(`${name}: there is no such script; there are ${names().join(", ")}`);
}

function originOf(url: string): string {
  if (URL.canParse(url) && /^https?:/.test(url)) return new URL(url).origin;
  throw configError(`--url ${url}: expected such as http://localhost:8787`);
}

/** Of the server whose time and memory are to be seen; undefined where nobody can say. */
function pidOf(given: string | undefined, server: { readonly pid: number } | undefined): number | undefined {
  if (process.platform !== "linux") return undefined;
  if (given === undefined) return server?.pid;
  if (existsSync(`/proc/${given}/stat`)) return Number(given);
  throw configError(`--pid ${given}: there is no such process`);
}

const nameOf = (path: string): string => path.replace(/^.*[\\/]/, "").replace(/\.[jt]s$/, "");

async function load(script: string, values: Values): Promise<number> {
  const stop = new AbortController();
  /** The first ctrl-C ends the run with its report; the second ends everything, the server too. */
  const interrupted = (): void => (stop.signal.aborted ? process.exit(EXIT.stopped) : stop.abort());
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  const server = values.url === undefined ? await startDemo() : undefined;
  if (server) pin(process.pid, GENERATOR_CORE);
  try {
    const url = server ? `http://127.0.0.1:${server.port}` : originOf(values.url!);
    const given = (values.env ?? []).map((pair) => [pair.split("=", 1)[0]!, pair.slice(pair.indexOf("=") + 1)] as const);
    const { vus, duration, iterations, stage: stages } = values;
    const quiet = values.quiet ?? false;
    const result = await runTest({
      script,
      env: { ...Object.fromEntries(given), URL: url },
      overrides: { vus, duration, iterations, stages },
      serverPid: pidOf(values.pid, server),
      say: (line) => console.error(line),
      ...(quiet ? {} : { progress: say }),
      stop: stop.signal,
    });
    if (process.stderr.isTTY && !quiet) process.stderr.write("\n");
    for (const [name, text] of Object.entries(result.outputs))
      if (name === "stdout") console.log(text);
      else if (name === "stderr") console.error(text);
      else writeFileSync(name, text);
    const about = { name: nameOf(script), url, ownServer: server !== undefined, date: new Date() };
    for (const caveat of caveats(result)) console.log(`  ! ${caveat}`);
    console.log(`  report: ${writeReport(result, about, values)}`);
    if (result.reason !== undefined) console.error(`  ✗ ${result.reason}`);
    return result.exitCode;
  } finally {
    await server?.stop();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

/** A line that is written over where somebody looks; else one every ten seconds. */
let said = 0;
function say(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${line}`);
  else if (said++ % 10 === 0) console.error(line);
}

type Values = ReturnType<typeof commandLine>["values"];

/** Throws a config error that names what it does not know. */
function commandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        vus: { type: "string" },
        duration: { type: "string" },
        iterations: { type: "string" },
        stage: { type: "string", multiple: true, short: "s" },
        env: { type: "string", multiple: true, short: "e" },
        url: { type: "string" },
        pid: { type: "string" },
        out: { type: "string" },
        report: { type: "string" },
        quiet: { type: "boolean", short: "q" },
      },
    });
  } catch (error) {
    throw configError((error as Error).message);
  }
}

try {
  const { values, positionals } = commandLine();
  const [first, second] = positionals;
  if (first === "bundle") {
    const script = pathOf(second);
    console.log(relative(process.cwd(), await bundleForK6(script, nameOf(script), BUNDLES)));
  } else if (first === "stateless") await import(STATELESS);
  else process.exitCode = await load(pathOf(first), values);
} catch (error) {
  if (!(error instanceof LoadError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
