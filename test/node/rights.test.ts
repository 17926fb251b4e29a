/** How long a token counts in a room: to its end, or to another's; and who is to stay away. */
import { expect, test } from "vitest";
import type { Facts } from "../../server/room/connections.ts";
import { boardRoom } from "../kit/board-game.ts";
import { boardSimulation, join, type Player } from "../kit/board.ts";
import { helloFrame } from "../kit/frames.ts";
import { Intruder } from "../kit/intruder.ts";
import type { Simulation } from "../kit/simulation.ts";
import { StockPage } from "../kit/stock-page.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { Simulation as Simulated } from "../kit/simulation.ts";

let sessions = 0;
const come = (simulation: Simulation, facts: Partial<Facts>): Intruder =>
  new Intruder(simulation, facts).says(helloFrame(boardRoom, `session ${++sessions}`));
/** A room with somebody in it. */
async function roomOf(name: string): Promise<{ simulation: Simulation; ann: Player }> {
  const simulation = boardSimulation();
  return { simulation, ann: await join(simulation, name) };
}
const facts = (simulation: Simulation, change: Partial<Facts> = {}): Facts => ({
  user: { id: "eve" },
  scopes: ["read", "presence", "write", "create"],
  expiresAt: simulation.now + 60_000,
  issuedAt: simulation.now,
  ...change,
});

test("a socket goes when its token ends, though nobody says a word, and one whose token lasts stays", async () => {
  const { simulation, ann } = await roomOf("ann");
  const eve = come(simulation, { expiresAt: simulation.now + 60_000 });
  const silent = new Intruder(simulation, { expiresAt: simulation.now + 30_000 }); // has not even said hello
  await simulation.advance(29_900);
  expect([eve.closed, silent.closed]).toEqual([undefined, undefined]);
  await simulation.advance(200);
  expect([eve.closed, silent.closed]).toEqual([undefined, 4401]);
  await simulation.advance(29_800);
  expect(eve.closed).toBeUndefined();
  await simulation.advance(200);
  expect([eve.closed, ann.room.status]).toEqual([4401, "connected"]);
  await simulation.advance(10_000);
  expect(simulation.alarmAt).toBeUndefined();
});

test("a socket whose token ends while the object sleeps is closed then: the alarm wakes it", async () => {
  const simulation = new Simulated(notesRoom);
  const page = new StockPage(simulation, "eve", 7, undefined, simulation.now + 60_000);
  await simulation.advance(1000);
  expect(await simulation.comesToRest()).toBe(true);
  simulation.evict();
  await simulation.advance(58_000);
  expect(page.closed).toEqual([]);
  await simulation.advance(2000);
  expect(page.closed[0]).toBe(4401);
  page.destroy();
});

test("a new token that allows the same takes the old one's place: the socket stays, through a sleep too", async () => {
  const { simulation } = await roomOf("ann");
  const eve = come(simulation, facts(simulation));
  await simulation.advance(1000);
  expect(simulation.room.refresh(facts(simulation, { expiresAt: simulation.now + 120_000 }))).toBe(1);
  await simulation.advance(100_000);
  expect(eve.closed).toBeUndefined();
  await simulation.advance(30_000);
  expect(eve.closed).toBe(4401);
});

test("a new token reaches the one socket it names, and no other user's", async () => {
  const { simulation } = await roomOf("ann");
  const sockets = [come(simulation, facts(simulation)), come(simulation, { ...facts(simulation), user: { id: "zoe" } })];
  const [, first, second] = simulation.room.inspect().connections;
  const later = facts(simulation, { expiresAt: simulation.now + 120_000 });
  expect(simulation.room.refresh(later, second!.id)).toBe(0); // it is zoe's
  expect(simulation.room.refresh(later, 999)).toBe(0);
  expect(simulation.room.refresh(later, first!.id)).toBe(1);
  await simulation.advance(61_000);
  expect(sockets.map(({ closed }) => closed)).toEqual([undefined, 4401]);
});

test.each([
  ["less", ["read", "presence"], 4401],
  ["less of what is not writing", ["read", "write", "create"], 4401],
  ["more", ["read", "presence", "write", "create", "admin"], undefined],
] as const)("[P5] a new token that allows %s", async (_, scopes, code) => {
  const { simulation } = await roomOf("ann");
  const eve = come(simulation, facts(simulation));
  simulation.room.refresh(facts(simulation, { scopes }));
  expect(eve.closed).toBe(code);
});

test("a reader that is allowed to write comes anew: who writes has another welcome", async () => {
  const { simulation } = await roomOf("ann");
  const eve = come(simulation, facts(simulation));
  const reader = come(simulation, facts(simulation, { user: { id: "ray" }, scopes: ["read"] }));
  simulation.room.refresh(facts(simulation, { user: { id: "ray" } }));
  expect([eve.closed, reader.closed]).toEqual([undefined, 4401]);
});

test("a revoked user's sockets go at once, and stay away with what was issued before, through a sleep; others notice nothing", async () => {
  const { simulation, ann } = await roomOf("ann");
  const issuedAt = simulation.now - 5000;
  const [eve, again] = [come(simulation, { issuedAt }), come(simulation, { issuedAt })];
  expect(simulation.room.revoke({ user: "eve" })).toBe(2);
  expect([eve.closed, again.closed]).toEqual([4410, 4410]);
  expect(come(simulation, { issuedAt }).closed).toBe(4410);
  await simulation.advance(1000);
  simulation.evict();
  expect(come(simulation, { issuedAt }).closed).toBe(4410);
  expect(simulation.room.rights.isRevoked(facts(simulation, { issuedAt }))).toBe(true);
  await simulation.advance(60_000);
  expect(come(simulation, { issuedAt: simulation.now }).closed).toBeUndefined(); // was let in again since
  expect(ann.room.status).toBe("connected");
});

test("a revoked token closes its own sockets and no others of its user", async () => {
  const { simulation } = await roomOf("ann");
  const [one, other] = [come(simulation, { tokenId: "t1" }), come(simulation, { tokenId: "t2" })];
  expect(simulation.room.revoke({ token: "t1" })).toBe(1);
  expect([one.closed, other.closed, come(simulation, { tokenId: "t1" }).closed]).toEqual([4410, undefined, 4410]);
});

test("what was revoked is forgotten when no token of then can count any more, and there is a bound", async () => {
  const { simulation } = await roomOf("ann");
  for (let n = 0; n < 1000; n++) simulation.room.revoke({ token: `t${n}` });
  expect(() => simulation.room.revoke({ user: "eve" })).toThrow("1000 are revoked in this room, expected at most 1000");
  await simulation.advance(26 * 60 * 60 * 1000);
  simulation.room.revoke({ user: "eve" });
  expect(simulation.store.agenda().size).toBe(1);
});

test("a token from a clock that is ahead is revoked like any other: its socket goes, and it opens nothing more", async () => {
  const { simulation } = await roomOf("ann");
  const ahead = { issuedAt: simulation.now + 30_000 }; // within what the edge lets pass
  const eve = come(simulation, ahead);
  expect(simulation.room.revoke({ user: "eve" })).toBe(1);
  expect([eve.closed, come(simulation, ahead).closed]).toEqual([4410, 4410]);
});

test("who is revoked stays so when the room is deleted and made anew, and where there was none", async () => {
  const { simulation } = await roomOf("ann");
  const issuedAt = simulation.now;
  simulation.room.revoke({ user: "eve" });
  simulation.room.delete();
  simulation.evict();
  expect(come(simulation, { issuedAt }).closed).toBe(4410);
  await join(simulation, "zoe");
  expect(come(simulation, { issuedAt }).closed).toBe(4410);
});

test("a revocation that could not be stored is said to have failed, and nobody is closed for it", async () => {
  const { simulation } = await roomOf("ann");
  const eve = come(simulation, { issuedAt: simulation.now });
  const keepAgenda = simulation.store.keepAgenda.bind(simulation.store);
  simulation.store.keepAgenda = () => {
    throw new Error("the disk is full");
  };
  expect(() => simulation.room.revoke({ user: "eve" })).toThrow("the revocation could not be stored");
  expect(eve.closed).toBeUndefined();
  simulation.store.keepAgenda = keepAgenda;
  expect(simulation.room.revoke({ user: "eve" })).toBe(1);
});

test("a new token changes nothing of what the edge said of the room, and lets nobody make one who could not when they came", async () => {
  const simulation = boardSimulation();
  const eve = new Intruder(
    simulation,
    facts(simulation, { scopes: ["read", "presence", "write"], listed: true, roomsPerUser: 3 }),
  );
  expect(simulation.room.refresh(facts(simulation))).toBe(1);
  const [connection] = simulation.room.connections;
  expect(connection!.facts).toMatchObject({ listed: true, roomsPerUser: 3 });
  eve.says(helloFrame(boardRoom, "eve", { create: new Uint8Array([3, 0]) }));
  expect([eve.closed, simulation.room.exists]).toEqual([4403, false]);
});
