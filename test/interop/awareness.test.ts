/** [P6] [P10] Who is there, told to every kind of client: at once, once, and not for longer than it is true. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Served } from "../faults/served.ts";
import { shown, until } from "./compare.ts";
import { join, joinAll, KINDS, type Editor } from "./editors.ts";
import { NAMESPACES } from "./rooms.ts";

/** A leave is told by then. */
const GONE_WITHIN_MS = 1000;

let served: Served;
beforeAll(async () => {
  served = await Served.start("../interop/worker.ts", NAMESPACES);
});
afterAll(() => served.stop());

const eachSees = (editors: readonly Editor[], users: readonly string[], withinMs?: number): Promise<void> => {
  const expected = [...users].sort().join();
  return until(
    () => editors.every((editor) => shown(editor).join() === expected),
    () => editors.map((editor) => `${editor.kind} sees ${shown(editor).join()}`).join("; "),
    withinMs,
  );
};

/** How often a stock client was told that this client has gone. */
const timesGone = ({ wire }: Editor, client: number): number =>
  wire.told.filter((told) => told.client === client && told.state === "null").length;

test("[P6] every kind sees every other; who leaves is gone within 1 s, told once, and whoever comes next sees the rest", async () => {
  const watcher = await join(served, "all", "raw", { user: "watcher" });
  const editors = await joinAll(served, "all");
  const here = new Set<string>(["watcher", ...KINDS]);
  await eachSees([watcher, ...editors], [...here]);
  const ids = editors.map(({ doc }) => doc.clientID);
  while (editors.length > 0) {
    const leaver = editors.shift()!;
    leaver.leave();
    here.delete(leaver.user);
    await eachSees([watcher, ...editors], [...here], GONE_WITHIN_MS);
  }
  await sleep(200);
  expect(ids.map((id) => timesGone(watcher, id))).toEqual(ids.map(() => 1));
  const next = await join(served, "all", "y-websocket 3", { user: "next" });
  await eachSees([watcher, next], ["watcher", "next"]);
  watcher.leave();
  next.leave();
});

test("[P6] who goes without a word is gone within 1 s", async () => {
  const [rude, watcher] = [await join(served, "rude", "raw"), await join(served, "rude", "y-websocket 3")];
  await eachSees([rude, watcher], ["raw", "y-websocket 3"]);
  rude.wire.socket!.close(); // its state is neither taken back, nor ever said again
  rude.offline();
  await eachSees([watcher], ["y-websocket 3"], GONE_WITHIN_MS);
  rude.leave();
  watcher.leave();
});

test.each(KINDS)("[P6] %s comes back under its old id with its old clock, and is seen at once", async (kind) => {
  const room = `back-${KINDS.indexOf(kind)}`;
  const watchers = await Promise.all(
    (["raw", "y-websocket 3", "sdk"] as const).map((each) => join(served, room, each, { user: `watching ${each}` })),
  );
  const users = watchers.map(({ user }) => user);
  const one = await join(served, room, kind);
  for (let time = 0; time < 3; time++) {
    await eachSees([...watchers, one], [...users, kind], 3000);
    one.offline();
    await eachSees(watchers, users, GONE_WITHIN_MS);
    one.online();
  }
  for (const each of [...watchers, one]) each.leave();
});

test("[P6] many moves of a cursor come through in order, and nobody can move another's", async () => {
  const [one, other] = [await join(served, "moves", "y-websocket 2"), await join(served, "moves", "y-partyserver")];
  await eachSees([one, other], ["y-websocket 2", "y-partyserver"]);
  const stateOf = (): unknown => other.awareness.getStates().get(one.doc.clientID);
  for (let x = 1; x <= 50; x++) {
    one.awareness.setLocalStateField("cursor", x);
    await sleep(5);
  }
  await until(
    () => (stateOf() as { cursor?: number }).cursor === 50,
    () => JSON.stringify(stateOf()),
    1000,
  );
  // Only a client of its own making would: a stock one answers for itself alone, at once.
  const liar = await join(served, "moves", "raw");
  await until(
    () => liar.synced,
    () => "in",
  );
  liar.awareness.meta.set(one.doc.clientID, { clock: 2 ** 20, lastUpdated: 0 });
  liar.awareness.states.set(one.doc.clientID, { user: "a lie" });
  liar.awareness.emit("update", [{ added: [], updated: [], removed: [] }, "here"]);
  await sleep(200);
  expect(stateOf()).toMatchObject({ cursor: 50 });
  for (const each of [one, other, liar]) each.leave();
});

test("[P5] [P10] y-websocket, which says again whatever it hears of others, is not closed for what others say", async () => {
  const movers = await Promise.all(Array.from({ length: 12 }, (_, n) => join(served, "echo", "sdk", { user: `mover ${n}` })));
  const stock = await join(served, "echo", "y-websocket 3");
  await until(
    () => [...movers, stock].every(({ synced }) => synced),
    () => "in",
  );
  // Each mover is well within what one may say; all of them together are three times that.
  for (let n = 0; n < 150; n++) {
    for (const { awareness } of movers) awareness.setLocalStateField("selection", `${n}`.padEnd(2000, "x"));
    await sleep(33);
  }
  expect([stock.wire.closed, stock.wire.opened]).toEqual([[], 1]);
  for (const each of [...movers, stock]) each.leave();
});
