/** The package as users have it: packed, installed in an app of their own, checked, bundled and run there. */
import { execFile } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { build, type Rolldown } from "vite";
import { expect, inject, test } from "vitest";
import { exportsOf, publicApi, TESTING } from "./api.ts";
import { dev } from "./dev.ts";
import { readManifest } from "./setup.ts";

const ROOT = join(import.meta.dirname, "../..");
const app = inject("app");
const installed = join(app, "node_modules/coterie");
Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" });

/** Runs a program in the app; rejects with what it printed when it fails. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: app }).catch((error: Error & { stdout: string }) => {
    throw new Error(`${command} ${args.join(" ")}\n${error.stdout}\n${error.message}`);
  });
  return stdout + stderr;
}

test("the package holds what was compiled, the starter and what to read, and nothing else", () => {
  const files = globSync("**/*.*", { cwd: installed }).filter((path) => !/^dist\/.*\.(js|d\.ts)$|^demo\/starter\//.test(path));
  expect(files.toSorted()).toEqual(["README.md", "demo/create.mjs", "package.json", "server/DEPLOY.md", "shared/PROTOCOL.md"]);
  const { scripts, dependencies, devDependencies } = readManifest(installed);
  expect({ scripts, devDependencies }).toEqual({});
  expect(Object.keys(dependencies)).toEqual(["@standard-schema/spec", "hono", "jose", "lib0"]);
});

test("its exports, fields and files agree", async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("its public types are those of api.txt", async () => {
  await expect(publicApi(installed)).toMatchFileSnapshot("api.txt");
});

test("an app that uses it and a Yjs editor has one yjs", () => {
  const found = globSync("node_modules/**/yjs/package.json", { cwd: app });
  expect(found).toEqual(["node_modules/yjs/package.json"]);
  expect(existsSync(join(app, "node_modules/y-codemirror.next"))).toBe(true);
});

test.for([
  ["esnext", "bundler"],
  ["nodenext", "nodenext"],
] as const)("its types are correct and used strictly, in a %s module resolved as %s does", async ([module, moduleResolution]) => {
  await run("tsc", "-p", "visitors", "--module", module, "--moduleResolution", moduleResolution);
});

test("importing it does nothing: what is not used is not in a bundle", async () => {
  const names = Object.keys(exportsOf(installed)).filter((name) => name !== TESTING);
  const out = await build({
    configFile: false,
    logLevel: "error",
    root: app,
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "all" ? "\0all" : undefined),
        load: (id) => (id === "\0all" ? names.map((name) => `import ${JSON.stringify(name)};`).join("\n") : undefined),
      },
      // Else the bundler would take package.json's word for it.
      { name: "suspicious", transform: (_code, id) => (id.startsWith(installed) ? { moduleSideEffects: true } : undefined) },
    ],
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: "all", external: (id) => !/^[.\0/]|^all$|^coterie/.test(id) },
    },
  });
  const [chunk] = (out as Rolldown.RolldownOutput).output;
  const done = chunk.code.split("\n").filter((line) => !/^(import .*|\/\/.*|)$/.test(line));
  expect(done).toEqual([]);
});

test("the starter asks for the tools that are tested here", () => {
  const { dependencies, devDependencies } = readManifest(join(ROOT, "demo/starter"));
  const { version, devDependencies: ours } = readManifest(ROOT);
  for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(`${name}@${wanted}`).toBe(`${name}@${name === "coterie" ? version : ours[name]}`);
});

test("the starter is written to no folder that holds something", async () => {
  const folder = mkdtempSync(join(app, "../taken-"));
  writeFileSync(join(folder, "mine"), "");
  await expect(run(process.execPath, join(installed, "demo/create.mjs"), "create", folder)).rejects.toThrow("is not empty");
  expect(readdirSync(folder)).toEqual(["mine"]);
});

test("the installed package writes the starter too, for its own version", async () => {
  const folder = join(app, "../Our Game!");
  await run(join(app, "node_modules/.bin/coterie"), "create", folder);
  const { name, dependencies } = readManifest(folder);
  expect([name, dependencies["coterie"]]).toEqual(["our-game", readManifest(ROOT).version]);
});

test("the starter is checked, built, and could be deployed", async () => {
  await run("npm", "run", "check");
  const said = await run("npm", "run", "deploy", "--", "--dry-run", "--outdir", "out");
  expect(said).toContain("env.HALL (Hall)");
  expect(said).not.toMatch(/warning/i);
  expect(readFileSync(join(app, "out/worker.js"), "utf8")).not.toContain("DEV_SECRET=");
});

test("the starter runs: clients in Node, and in another worker, see what each does", async () => {
  await using server = await dev(app);
  await using robot = await dev(join(app, "visitors"));
  expect(await (await fetch(`http://${server.host}`)).text()).toContain("/assets/");
  const inNode = `import { meet } from "./visitors/meet.ts"; console.log(JSON.stringify(await meet("${server.host}")))`;
  const seen = await run(process.execPath, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", inNode);
  expect(JSON.parse(seen)).toEqual({ value: 1, clicked: 1, written: "hello", pointed: 7 });
  const byWorker = await fetch(`http://${robot.host}/?host=${server.host}`);
  expect(await byWorker.json()).toEqual({ value: 2, clicked: 2, written: "hellohello", pointed: 7 });
});
