/** How what others move is shown: late by as much as values come late, smooth, and never where it has not been. */
import { Path } from "coterie/client";
import { describe, expect, test } from "vitest";
import { Motion } from "../../client/parts/motion.ts";
import { wholeTime } from "../../shared/protocol/game.ts";
import { boardSimulation, join } from "../kit/board.ts";
import { Draw, SEED } from "../kit/random.ts";

const DELAY = 100;
const FRAME_MS = 1000 / 60;

/** The greatest step from one to the next. */
const greatest = (xs: readonly number[]): number => Math.max(...xs.slice(1).map((x, i) => Math.abs(x - xs[i]!)));

/** What is shown, 60 times a second. */
function play(path: Path, from: number, to: number): number[] {
  const xs: number[] = [];
  for (let now = from; now <= to; now += FRAME_MS) xs.push(path.show(now - DELAY)[0]!);
  return xs;
}

describe("a path", () => {
  test("a steady move at 30 values a second is shown at the display's rate, in even steps", () => {
    const path = new Path(0, [0]);
    for (let i = 1; i <= 20; i++) path.push(i * 33, [i * 33], i * 33 - DELAY);
    const xs = play(path, DELAY + 50, 650);
    expect(greatest(xs)).toBeLessThan(20);
    expect(Math.min(...xs.slice(1).map((x, i) => x - xs[i]!))).toBeGreaterThan(13);
  });

  test("what stops is not shown beyond where it stopped", () => {
    const path = new Path(0, [0]);
    [0, 40, 130, 135, 135].forEach((x, i) => path.push(100 + i * 33, [x], i * 33));
    const xs = play(path, 0, 900);
    expect([Math.max(...xs), Math.min(...xs)]).toEqual([135, 0]);
    expect(path.lastAt).toBe(232);
  });

  test("after a pause, or values that come late, it goes on from where it is shown, without a jump", () => {
    const path = new Path(0, [0]);
    const values = [100, 133, 166, 3000, 3033, 3066, 3400, 3433];
    const xs: number[] = [];
    let next = 0;
    for (let now = 0; now < 4000; now += FRAME_MS) {
      while (next < values.length && values[next]! <= now) path.push(values[next]!, [++next * 50], now - DELAY);
      xs.push(path.show(now - DELAY)[0]!);
    }
    expect(greatest(xs)).toBeLessThan(50);
    expect(xs.at(-1)).toBe(400);
  });
});

describe("rows in motion", () => {
  test(`values that come unevenly are shown evenly: each when it was, on the room's clock (seed ${SEED})`, () => {
    const draw = new Draw("motion", SEED);
    const motion = new Motion(30);
    motion.at(1, 0); // somebody looks
    let arrived = 0;
    const said = Array.from({ length: 60 }, (_, i) => {
      arrived = Math.max(arrived, i * 33 + 20 + draw.below(60)); // in order, and up to 80 ms late
      return { at: i * 33, arrives: arrived, x: i * 33 };
    });
    const xs: number[] = [];
    let next = 0;
    for (let now = 0; now < 2000; now += FRAME_MS) {
      for (; next < said.length && said[next]!.arrives <= now; next++)
        motion.heard(1, said[next]!.at, said[next]!.arrives, () => [0], [said[next]!.x]);
      const at = motion.at(1, now);
      if (at) xs.push(at[0]!);
    }
    const moving = xs.slice(30); // until it is known how late values come
    expect(moving.length).toBeGreaterThan(60);
    expect(greatest(moving)).toBeLessThan(FRAME_MS * 1.2);
    expect(Math.min(...moving.slice(1).map((x, i) => x - moving[i]!))).toBeGreaterThan(FRAME_MS * 0.8);
  });

  test("what was never asked for is not kept, and what has arrived is forgotten though nobody looks", () => {
    const motion = new Motion(30);
    motion.heard(1, 0, 5, () => [0], [1]);
    expect(motion.size).toBe(0);
    motion.at(1, 5);
    motion.heard(1, 33, 38, () => [0], [1]);
    motion.ended(1, 70, [2]);
    motion.sweep(71);
    expect(motion.size).toBe(1);
    motion.sweep(1000);
    expect(motion.size).toBe(0);
  });

  test("of a time only the last 16 bits are said, and it is found again near any other", () => {
    const draw = new Draw("times", SEED);
    for (let n = 0; n < 1000; n++) {
      const at = Date.UTC(2026, 0, 1) + draw.below(2 ** 31);
      expect(wholeTime(at & 0xffff, at + draw.below(60_000) - 30_000 + 0.4)).toBe(at);
    }
  });

  test("[P4] what another drags is on its way, then lies where it was dropped; what this page drags lies where its hand is", async () => {
    const simulation = boardSimulation({ latencyMs: 40 });
    const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
    expect(ben.room.motion.drag(3)).toBeUndefined();
    void ann.room.do.grab({ id: 3 });
    await simulation.advance(200);
    const [shown, known]: [number[], number[]] = [[], []];
    const look = (): void => {
      shown.push(ben.room.motion.drag(3)?.x ?? ben.room.state.pieces.get(3)!.x);
      known.push(ben.room.state.pieces.get(3)!.x);
    };
    for (let n = 1; n <= 60; n++) {
      ann.room.do.drag({ id: 3, x: 30 + n * 10, y: n });
      expect(ann.room.motion.drag(3)).toBeUndefined();
      await simulation.advance(16);
      look();
    }
    void ann.room.do.drop({ id: 3, x: 640, y: 64 });
    for (let n = 0; n < 30; n++) {
      await simulation.advance(16);
      look();
    }
    expect(greatest(known)).toBeGreaterThan(15); // in jumps, as values come
    expect(greatest(shown)).toBeLessThan(greatest(known) * 0.8);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(shown.at(-1)).toBe(640);
    expect([ann, ben].map(({ room }) => room.motion.drag(3))).toEqual([undefined, undefined]);
  });

  test("[P6] what was in the hand of someone who goes lies again where the room has it", async () => {
    const simulation = boardSimulation();
    const [ann, ben] = [await join(simulation, "ann"), await join(simulation, "ben")];
    ben.room.motion.drag(3);
    void ann.room.do.grab({ id: 3 });
    await simulation.advance(100);
    ann.room.do.drag({ id: 3, x: 300, y: 0 });
    await simulation.advance(300);
    expect(ben.room.motion.drag(3)).toEqual({ x: 300, y: 0 });
    ann.room.disconnect();
    await simulation.advance(500);
    expect(ben.room.motion.drag(3)).toEqual({ x: 30, y: 0 });
    expect(ben.room.motion.drag(3)).toBeUndefined();
  });
});

test(`a column is what its rows say, live values too, whatever comes and goes (seed ${SEED})`, async () => {
  const draw = new Draw("columns", SEED);
  const simulation = boardSimulation();
  const [ann, ben] = [await join(simulation, "ann", 300), await join(simulation, "ben", 300)];
  for (let n = 0; n < 200; n++) {
    const { room } = draw.one([ann, ben]);
    const id = draw.below(310);
    const x = draw.below(1000);
    if (draw.chance(0.4)) room.do.grab({ id }).catch(() => {});
    if (draw.chance(0.4)) room.do.drag({ id, x, y: 1 });
    if (draw.chance(0.2)) room.do.drop({ id, x, y: 2 }).catch(() => {});
    if (draw.chance(0.1)) room.do.waver().catch(() => {});
    if (draw.chance(0.05)) ben.wire.network.drop();
    await simulation.advance(draw.below(80));
    for (const { room: each } of [ann, ben])
      for (const view of [each.state, each.confirmed]) {
        const column = view.pieces.column("x");
        const rows = Array.from(column, (value, row) => (Number.isNaN(value) ? undefined : [row, value])).filter((row) => row);
        expect(rows).toEqual([...view.pieces].map((row) => [row.id, row.x]));
      }
  }
  expect(() => ann.room.state.pieces.column("z" as "x")).toThrow("has no column");
});
