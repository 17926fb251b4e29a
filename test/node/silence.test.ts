/** Machines that die without a word: when they are missed, and what it costs to look for them. */
import { expect, test } from "vitest";
import { writePace } from "../../shared/protocol/flow.ts";
import { HIDDEN_PACE_MS } from "../../shared/protocol/limits.ts";
import { UP } from "../../shared/protocol/up.ts";
import { boardSimulation, join, type Player } from "../kit/board.ts";
import { frameOf } from "../kit/frames.ts";
import type { Simulation } from "../kit/simulation.ts";

/** The machine is gone: its client does nothing more, and nobody says so. */
function dies({ wire, room }: Player): void {
  wire.network.stall();
  room.destroy();
}

const seen = ({ room }: Player): string[] => room.others.map(({ user }) => user.id).toSorted();

/** Somebody is always doing something. */
async function busy(simulation: Simulation, { room }: Player, ms: number, until: () => boolean = () => false): Promise<number> {
  const start = simulation.now;
  for (let step = 0; simulation.now - start < ms && !until(); step++) {
    room.setPresence({ mood: String(step % 1000) });
    await simulation.advance(100);
  }
  return simulation.now - start;
}

test("[P6] in a room where something happens, a silent death is seen within 15 s, and nobody else is closed", async () => {
  const simulation = boardSimulation();
  const [ann, ben, cleo] = [await join(simulation, "ann"), await join(simulation, "ben"), await join(simulation, "cleo")];
  await busy(simulation, ann, 23_000);
  dies(ben);
  const tookMs = await busy(simulation, ann, 60_000, () => !seen(ann).includes("ben"));
  expect(tookMs).toBeLessThanOrEqual(15_000);
  expect([seen(ann), ann.room.status, cleo.room.status]).toEqual([["cleo"], "connected", "connected"]);
  expect(simulation.room.inspect().counters.closed).toEqual({ 4508: 1 });
});

test("[P6] in a room at rest it is seen by the alarm, with its sockets asleep too, and what was held is given back", async () => {
  const simulation = boardSimulation({ leaveGraceMs: 3000 });
  const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
  void ben.room.do.grab({ id: 1 });
  await simulation.advance(1000);
  dies(ben);
  await simulation.advance(12_000);
  simulation.evict();
  await simulation.advance(50_000);
  expect(seen(ann)).toEqual([]);
  expect(simulation.room.inspect().wakes).toEqual({ alarm: 1 });
  await simulation.advance(4000);
  expect(ann.room.state.pieces.get(1)?.heldBy).toBe(0);
});

test("[P7] the alarm that looks for the dead comes only while two are there, reads nothing of what is stored, and writes no row", async () => {
  const simulation = boardSimulation({ sweepMs: 20_000 });
  const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
  await simulation.advance(15_000);
  const rows = simulation.store.rows(0).length;
  const births = { read: 0 };
  const birth = simulation.store.birth.bind(simulation.store);
  simulation.store.birth = () => {
    births.read++;
    return birth();
  };
  simulation.evict();
  await simulation.advance(100_000);
  expect([births.read, simulation.store.rows(0).length, seen(ann)]).toEqual([0, rows, ["ben"]]);
  expect(simulation.alarmAt).toBeDefined();
  ben.room.destroy();
  await simulation.advance(60_000);
  expect(simulation.alarmAt).toBeUndefined();
});

test("[P6] a page that is hidden says at what pace it will be heard, and is not taken for dead before that", async () => {
  const simulation = boardSimulation();
  const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
  ben.wire.network.says(frameOf([UP.pace, writePace(HIDDEN_PACE_MS)]));
  dies(ben);
  await busy(simulation, ann, HIDDEN_PACE_MS);
  expect(seen(ann)).toEqual(["ben"]);
  simulation.evict(); // what it said outlives the object's memory
  await busy(simulation, ann, 10_000);
  expect(seen(ann)).toEqual(["ben"]);
  await busy(simulation, ann, HIDDEN_PACE_MS * 0.4);
  expect(seen(ann)).toEqual([]);
});

test("[P6] no client can announce that it will be silent for ever", async () => {
  const simulation = boardSimulation();
  const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
  ben.wire.network.says(frameOf([UP.pace, writePace(Number.MAX_SAFE_INTEGER)]));
  dies(ben);
  await busy(simulation, ann, 180_000, () => seen(ann).length === 0);
  expect(seen(ann)).toEqual([]);
});

test("a user who leaves while the object sleeps leaves once, when the time has come, however long that is", async () => {
  const simulation = boardSimulation({ leaveGraceMs: 120_000 });
  const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
  ben.room.destroy();
  await simulation.advance(15_000);
  for (let slept = 0; slept < 90_000; slept += 15_000) {
    simulation.evict();
    await simulation.advance(15_000);
  }
  expect(ann.room.state.seen.get(2)).toMatchObject({ joins: 1, leaves: 0 });
  simulation.evict();
  await simulation.advance(20_000);
  expect(ann.room.state.seen.get(2)).toMatchObject({ joins: 1, leaves: 1 });
  await simulation.advance(200_000);
  expect(ann.room.state.seen.get(2)).toMatchObject({ joins: 1, leaves: 1 });
});

test("one that is open and never says hello is closed by the alarm, also when the object slept meanwhile; nobody saw it", async () => {
  const simulation = boardSimulation({ sweepMs: 20_000 });
  const ann = await join(simulation, "ann");
  let closed: number | undefined;
  const mute = { opened: () => {}, received: () => {}, closed: (code: number) => void (closed = code) };
  simulation.stock("mute", mute, { scopes: ["read"] }).open("", []);
  await simulation.advance(10_000);
  expect(await simulation.comesToRest()).toBe(true);
  simulation.evict();
  await simulation.advance(9000);
  expect([closed, seen(ann)]).toEqual([undefined, []]);
  await simulation.advance(2000);
  expect([closed, seen(ann), ann.room.status]).toEqual([4508, [], "connected"]);
});
