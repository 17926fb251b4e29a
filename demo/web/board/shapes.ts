/** Outlines as paths that a canvas can fill, stroke and hit-test; in units, from the picture's top left corner. */
import type { Curve, Cut } from "../../puzzle/cut.ts";
import { CELL, type Grid, type Point } from "../../puzzle/grid.ts";
import type { Rect } from "./camera.ts";
import { KNOB_REACH } from "../../puzzle/cut.ts";

type Pen = Pick<Path2D, "moveTo" | "bezierCurveTo">;

export function trace(pen: Pen, path: Curve, start = true): void {
  if (start) pen.moveTo(path[0]!, path[1]!);
  for (let i = 2; i < path.length; i += 6)
    pen.bezierCurveTo(path[i]!, path[i + 1]!, path[i + 2]!, path[i + 3]!, path[i + 4]!, path[i + 5]!);
}

/** Every piece's outline, made when first asked for. */
export function outlines(cut: Cut): (piece: number) => Path2D {
  const made: (Path2D | undefined)[] = [];
  return (piece) => {
    const known = made[piece];
    if (known) return known;
    const path = new Path2D();
    trace(path, cut.outline(piece));
    path.closePath();
    made[piece] = path;
    return path;
  };
}

/** The piece across each side, clockwise from the top; undefined beyond the border. */
export function across(
  grid: Grid,
  piece: number,
): readonly [number | undefined, number | undefined, number | undefined, number | undefined] {
  const col = piece % grid.cols;
  return [
    piece >= grid.cols ? piece - grid.cols : undefined,
    col < grid.cols - 1 ? piece + 1 : undefined,
    piece + grid.cols < grid.count ? piece + grid.cols : undefined,
    col > 0 ? piece - 1 : undefined,
  ];
}

/** Once round a cluster (and round its holes): only the sides without a neighbour in it, chained into loops. */
export function silhouette(cut: Cut, pieces: Iterable<number>): Path2D {
  const inside = new Set(pieces);
  const from = new Map<string, Curve[]>();
  const corner = (x: number, y: number): string => `${x},${y}`;
  for (const piece of inside) {
    const beyond = across(cut.grid, piece);
    cut.sides(piece).forEach((side, i) => {
      const other = beyond[i];
      if (other !== undefined && inside.has(other)) return;
      const start = corner(side[0]!, side[1]!);
      from.set(start, [...(from.get(start) ?? []), side]);
    });
  }
  const path = new Path2D();
  for (const sides of from.values()) {
    for (let side = sides.pop(), first = true; side; first = false) {
      trace(path, side, first);
      side = from.get(corner(side.at(-2)!, side.at(-1)!))?.pop();
    }
    path.closePath();
  }
  return path;
}

/** The seams between some pieces and the rest of their cluster. */
export function seams(cut: Cut, pieces: Iterable<number>, together: (a: number, b: number) => boolean): Path2D | undefined {
  const inside = new Set(pieces);
  const path = new Path2D();
  let found = false;
  for (const piece of inside) {
    const beyond = across(cut.grid, piece);
    cut.sides(piece).forEach((side, i) => {
      const other = beyond[i];
      if (other === undefined || inside.has(other) || !together(piece, other)) return;
      trace(path, side);
      found = true;
    });
  }
  return found ? path : undefined;
}

/** What pieces cover, knobs and all. */
export function boundsOf(grid: Grid, pieces: Iterable<number>): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const piece of pieces) {
    const col = piece % grid.cols;
    const row = Math.floor(piece / grid.cols);
    left = Math.min(left, col);
    right = Math.max(right, col + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  }
  return {
    left: left * CELL - KNOB_REACH,
    top: top * CELL - KNOB_REACH,
    right: right * CELL + KNOB_REACH,
    bottom: bottom * CELL + KNOB_REACH,
  };
}

/** A rectangle of the picture, as it lies on the table when its cluster lies at `at`. */
export const laid = (grid: Grid, area: Rect, at: Point): Rect => ({
  left: area.left + at.x - grid.width / 2,
  right: area.right + at.x - grid.width / 2,
  top: area.top + at.y - grid.height / 2,
  bottom: area.bottom + at.y - grid.height / 2,
});
