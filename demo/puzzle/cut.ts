/**
 * The cut: how a picture falls into pieces. Every edge inside the picture is one curve of six cubic Béziers, made from
 * the seed alone and used by both neighbours, so that they fit to the last bit.
 */
import { CELL, type Grid } from "./grid.ts";
import { hash } from "./seeded.ts";

/**
 * A path: a start point, then six numbers for each cubic Bézier (two controls, one end). In units, from the picture's
 * top left corner.
 */
export type Curve = readonly number[];

export interface Cut {
  readonly grid: Grid;
  /** The edge above (col, row), from left to right. `row` 0 and `rows` are the picture's border. */
  across(col: number, row: number): Curve;
  /** The edge left of (col, row), from top to bottom. */
  down(col: number, row: number): Curve;
  /** Once round the piece, clockwise from its top left corner. */
  outline(piece: number): Curve;
  /** The four edges of a piece, clockwise from the top, as `outline` walks them. */
  sides(piece: number): readonly [Curve, Curve, Curve, Curve];
}

/** How far a knob reaches beyond the edge, at most, in units: what a piece's image needs around its cell. */
export const KNOB_REACH = 30;

// Shape of a knob, in edge lengths. Chosen so that the four knobs of one piece cannot meet: see puzzle-cut.test.ts.
const CORNER_JITTER = 0.035;
const CENTRE_JITTER = 0.055;
const NECK = [0.055, 0.075] as const;
const HEAD = [0.095, 0.118] as const;
const RISE = [0.125, 0.15] as const;
const SKEW = 0.028;
const DIP = 0.03;
/** A cubic Bézier is closest to a quarter of a circle with its controls this far along the tangents. */
const ROUND = 0.5523;

const ACROSS = 1;
const DOWN = 2;
const CORNER = 3;

export function cutOf(grid: Grid, seed: number): Cut {
  const { cols, rows } = grid;

  /** Corners inside the picture stray a little; on the border they only slide along it. */
  const corner = (col: number, row: number): readonly [number, number] => {
    const stray = (which: number): number => (hash(seed, CORNER, row * 4096 + col, which) - 0.5) * 2 * CORNER_JITTER;
    return [(col + (col === 0 || col === cols ? 0 : stray(0))) * CELL, (row + (row === 0 || row === rows ? 0 : stray(1))) * CELL];
  };
  const across = (col: number, row: number): Curve => {
    const straight = row === 0 || row === rows;
    return curve(corner(col, row), corner(col + 1, row), straight ? undefined : knob(seed, ACROSS, row * 4096 + col));
  };
  const down = (col: number, row: number): Curve => {
    const straight = col === 0 || col === cols;
    return curve(corner(col, row), corner(col, row + 1), straight ? undefined : knob(seed, DOWN, row * 4096 + col));
  };
  const sides = (piece: number): readonly [Curve, Curve, Curve, Curve] => {
    const col = piece % cols;
    const row = Math.floor(piece / cols);
    return [across(col, row), down(col + 1, row), reversed(across(col, row + 1)), reversed(down(col, row))];
  };
  return {
    grid,
    across,
    down,
    sides,
    outline(piece) {
      const [top, right, bottom, left] = sides(piece);
      return [...top, ...right.slice(2), ...bottom.slice(2), ...left.slice(2)];
    },
  };
}

/** The same path walked from its end. */
export function reversed(path: Curve): Curve {
  const back: number[] = [];
  for (let i = path.length - 2; i >= 0; i -= 2) back.push(path[i]!, path[i + 1]!);
  return back;
}

/** A knob on the edge from (0, 0) to (1, 0), reaching to positive y; nineteen points. */
function knob(seed: number, axis: number, edge: number): number[] {
  const vary = (which: number, [from, to]: readonly [number, number]): number =>
    from + hash(seed, axis, edge, which) * (to - from);
  const side = hash(seed, axis, edge, 0) < 0.5 ? 1 : -1;
  const centre = 0.5 + vary(1, [-CENTRE_JITTER, CENTRE_JITTER]);
  const neck = vary(2, NECK);
  const head = vary(3, HEAD);
  const tall = head * vary(4, [0.92, 1.05]);
  const rise = vary(5, RISE);
  const skew = vary(6, [-SKEW, SKEW]);
  const dipIn = vary(7, [-DIP, DIP]);
  const dipOut = vary(8, [-DIP, DIP]);
  const neckIn = centre - neck;
  const neckOut = centre + neck;
  const top = centre + skew;
  // The shoulder runs past the neck's foot and turns back up through it, which is what makes the neck narrow.
  const foot = 0.045;
  const points = [
    [0, 0],
    [neckIn * 0.45, dipIn],
    [neckIn + 0.035, -0.022],
    [neckIn, foot],
    [neckIn - 0.022, foot + 0.042],
    [top - head, rise - tall * 0.5],
    [top - head, rise],
    [top - head, rise + tall * ROUND],
    [top - head * ROUND, rise + tall],
    [top, rise + tall],
    [top + head * ROUND, rise + tall],
    [top + head, rise + tall * ROUND],
    [top + head, rise],
    [top + head, rise - tall * 0.5],
    [neckOut + 0.022, foot + 0.042],
    [neckOut, foot],
    [neckOut - 0.035, -0.022],
    [1 - (1 - neckOut) * 0.45, dipOut],
    [1, 0],
  ] as const;
  return points.flatMap(([x, y]) => [x, y * side]);
}

/** Lays a unit shape between two points; without one, a straight line (written as one Bézier, so that all paths read alike). */
function curve(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  shape = [0, 0, 1 / 3, 0, 2 / 3, 0, 1, 0],
): Curve {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const laid: number[] = [];
  for (let i = 0; i < shape.length; i += 2) {
    const along = shape[i]!;
    const off = shape[i + 1]!;
    laid.push(x0 + dx * along + dy * off, y0 + dy * along - dx * off);
  }
  // Both ends exactly on the corners, whatever the rounding above did.
  laid[laid.length - 2] = x1;
  laid[laid.length - 1] = y1;
  return laid;
}
