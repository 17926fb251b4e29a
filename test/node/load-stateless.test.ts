/** What `npm run load -- stateless` shows is so: of moves that overlap, functions over a store keep one; and what looking first costs. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { underWorkerd, type Process } from "../../load/servers/processes.ts";
import type { Move, Table } from "../../load/stateless/table.ts";

let server: Process;
beforeAll(async () => {
  const classes = [{ binding: "STORE", className: "Store", folder: "store" }];
  server = await underWorkerd<object>({}, "../../load/stateless/worker.ts", classes);
});
afterAll(() => server.stop());

const ask = (path: string, method = "GET", body?: object): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });

/** As many moves at once, each of a piece that no other touches. */
async function movesAtOnce(count: number, path: string): Promise<{ yes: number; there: number; tries: number }> {
  const pieces = Array.from({ length: count }, () => ({ x: 0, y: 0, moves: 0, outline: [] }));
  await ask("/table", "PUT", { pieces } satisfies Table);
  const answers = await Promise.all(pieces.map((_, piece) => ask(path, "POST", { piece, x: piece, y: 1 } satisfies Move)));
  const tries = (await Promise.all(answers.map((answer) => answer.json()))) as { tries: number }[];
  const moved = (await (await ask("/moved")).json()) as Move[];
  return {
    yes: answers.filter(({ ok }) => ok).length,
    there: moved.length,
    tries: tries.reduce((sum, each) => sum + each.tries, 0),
  };
}

test("functions that write what they have read: every move is answered with yes, and not every one is there", async () => {
  const { yes, there } = await movesAtOnce(16, "/move");
  expect(yes).toBe(16);
  expect(there).toBeLessThan(16);
});

test("functions that look first: every yes is kept, for more work than there were moves", async () => {
  const { yes, there, tries } = await movesAtOnce(4, "/move?checked");
  expect([yes, there]).toEqual([4, 4]);
  expect(tries).toBeGreaterThan(4);
});
