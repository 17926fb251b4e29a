/** What the guides show is what these files say, and it runs as it stands. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { serve, type ServeOptions } from "coterie/testing";
import { expect, test } from "vitest";

const SHOWN = new URL("../worker/readme/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, SHOWN), "utf8");

test.each([
  ["README.md", ["rooms.ts", "worker.ts", "wrangler.toml", "page.ts", "notes.ts"]],
  ["client/offline/README.md", ["offline.ts"]],
  ["server/lobby/README.md", ["lobby.ts", "meet.ts"]],
  ["server/edge/README.md", ["backend.ts"]],
  ["server/party/README.md", ["chat.ts", "party.ts", "wrangler.party.toml", "talk.ts", "talk-room.ts", "both.ts", "say.ts"]],
])("what %s shows is word for word what runs here", (document, names) => {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
  for (const name of names) expect(text).toContain(read(name));
});

type Run = (name: string, end: string) => Promise<string>;

/** With the worker of this configuration running; `run` runs a page of the README, and behind it `end`, and says what it printed. */
async function running(config: string, test: (run: Run, url: URL) => Promise<void>, options: ServeOptions = {}): Promise<void> {
  const served = await serve(new URL(config, SHOWN), options);
  const url = new URL(served.origin);
  // Beside the original, so that its imports mean the same; only the port is another.
  const folder = mkdtempSync(new URL("run-", SHOWN).pathname);
  try {
    await test(async (name, end) => {
      const text = read(name).replace("localhost:8787", url.host).replaceAll('from "./', 'from "../');
      writeFileSync(`${folder}/${name}`, `${text}\n${end}\n`);
      const { stdout } = await promisify(execFile)(process.execPath, [
        "--disable-warning=ExperimentalWarning",
        `${folder}/${name}`,
      ]);
      return stdout;
    }, url);
  } finally {
    rmSync(folder, { recursive: true });
    await served.close();
  }
}

test("and they run: the page clicks, and is told; the notes are written, and saved", () =>
  running("./wrangler.toml", async (run) => {
    expect(await run("page.ts", "room.destroy();")).toBe("clicks: 1\n");
    const untilSaved = 'room.on("sync", ({ state }) => state === "saved" && room.destroy());';
    expect(await run("notes.ts", untilSaved)).toBe("notes: saved\nnotes: saving\nnotes: saved\nnotes: offline\n");
  }));

test("what is to outlive the page is saved all the same where there is nothing to keep it in", () =>
  running("./wrangler.toml", async (run) => {
    expect(await run("offline.ts", "await clicked;\nroom.destroy();")).toBe("saved 0\nsaving 1\nsaved 0\noffline 0\n");
  }));

test("two who look for a room find each other, and the lobby shows it", () =>
  running("./wrangler.lobby.toml", async (run) => {
    const together = `
while (room.others.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
while ((await lobby.list())[0]?.players !== 2) await new Promise((resolve) => setTimeout(resolve, 50));
console.log("id:", id);
await room.do.click();
setTimeout(() => (room.disconnect(), room.destroy()), 1500);
`;
    const ids = (await Promise.all([run("meet.ts", together), run("meet.ts", together)])).map(
      (printed) => /id: (.*)/.exec(printed)?.[1],
    );
    expect(ids[0]).toBeDefined();
    expect(ids[0]).toBe(ids[1]);
  }));

test("a token that a backend signed lets its user in where it says, on a worker with its public key", async () => {
  const { jwks, token } = await new Promise<{ jwks: object; token: string }>((resolve, reject) => {
    running("./wrangler.toml", async (run) =>
      resolve(JSON.parse(await run("backend.ts", "")) as { jwks: object; token: string }),
    ).catch(reject);
  });
  const vars = { JWKS: JSON.stringify(jwks), TOKEN_ISSUER: "https://my-app.example" };
  await running(
    "./wrangler.toml",
    async (_run, url) => {
      const ask = async (path: string): Promise<number> =>
        (await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } })).status;
      expect([await ask("/parties/notes/any/versions"), await ask("/parties/counter/another?part=game")]).toEqual([200, 403]);
    },
    { vars },
  );
});

test("[P10] the guide from PartyKit runs: the published client in the hosted class, and a page of ours in the room beside it", () =>
  running("./wrangler.both.toml", async (run) => {
    const untilHeard = 'socket.addEventListener("message", () => socket.close());';
    expect(await run("talk.ts", untilHeard)).toBe("heard: Hello.\n");
    expect(await run("say.ts", "room.destroy();")).toBe("heard: Hello.\n");
  }));
