/** [P5] What a stock client may not do: it is told so in its own dialect, or closed, and nobody else pays. */
import { setTimeout as sleep } from "node:timers/promises";
import * as encoding from "lib0/encoding";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Served } from "../faults/served.ts";
import { MAX_DOCUMENT_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { converged, until } from "./compare.ts";
import { join, joinAll, STOCK_KINDS, type Editor } from "./editors.ts";
import { NAMESPACES } from "./rooms.ts";
import { DENIED } from "./wire.ts";

let served: Served;
beforeAll(async () => {
  served = await Served.start("../interop/worker.ts", NAMESPACES);
});
afterAll(() => served.stop());

const textOf = ({ doc }: Editor): string => doc.getText("text").toString();
const closed =
  ({ wire }: Editor): (() => boolean) =>
  () =>
    wire.closed.length > 0;

/** Someone who writes, and one of each kind beside, who must not notice anything. */
async function company(room: string): Promise<{ ann: Editor; others: Editor[]; unharmed(): Promise<void> }> {
  const ann = await join(served, room, "raw", { user: "ann" });
  const others = await joinAll(served, room, { user: "other" });
  ann.doc.getText("text").insert(0, "hello");
  await converged([ann, ...others]);
  const unharmed = async (): Promise<void> => {
    ann.doc.getText("text").insert(0, "!");
    await converged([ann, ...others]);
    expect([ann, ...others].flatMap(({ wire }) => [wire.opened - 1, ...wire.closed])).toEqual([ann, ...others].map(() => 0));
    for (const each of [ann, ...others]) each.leave();
  };
  return { ann, others, unharmed };
}

test.each(STOCK_KINDS)(
  "[P5] [P10] edits by %s with a token to read are not taken; it stays connected, and is told",
  async (kind) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const room = `reading-${STOCK_KINDS.indexOf(kind)}`;
    const ann = await join(served, room, "sdk", { user: "ann" });
    ann.doc.getText("text").insert(0, "hello");
    await converged([ann]);
    const reader = await join(served, room, kind, { user: "reader", scopes: ["read", "presence"] });
    await converged([ann, reader]);
    expect(reader.wire.count(DENIED)).toBe(0); // it has said what it has, as every client does when it comes
    reader.doc.getText("text").insert(0, "no ");
    await until(
      () => reader.wire.count(DENIED) > 0,
      () => "denied",
    );
    if (kind !== "raw") expect(warned.mock.calls.join()).toContain("this token does not allow editing");
    ann.doc.getText("text").insert(5, " world");
    await until(
      () => textOf(reader) === "no hello world",
      () => textOf(reader),
    );
    expect([textOf(ann), reader.wire.closed, reader.synced]).toEqual(["hello world", [], true]);
    ann.leave();
    reader.leave();
    warned.mockRestore();
  },
);

test("[P5] who writes under another's client id is closed with 4403, and the document stays as it was", async () => {
  const { ann, unharmed } = await company("hijack");
  const thief = await join(served, "hijack", "y-websocket 3", { user: "thief" });
  await until(
    () => thief.synced && textOf(thief) === "hello",
    () => "in",
  );
  thief.doc.clientID = ann.doc.clientID; // by a script in the page
  thief.doc.getText("text").insert(5, " evil");
  await until(closed(thief), () => "closed");
  await sleep(500);
  expect([thief.wire.closed, thief.wire.opened, thief.wanted, textOf(ann)]).toEqual([[4403], 1, false, "hello"]);
  thief.leave();
  await unharmed();
});

test("[P5] so it is when the owner of the id is away", async () => {
  const ann = await join(served, "away", "y-partyserver", { user: "ann" });
  const ben = await join(served, "away", "sdk", { user: "ben" });
  ann.doc.getText("text").insert(0, "hello");
  await converged([ann, ben]);
  ann.offline();
  const thief = await join(served, "away", "raw", { user: "thief" });
  await until(
    () => textOf(thief) === "hello",
    () => textOf(thief),
  );
  thief.doc.clientID = ann.doc.clientID;
  thief.doc.getText("text").insert(5, " evil");
  await until(closed(thief), () => "closed");
  ann.doc.getText("text").insert(5, " hello");
  ann.online();
  await converged([ann, ben]);
  expect([thief.wire.closed, textOf(ben)]).toEqual([[4403], "hello hello"]);
  for (const each of [ann, ben, thief]) each.leave();
});

const frame = (...numbers: readonly number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(numbers);
const withText = (type: number, text: string): Uint8Array<ArrayBuffer> =>
  encoding.encode((to) => {
    encoding.writeVarUint(to, type);
    encoding.writeVarString(to, text);
  });

const MALFORMED: readonly [what: string, frame: Uint8Array<ArrayBuffer> | string][] = [
  ["nothing", frame()],
  ["text", "hello"],
  ["a type that there is not", frame(7)],
  ["a step that there is not", frame(0, 5, 0)],
  ["a length beyond its end", frame(0, 2, 200, 1)],
  ["a number longer than it need be", frame(0x80, 0, 2, 2, 0, 0)],
  ["two messages", frame(0, 2, 2, 0, 0, 3)],
  ["an update that is none", frame(0, 2, 3, 1, 1, 1)],
  ["awareness that is none", frame(1, 2, 9, 9)],
  ["a denial", withText(2, "no")],
];

test("[P5] a malformed frame closes its sender with 4400, and nobody else", async () => {
  const { unharmed } = await company("malformed");
  for (const [what, bytes] of MALFORMED) {
    const stranger = await join(served, "malformed", "raw", { user: "stranger" });
    await until(
      () => stranger.synced,
      () => "in",
    );
    stranger.wire.socket!.send(bytes);
    await until(closed(stranger), () => `closed for ${what}`);
    expect([what, stranger.wire.closed]).toEqual([what, [4400]]);
    stranger.leave();
  }
  await unharmed();
});

test("[P5] [P10] a paste over the limit closes its sender with 4413, and y-websocket 3 does not come back to try again", async () => {
  const { unharmed } = await company("paste");
  const paster = await join(served, "paste", "y-websocket 3", { user: "paster" });
  await until(
    () => paster.synced,
    () => "in",
  );
  paster.doc.getText("text").insert(0, "x".repeat(MAX_DOCUMENT_FRAME_BYTES));
  await until(closed(paster), () => "closed");
  await sleep(1000);
  expect([paster.wire.closed, paster.wire.opened, paster.wanted]).toEqual([[4413], 1, false]);
  paster.leave();
  await unharmed();
});

test.each(STOCK_KINDS)("[P5] a token that does not hold closes %s with 4401 before there is a room", async (kind) => {
  const { workerd } = served;
  const nobody = { workerd, token: () => Promise.resolve("none") } as unknown as Served;
  const stranger = await join(nobody, "closed", kind);
  await until(closed(stranger), () => "closed");
  expect(stranger.wire.closed[0]).toBe(4401);
  stranger.leave();
  expect((await served.inspect("notes", "closed")).content).toBe("absent");
});
