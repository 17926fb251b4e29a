/** [P7] An idle room costs nothing: a hundred open sockets with their heartbeats, and the object is out of memory all the while. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { createClient, type Room } from "coterie/client/game";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Inspection } from "../../server/room/host.ts";
import { boardRoom } from "../kit/board-game.ts";
import { bundle } from "./bundle.ts";
import { DEV_SECRET, Workerd } from "./workerd.ts";

const SOCKETS = 100;
/** Longer than the ten seconds after which the runtime puts an idle object out of memory, and than a heartbeat takes to come again. */
const IDLE_MS = 15_000;

let workerd: Workerd;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "coterie-idle-"));
  workerd = new Workerd(await bundle("worker.ts", directory));
  await workerd.start();
});
afterAll(async () => {
  await workerd.stop();
  rmSync(directory, { recursive: true, force: true });
});

const sign = (user: string, scopes: readonly string[]): Promise<string> =>
  new SignJWT({ rooms: [["board:*", scopes]], info: { name: user } })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("coterie-dev")
    .setAudience("coterie")
    .setSubject(user)
    .setJti(user)
    .setIssuedAt()
    .setExpirationTime("1 hour")
    .sign(new TextEncoder().encode(DEV_SECRET));

async function inspect(): Promise<Inspection> {
  const headers = { authorization: `Bearer ${await sign("root", ["admin"])}` };
  const response = await fetch(`http://127.0.0.1:${workerd.port}/parties/board/idle/inspect`, { headers });
  return (await response.json()) as Inspection;
}

const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, IDLE_MS));

test("[P7] heartbeats of a hundred sockets wake nobody; one look wakes the room once, and everyone is still there", async () => {
  const join = (user: string): Room<typeof boardRoom> =>
    createClient({ host: `http://127.0.0.1:${workerd.port}`, auth: () => sign(user, ["write", "presence", "create"]) }).join(
      boardRoom,
      "idle",
      {
        presence: { cursor: null, mood: user },
        create: { pieces: 3 },
      },
    );
  const rooms = Array.from({ length: SOCKETS }, (_, index) => join(`user ${index}`));
  await Promise.all(rooms.map((room) => room.ready));
  const before = await inspect();
  expect(before.connections).toHaveLength(SOCKETS);
  expect(before.wakes).toEqual({});

  await idle();
  const first = await inspect();
  expect(first.life).not.toBe(before.life); // another instance
  expect(first.wakes).toEqual({ inspect: 1 });
  expect(first.connections).toHaveLength(SOCKETS);
  expect(first.seq).toBe(before.seq);

  await idle();
  const second = await inspect();
  expect(second.life).not.toBe(first.life);
  expect(second.wakes).toEqual({ inspect: 2 });
  expect(second.counters.framesIn).toBe(0);

  // Through all of it nobody lost the connection, heartbeats were answered, and who comes now sees them all.
  expect(new Set(rooms.map(({ status }) => status))).toEqual(new Set(["connected"]));
  expect(rooms.every(({ rtt }) => rtt !== undefined)).toBe(true);
  const late = join("late");
  await late.ready;
  expect(late.others.map(({ presence }) => presence.mood).sort()).toEqual(rooms.map((_, index) => `user ${index}`).sort());
  await rooms[0]!.do.add({ n: 1 });
  for (const room of [...rooms, late]) room.destroy();
});
