/** [P10] Published clients in one room, as they are installed: they edit together, come late, go offline, and outlive the server. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Served } from "../faults/served.ts";
import { Draw, SEED } from "../kit/random.ts";
import { converged, includes, until } from "./compare.ts";
import { edit } from "./editing.ts";
import { join, joinAll, KINDS, type Editor, type EditorOptions } from "./editors.ts";
import { NAMESPACES } from "./rooms.ts";
import { DENIED } from "./wire.ts";

const EDITS = 60;
const PAUSE_MS = 10;

let served: Served;
beforeAll(async () => {
  served = await Served.start("../interop/worker.ts", NAMESPACES);
});
afterAll(() => served.stop());

/** Everyone changes something, again and again. */
async function editTogether(editors: readonly Editor[], draw: Draw, rounds: number = EDITS): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const { doc, kind } of editors) edit(doc, draw, kind);
    await sleep(PAUSE_MS);
  }
}

const leave = (editors: readonly Editor[]): void => editors.forEach((editor) => editor.leave());

test("[P10] [P4] all kinds edit text, a map and a list at once, and end with the same bytes; one of each who comes late has them too", async () => {
  const editors = await joinAll(served, "together");
  const draw = new Draw("together", SEED);
  await editTogether(editors, draw);
  await converged(editors);
  expect(editors[0]!.doc.getText("text").length).toBeGreaterThan(50);
  const late = await joinAll(served, "together", { user: "late" });
  await converged([...editors, ...late]);
  await editTogether([...editors, ...late], draw, 5);
  await converged([...editors, ...late]);
  const all = [...editors, ...late];
  expect(all.map(({ timesSynced }) => timesSynced)).toEqual(all.map(() => 1));
  expect(all.flatMap(({ wire }) => wire.closed)).toEqual([]);
  leave(all);
});

test.each(KINDS)("[P10] [P1] what %s changes offline is merged when it comes back, a delete alone too", async (kind) => {
  const room = `offline-${KINDS.indexOf(kind)}`;
  const [one, other] = [
    await join(served, room, kind),
    await join(served, room, kind === "raw" ? "sdk" : "raw", { user: "other" }),
  ];
  const draw = new Draw(room, SEED);
  one.doc.getText("text").insert(0, "to be cut");
  await editTogether([one, other], draw, 5);
  await converged([one, other]);
  one.offline();
  await until(
    () => !one.synced,
    () => "offline",
  );
  await editTogether([one, other], draw, 10);
  one.online();
  await converged([one, other]);
  one.offline();
  await until(
    () => !one.synced,
    () => "offline",
  );
  one.doc.getText("text").delete(0, 3);
  one.online();
  await converged([one, other]);
  expect(one.timesSynced).toBe(3);
  leave([one, other]);
});

test("[P1] [P10] the server is killed while all kinds edit: they come back by themselves, and nothing that anybody saw is lost", async () => {
  const options: EditorOptions = { party: "brisk" };
  const editors = await joinAll(served, "killed", options);
  await until(
    () => editors.every(({ synced }) => synced),
    () => "the editors in",
  );
  const watchers = await joinAll(served, "killed", { ...options, user: "watcher", scopes: ["read", "presence"] });
  const all = [...editors, ...watchers];
  await until(
    () => all.every(({ synced }) => synced),
    () => "everyone in",
  );
  const draw = new Draw("killed", SEED);

  for (let kill = 0; kill < 2; kill++) {
    const editing = editTogether(editors, draw);
    await sleep(150 + draw.below(200));
    await served.restart();
    await editing;
    await converged(all);
  }

  // Once more, and nobody who was there comes back: what the room has, it has of itself.
  const editing = editTogether(editors, draw);
  await sleep(250);
  served.workerd.kill();
  for (const editor of all) editor.offline();
  await editing;
  await served.workerd.gone();
  await served.workerd.start();
  const alone = await join(served, "killed", "raw", { ...options, user: "alone" });
  await until(
    () => alone.synced,
    () => "the room is back",
  );
  for (const { doc, kind } of watchers) expect(includes(alone.doc, doc), `what the watcher by ${kind} saw`).toBe(true);
  for (const editor of all) editor.online();
  await converged([...all, alone]);
  for (const { kind, wire } of all) expect(wire.opened, kind).toBe(4);
  // Who only looks on has said nothing that it may not say, whatever its doc made of what came at the same time.
  for (const { kind, wire } of watchers) if (kind !== "sdk") expect(wire.count(DENIED), kind).toBe(0);
  leave([...all, alone]);
});
