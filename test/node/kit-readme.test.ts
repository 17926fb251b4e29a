/** What the guide to the kit shows is what its examples say, and they run as they stand, under a runner that is not ours. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

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
