/** The table of the puzzle: room for every piece, none under the frame, every position within what the wire carries. */
import { expect, test } from "vitest";
import { CELL, gridOf, homeOf, isBorder, neighboursOf, onTable, RIM, SIZES, slotsOf } from "../../demo/puzzle/grid.ts";
import { KNOB_REACH } from "../../demo/puzzle/cut.ts";
import { scatter } from "../../demo/puzzle/scatter.ts";
import { draws } from "../../demo/puzzle/seeded.ts";

const I16 = 32_767;
const sizes = [...SIZES, { pieces: 10_000, cols: 100, rows: 100 }];

test.each(sizes)("$pieces pieces all have a slot, and every position fits in 16 bits", (size) => {
  const grid = gridOf(size);
  expect(grid.count).toBe(size.pieces);
  expect(slotsOf(grid).length).toBeGreaterThanOrEqual(grid.count);
  expect(grid.halfWidth + RIM + grid.width / 2).toBeLessThan(I16);
  expect(grid.halfHeight + RIM + grid.height / 2).toBeLessThan(I16);
});

test.each(sizes)("$pieces pieces start on the table and clear of the frame, knobs and all", (size) => {
  const grid = gridOf(size);
  const reach = CELL / 2 + KNOB_REACH;
  scatter(grid, draws(5)).forEach((at, piece) => {
    const home = homeOf(grid, piece);
    const [x, y] = [home.x + at.x, home.y + at.y];
    expect(Number.isInteger(at.x) && Number.isInteger(at.y)).toBe(true);
    expect(Math.abs(x) <= grid.halfWidth && Math.abs(y) <= grid.halfHeight, `piece ${piece} on the table`).toBe(true);
    const clear = Math.abs(x) > grid.width / 2 + reach || Math.abs(y) > grid.height / 2 + reach;
    expect(clear, `piece ${piece} beside the frame`).toBe(true);
  });
});

test("scattered pieces do not hide each other", () => {
  const grid = gridOf({ cols: 40, rows: 25 });
  const middles = scatter(grid, draws(9)).map((at, piece) => ({
    x: at.x + homeOf(grid, piece).x,
    y: at.y + homeOf(grid, piece).y,
  }));
  middles.forEach((a, i) => {
    for (const b of middles.slice(i + 1)) expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThan(CELL * 1.2);
  });
});

test("a position off the table comes back at its rim", () => {
  const grid = gridOf({ cols: 6, rows: 4 });
  const home = homeOf(grid, 0);
  const at = onTable(grid, 0, { x: I16, y: -I16 });
  expect(home.x + at.x).toBe(grid.halfWidth + RIM);
  expect(home.y + at.y).toBe(-grid.halfHeight - RIM);
  expect(onTable(grid, 0, { x: 12, y: -7 })).toEqual({ x: 12, y: -7 });
});

test("neighbours are mutual, two in a corner, three on the border, four inside", () => {
  const grid = gridOf({ cols: 6, rows: 4 });
  for (let piece = 0; piece < grid.count; piece++) {
    for (const beside of neighboursOf(grid, piece)) expect(neighboursOf(grid, beside)).toContain(piece);
    expect(neighboursOf(grid, piece).length === 4).toBe(!isBorder(grid, piece));
  }
  expect(neighboursOf(grid, 0)).toEqual([1, 6]);
});

test("a piece can be laid beside any loose piece, even the outermost", () => {
  const grid = gridOf({ cols: 6, rows: 4 });
  for (const slot of slotsOf(grid))
    for (const piece of [0, 1, 6, 7]) {
      const home = homeOf(grid, piece);
      for (const [dx, dy] of [
        [CELL, 0],
        [-CELL, 0],
        [0, CELL],
        [0, -CELL],
      ] as const) {
        const beside = { x: slot.x + dx - home.x, y: slot.y + dy - home.y };
        expect(onTable(grid, piece, beside)).toEqual(beside);
      }
    }
});
