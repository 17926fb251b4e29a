/** What users have of the kit: its guide shows what its examples say, they run under a runner that is not ours, and it needs nothing of ours. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

interface Manifest {
  readonly name: string;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
}

const KIT = new URL("../kit/", import.meta.url);
const EXAMPLES = new URL("examples/", KIT);

test("the guide shows the examples, word for word, and all of them", () => {
  const blocks = [...readFileSync(new URL("README.md", KIT), "utf8").matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code!);
  const files = ["rooms.ts", "rooms.test.ts", "worker.test.ts"].map((name) => readFileSync(new URL(name, EXAMPLES), "utf8"));
  for (const block of blocks) expect(files.filter((file) => file.includes(block)).length, block).toBe(1);
  const shown = blocks.join("\n");
  for (const file of files) for (const [, title] of file.matchAll(/^test\("(.*?)"/gm)) expect(shown).toContain(title!);
  expect(blocks.length).toBeGreaterThan(6);
});

test.concurrent.each(readdirSync(EXAMPLES).filter((name) => name.endsWith(".test.ts")))(
  "%s passes under node --test",
  async (name) => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = [
      "--test",
      "--test-reporter=tap",
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL(name, EXAMPLES)),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout).toMatch(/^# pass [1-9]\d*$/m);
    expect(stdout).toContain("# fail 0");
  },
);

/** What a file imports, and all that it leads to, as it is written. */
function imported(file: URL, seen: Set<string>, names: Set<string>): Set<string> {
  if (seen.has(file.href)) return names;
  seen.add(file.href);
  for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([\w@./:-]+)"/g))
    if (name!.startsWith(".")) imported(new URL(name!, file), seen, names);
    else names.add(name!);
  return names;
}

test("the kit imports what a user has: dependencies and peers, and no runner", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Manifest;
  const has = [manifest.name, ...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  const seen = new Set<string>();
  const names = [...imported(new URL("index.ts", KIT), seen, new Set())].filter((name) => !name.startsWith("node:"));
  const packages = names.map((name) =>
    name
      .split("/")
      .slice(0, name.startsWith("@") ? 2 : 1)
      .join("/"),
  );
  expect(packages.filter((name) => !has.includes(name))).toEqual([]);
  expect([names.includes("wrangler"), seen.size > 50]).toEqual([true, true]);
});
