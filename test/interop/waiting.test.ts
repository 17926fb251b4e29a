/** What only time shows: watchdogs of 30 s, and rooms that sleep after 10. All of it at once, each in a room of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import * as Y from "yjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Inspection } from "../../server/room/host.ts";
import { Served } from "../faults/served.ts";
import { shown, until } from "./compare.ts";
import { join, WEBSOCKET_KINDS, type Editor } from "./editors.ts";
import { NAMESPACES } from "./rooms.ts";

/** `y-websocket` gives up after 30 s and looks every 3; so do its peers, with cursors they have not heard of. */
const PATIENCE_MS = 36_000;
/** What is shown is kept 5 s after it changed; 10 s after that the runtime puts an idle object out of memory. */
const ASLEEP_MS = 17_000;

let served: Served;
beforeAll(async () => {
  served = await Served.start("../interop/worker.ts", NAMESPACES);
});
afterAll(() => served.stop());

const inspect = (room: string): Promise<Inspection> => served.inspect("notes", room);
const leave = (editors: readonly Editor[]): void => editors.forEach((editor) => editor.leave());
const allIn = (editors: readonly Editor[]): Promise<void> =>
  until(
    () => editors.every(({ synced }) => synced),
    () => "everyone in",
  );

test.concurrent.each(WEBSOCKET_KINDS)(
  "[P10] %s that shows nothing, alone in its room, stays connected for more than 30 s",
  async (kind) => {
    const room = `quiet-${WEBSOCKET_KINDS.indexOf(kind)}`;
    const editor = await join(served, room, kind, { state: null });
    await allIn([editor]);
    await sleep(PATIENCE_MS);
    expect([editor.synced, editor.wire.opened, editor.wire.closed]).toEqual([true, 1, []]);
    leave([editor]);
  },
);

test.concurrent("[P10] a reader whose token does not let it show itself stays connected, and so does one that stops showing itself", async () => {
  const reader = await join(served, "reading", "y-websocket 3", { scopes: ["read", "create"] });
  const shy = await join(served, "shy", "y-websocket 3");
  await allIn([reader, shy]);
  shy.awareness.setLocalState(null);
  await sleep(PATIENCE_MS);
  expect([reader, shy].map(({ synced, wire }) => [synced, wire.opened])).toEqual([
    [true, 1],
    [true, 1],
  ]);
  leave([reader, shy]);
});

test.concurrent("[P6] [P10] a cursor that does not move is shown by y-websocket for more than 30 s, whoever holds it", async () => {
  const still = [await join(served, "still", "y-partyserver"), await join(served, "still", "sdk")];
  const moving = await join(served, "still", "y-websocket 3");
  await allIn([...still, moving]);
  let lost = 0;
  moving.awareness.on("change", ({ removed }: { removed: readonly number[] }) => (lost += removed.length));
  await sleep(PATIENCE_MS);
  const everyone = ["sdk", "y-partyserver", "y-websocket 3"];
  expect(lost).toBe(0);
  for (const editor of [...still, moving]) expect([editor.kind, shown(editor)]).toEqual([editor.kind, everyone]);
  leave([...still, moving]);
});

test.concurrent("[P6] [P10] so it is by a y-websocket that shows nothing itself, while others write", async () => {
  const still = await join(served, "stiller", "y-partyserver");
  const looking = await join(served, "stiller", "y-websocket 2", { state: null });
  await allIn([still, looking]);
  let lost = 0;
  looking.awareness.on("change", ({ removed }: { removed: readonly number[] }) => (lost += removed.length));
  for (let second = 0; second * 1000 < PATIENCE_MS; second++) {
    still.doc.getText("text").insert(0, "x"); // the room is awake all the while
    await sleep(1000);
  }
  expect([shown(looking), lost, looking.wire.opened]).toEqual([["y-partyserver"], 0, 1]);
  leave([still, looking]);
});

test.concurrent("[P7] [P6] a room of y-partyserver and SDK clients sleeps; who comes then sees all, and who goes then is told of", async () => {
  const sleepers = await Promise.all(
    (["y-partyserver", "sdk"] as const).flatMap((kind) =>
      ["one", "two"].map((user) => join(served, "asleep", kind, { user: `${user} ${kind}` })),
    ),
  );
  await allIn(sleepers);
  const users = sleepers.map(({ user }) => user);
  const before = await inspect("asleep");
  await sleep(ASLEEP_MS);
  const first = await inspect("asleep");
  expect(first.life).not.toBe(before.life);
  expect(first.wakes).toEqual({ inspect: 1 });

  await sleep(ASLEEP_MS);
  const comers = await Promise.all(
    (["y-websocket 3", "y-partyserver", "sdk"] as const).map((kind) => join(served, "asleep", kind, { user: `late ${kind}` })),
  );
  const all = [...sleepers, ...comers];
  const sees = (editors: readonly Editor[]): Promise<void> =>
    until(
      () =>
        editors.every(
          (editor) =>
            shown(editor).join() ===
            editors
              .map(({ user }) => user)
              .sort()
              .join(),
        ),
      () => editors.map((editor) => `${editor.user} sees ${shown(editor).join()}`).join("; "),
      1000,
    );
  await sees(all);
  const woken = await inspect("asleep");
  expect(woken.life).not.toBe(first.life);
  expect(woken.wakes).toEqual({ inspect: 1, join: 1 });
  expect(woken.connections.map(({ user }) => user).sort()).toEqual([...users, ...comers.map(({ user }) => user)].sort());
  all.shift()!.leave();
  await sees(all);
  expect(all.flatMap(({ wire }) => wire.closed)).toEqual([]);
  leave(all);
});

test.concurrent("[P6] a leave that wakes the room is told of, and so is who comes back after another sleep", async () => {
  const [goes, stays] = [
    await join(served, "woken", "y-partyserver", { user: "goes" }),
    await join(served, "woken", "sdk", { user: "stays" }),
  ];
  await allIn([goes, stays]);
  await sleep(ASLEEP_MS);
  expect(shown(stays)).toEqual(["goes", "stays"]);
  goes.leave();
  await until(
    () => shown(stays).join() === "stays",
    () => shown(stays).join(),
    1000,
  );
  const { wakes } = await inspect("woken");
  expect(wakes["message"] ?? wakes["close"]).toBe(1); // it says farewell before it closes

  await sleep(ASLEEP_MS);
  const back = new Y.Doc();
  back.clientID = goes.doc.clientID;
  const returned = await join(served, "woken", "y-partyserver", { user: "goes", doc: back }); // the same page, with the clock it had
  await until(
    () => shown(stays).join() === "goes,stays",
    () => shown(stays).join(),
    1000,
  );
  leave([stays, returned]);
});
