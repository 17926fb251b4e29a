/** The cut of the puzzle: pieces fit, knobs never meet, and the same seed cuts the same way everywhere. */
import { expect, test } from "vitest";
import { CELL, gridOf, SIZES } from "../../demo/puzzle/grid.ts";
import { cutOf, KNOB_REACH, reversed, type Curve } from "../../demo/puzzle/cut.ts";

type Spot = readonly [number, number];

const grid = gridOf({ cols: 20, rows: 15 });
const cut = cutOf(grid, 7);

/** The curve as points, `steps` to a Bézier. */
function flatten(path: Curve, steps = 8): Spot[] {
  const spots: Spot[] = [[path[0]!, path[1]!]];
  for (let i = 2; i < path.length; i += 6) {
    const [x0, y0] = spots.at(-1)!;
    const [x1, y1, x2, y2, x3, y3] = path.slice(i, i + 6) as [number, number, number, number, number, number];
    for (let step = 1; step <= steps; step++) {
      const s = step / steps;
      const r = 1 - s;
      const mix = (a: number, b: number, c: number, d: number): number =>
        r * r * r * a + 3 * r * r * s * b + 3 * r * s * s * c + s * s * s * d;
      spots.push([mix(x0, x1, x2, x3), mix(y0, y1, y2, y3)]);
    }
  }
  return spots;
}

function cross([a, b]: [Spot, Spot], [c, d]: [Spot, Spot]): boolean {
  const turn = (p: Spot, q: Spot, r: Spot): number => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

const segments = (spots: Spot[]): [Spot, Spot][] => spots.slice(1).map((spot, i) => [spots[i]!, spot]);

function crossings(piece: number, seed: number): number {
  const lines = segments(flatten(cutOf(grid, seed).outline(piece)));
  let found = 0;
  lines.forEach((line, i) => {
    for (const other of lines.slice(i + 2)) if (cross(line, other)) found++;
  });
  return found;
}

test("both neighbours of an edge share the same curve, to the last bit", () => {
  for (let piece = 0; piece < grid.count; piece++) {
    const [, right, bottom] = cut.sides(piece);
    const col = piece % grid.cols;
    if (col < grid.cols - 1) expect(reversed(cut.sides(piece + 1)[3])).toEqual(right);
    if (piece + grid.cols < grid.count) expect(reversed(cut.sides(piece + grid.cols)[0])).toEqual(bottom);
  }
});

test("an outline is closed and its four sides meet in its corners", () => {
  for (let piece = 0; piece < grid.count; piece++) {
    const outline = cut.outline(piece);
    expect(outline.slice(0, 2)).toEqual(outline.slice(-2));
    const sides = cut.sides(piece);
    sides.forEach((side, i) => expect(side.slice(-2)).toEqual(sides[(i + 1) % 4]!.slice(0, 2)));
  }
});

test("no outline crosses itself, so no two knobs of a piece ever meet", () => {
  for (const seed of [1, 2, 3])
    for (let piece = 0; piece < grid.count; piece++) expect(crossings(piece, seed), `piece ${piece}, seed ${seed}`).toBe(0);
});

test("knobs of one piece keep a gap between them that can be seen", () => {
  let closest = Infinity;
  for (let piece = 0; piece < grid.count; piece++) {
    const knobs = cut
      .sides(piece)
      .filter((side) => side.length > 8)
      .map((side) => flatten(side.slice(6, -6)));
    knobs.forEach((a, i) => {
      for (const b of knobs.slice(i + 1))
        for (const [x, y] of a) for (const [u, v] of b) closest = Math.min(closest, Math.hypot(x - u, y - v));
    });
  }
  expect(closest).toBeGreaterThan(0.03 * CELL);
});

test("a piece stays within its cell and the reach of its knobs", () => {
  for (let piece = 0; piece < grid.count; piece++) {
    const left = (piece % grid.cols) * CELL;
    const top = Math.floor(piece / grid.cols) * CELL;
    for (const [x, y] of flatten(cut.outline(piece))) {
      expect(x).toBeGreaterThanOrEqual(left - KNOB_REACH);
      expect(x).toBeLessThanOrEqual(left + CELL + KNOB_REACH);
      expect(y).toBeGreaterThanOrEqual(top - KNOB_REACH);
      expect(y).toBeLessThanOrEqual(top + CELL + KNOB_REACH);
    }
  }
});

test("the border of the picture is straight", () => {
  for (let col = 0; col < grid.cols; col++) {
    expect(cut.across(col, 0).filter((_, i) => i % 2 === 1)).toEqual([0, 0, 0, 0]);
    expect(new Set(cut.across(col, grid.rows).filter((_, i) => i % 2 === 1))).toEqual(new Set([grid.height]));
  }
});

test("the same seed cuts the same way, another one cuts another way", () => {
  expect(cutOf(grid, 7).outline(44)).toEqual(cut.outline(44));
  expect(cutOf(grid, 8).outline(44)).not.toEqual(cut.outline(44));
});

test("no two inner edges of a puzzle of any size are the same shape", () => {
  for (const size of SIZES) {
    const each = cutOf(gridOf(size), 3);
    const shapes = new Set<string>();
    for (let row = 1; row < size.rows; row++)
      for (let col = 0; col < size.cols; col++) {
        const path = each.across(col, row);
        shapes.add(path.map((value, i) => (value - path[i % 2]!).toFixed(3)).join());
      }
    expect(shapes.size).toBe((size.rows - 1) * size.cols);
  }
});
