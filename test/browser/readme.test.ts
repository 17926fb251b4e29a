/** What the README shows is what these files say, and it runs as it stands. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { createTestHarness } from "wrangler";
import { expect, test } from "vitest";

const SHOWN = new URL("../worker/readme/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, SHOWN), "utf8");

test("the README shows the room, the worker, its bindings and the page, word for word", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  for (const name of ["rooms.ts", "worker.ts", "wrangler.toml", "page.ts", "notes.ts"]) expect(readme).toContain(read(name));
});

test("and they run: the page clicks, and is told; the notes are written, and saved", async () => {
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
  const secrets = { ENV: "dev", DEV_SECRET: "a secret for tests only, long enough" };
  const server = createTestHarness({ root: SHOWN.pathname, workers: [{ configPath: "./wrangler.toml", vars: secrets }] });
  const { url } = await server.listen();
  // Beside the original, so that its imports mean the same; only the port is another.
  const folder = mkdtempSync(new URL("run-", SHOWN).pathname);
  try {
    const run = async (name: string, end: string): Promise<string> => {
      const text = read(name).replace("localhost:8787", url.host).replace("./rooms.ts", "../rooms.ts");
      writeFileSync(`${folder}/${name}`, `${text}\n${end}\n`);
      const { stdout } = await promisify(execFile)(process.execPath, [
        "--disable-warning=ExperimentalWarning",
        `${folder}/${name}`,
      ]);
      return stdout;
    };
    expect(await run("page.ts", "room.destroy();")).toBe("clicks: 1\n");
    const untilSaved = 'room.on("sync", ({ state }) => state === "saved" && room.destroy());';
    expect(await run("notes.ts", untilSaved)).toBe("notes: saved\nnotes: saving\nnotes: saved\nnotes: offline\n");
  } finally {
    rmSync(folder, { recursive: true });
    await server.close();
  }
});
