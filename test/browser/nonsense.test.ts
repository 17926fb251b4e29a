/** A page that talks nonsense to the room: nothing changes for anyone, and only the one who talks it is shown out. */
import * as encoding from "lib0/encoding";
import { afterAll, beforeAll, expect, test } from "vitest";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { writeAct } from "../../shared/protocol/action.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { writeMove } from "../../shared/protocol/game.ts";
import { UP } from "../../shared/protocol/up.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import { confirmed, lasting, me, openTables, sit, startPuzzle, take, type Tables } from "./tables.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await openTables();
});
afterAll(() => tables.close());

const int16s = (...values: number[]): Uint8Array =>
  encode((to) => values.forEach((value) => encoding.writeUint16(to, value & 0xffff)));
const number = (name: string): number => puzzleRoom.game["~rules"].actions.find((action) => action.name === name)!.number;
const act = (nth: number, action: number, input: Uint8Array): readonly [number, Uint8Array] => [
  UP.act,
  writeAct({ number: nth, action, input }),
];
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 7919) % 256);

/** What is said after the greeting, and how the socket ends, if it does. */
const NONSENSE: Record<string, { says: Uint8Array; closes?: number; greets?: false }> = {
  "an unknown action": { says: frameOf(act(1, 99, int16s(0))) },
  "input of a wrong type": { says: frameOf(act(1, number("drop"), new TextEncoder().encode("a string"))) },
  "input cut short": { says: frameOf(act(1, number("drop"), int16s(1, 5))) },
  "bytes after the input": { says: frameOf(act(1, number("grab"), int16s(1, 2, 3))) },
  "a cluster that does not exist": { says: frameOf(act(1, number("grab"), int16s(60_000))) },
  "someone else's cluster": {
    says: frameOf(act(1, number("grab"), int16s(0)), act(2, number("drop"), int16s(0, 10, 10)), [
      UP.move,
      writeMove(0, 0, int16s(5, 5)),
    ]),
  },
  "a drag of what is not in hand": { says: frameOf([UP.move, writeMove(0, 3, int16s(9, 9))]) },
  "a row and a stream that do not exist": {
    says: frameOf([UP.move, writeMove(0, 70_000, int16s(9, 9))], [UP.move, writeMove(9, 0, int16s(9, 9))]),
  },
  "an action out of order": { says: frameOf(act(7, number("grab"), int16s(1))) },
  "presence out of range": { says: frameOf([UP.presence, Uint8Array.of(0x7f, 1, 2, 3)]), closes: 4400 },
  "an unknown message": { says: frameOf([200, noise(20)]), closes: 4400 },
  "a frame cut short": { says: frameOf([UP.act, noise(50)]).subarray(0, 20), closes: 4400 },
  noise: { says: noise(5000), closes: 4400 },
  "a megabyte of noise": { says: noise(1_000_000), closes: 4413 },
  "an action before the greeting": { says: frameOf(act(1, number("grab"), int16s(1))), closes: 4400, greets: false },
};

test("[P5] nonsense of every kind changes nothing for anyone, and closes nobody but its sender", async () => {
  const { page: ann, room } = await startPuzzle(tables, "Ann", 24);
  const ben = await sit(tables, room, "Ben");
  await take(ann, 0);
  for (const page of [ann, ben])
    await page.waitForFunction((id) => window.coterie!.room.confirmed.groups.get(0)!.heldBy === id, await me(ann));
  const before = await lasting(ben);
  const eve = await tables.open("/", { name: "Eve" });
  const closes = await eve.evaluate(
    async ({ id, cases }) => {
      const { token } = (await (
        await fetch("/auth/guest", { method: "POST", body: JSON.stringify({ name: "Eve" }) })
      ).json()) as { token: string };
      const results: Record<string, number | undefined> = {};
      for (const [name, { hello, says }] of Object.entries(cases)) {
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/parties/puzzle/${id}`, [
          "coterie.v1",
          `auth.${token}`,
        ]);
        await new Promise((resolve) => socket.addEventListener("open", resolve));
        const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
        if (hello) socket.send(Uint8Array.from(hello));
        socket.send(Uint8Array.from(says));
        results[name] = await Promise.race([
          closed,
          new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 400)),
        ]);
        socket.close();
      }
      return results;
    },
    {
      id: room,
      cases: Object.fromEntries(
        Object.entries(NONSENSE).map(([name, { says, greets }]) => [
          name,
          { says: [...says], hello: greets === false ? null : [...helloFrame(puzzleRoom, `eve ${name}`)] },
        ]),
      ),
    },
  );
  expect(closes).toEqual(Object.fromEntries(Object.entries(NONSENSE).map(([name, { closes: code }]) => [name, code])));
  expect(await lasting(ben)).toBe(before);
  expect(await lasting(ann)).toBe(before);
  expect(await confirmed(ben, 0)).toMatchObject({ heldBy: await me(ann) });
  for (const page of [ann, ben]) expect(await page.evaluate(() => window.coterie!.room.status)).toBe("connected");

  // Coordinates off the table, by someone who rightly holds the piece: refused, and the piece stays where it was.
  const off = await ben.evaluate(async () => {
    const { room } = window.coterie!;
    await room.do.grab({ g: 1 });
    const codes: string[] = [];
    for (const [x, y] of [
      [32_767, 0],
      [0, -32_768],
      [40_000, 0],
      [Number.NaN, 0],
      [0.5, 0],
    ] as const)
      await room.do.drop({ g: 1, x, y }).catch((error: unknown) => codes.push((error as { code: string }).code));
    return codes;
  });
  expect(off).toEqual(["outside", "outside", "bad-input", "bad-input", "bad-input"]);
  const { groups } = JSON.parse(before) as { groups: { id: number; x: number; y: number }[] };
  const { x, y } = groups.find(({ id }) => id === 1)!;
  expect(await confirmed(ann, 1)).toMatchObject({ x, y, heldBy: await me(ben) });
});
