/**
 * Where things are: the picture's grid, the frame in the middle of the table, and the slots around it. Pure arithmetic,
 * the same in the room and in the page.
 *
 * One unit is a hundredth of a piece's edge. The origin is the middle of the frame. A cluster's position is how far it
 * lies from where it belongs: (0, 0) is home, and two clusters fit each other when their positions are the same.
 *
 * Range: positions travel as i16 (±32,767). 1,000 pieces (40 × 25) have a table of 7,500 × 4,800 units, so positions
 * stay within ±5,880; 10,000 (125 × 80) have one of 23,550 × 14,850, so within ±18,155. Both fit.
 */

/** What a puzzle is made with; the room's params. */
export interface PuzzleParams {
  readonly cols: number;
  readonly rows: number;
  /** Index into the pictures the page can draw. */
  readonly picture: number;
  /** Decides the cut, the scatter and the details of the picture. */
  readonly seed: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Grid {
  readonly cols: number;
  readonly rows: number;
  readonly count: number;
  /** The picture's size in units. */
  readonly width: number;
  readonly height: number;
  /** The table reaches from -halfWidth to halfWidth, and likewise down. */
  readonly halfWidth: number;
  readonly halfHeight: number;
}

/** The edge of a piece, in units. */
export const CELL = 100;
/** From one slot to the next: a piece with two knobs (1.52 cells) does not touch its neighbours. */
export const PITCH = 150;
/** Slots keep this far from the frame, so that no loose piece starts under it. */
const FRAME_MARGIN = 95;
/** A piece's middle may lie this far beyond the slots, so that even the outermost loose piece can be joined from outside. */
export const RIM = 130;
/** The table's shape: that of a common screen. */
const TABLE_ASPECT = 1.6;
/** A few slots more than pieces, so that the scatter has gaps and `gather` finds room. */
const SPARE_SLOTS = 1.08;

export const MAX_PIECES = 10_000;
/** The sizes that the page offers. */
export const SIZES: readonly { readonly pieces: number; readonly cols: number; readonly rows: number }[] = [
  { pieces: 24, cols: 6, rows: 4 },
  { pieces: 100, cols: 10, rows: 10 },
  { pieces: 300, cols: 20, rows: 15 },
  { pieces: 500, cols: 25, rows: 20 },
  { pieces: 1000, cols: 40, rows: 25 },
  { pieces: 2000, cols: 50, rows: 40 },
  { pieces: 5000, cols: 100, rows: 50 },
  { pieces: 10_000, cols: 125, rows: 80 },
];
/** So many of them are for an evening; those behind are for a week, and the page hides them until they are asked for. */
export const EVENING_SIZES = 5;

export function gridOf({ cols, rows }: Pick<PuzzleParams, "cols" | "rows">): Grid {
  const width = cols * CELL;
  const height = rows * CELL;
  const { across, down } = lattice(width, height, cols * rows);
  return { cols, rows, count: cols * rows, width, height, halfWidth: (across * PITCH) / 2, halfHeight: (down * PITCH) / 2 };
}

/** The middle of a piece's home. */
export function homeOf(grid: Grid, piece: number): Point {
  const col = piece % grid.cols;
  const row = Math.floor(piece / grid.cols);
  return { x: (col + 0.5) * CELL - grid.width / 2, y: (row + 0.5) * CELL - grid.height / 2 };
}

/** The pieces that share an edge with this one. */
export function neighboursOf(grid: Grid, piece: number): number[] {
  const col = piece % grid.cols;
  const near: number[] = [];
  if (piece >= grid.cols) near.push(piece - grid.cols);
  if (col < grid.cols - 1) near.push(piece + 1);
  if (piece + grid.cols < grid.count) near.push(piece + grid.cols);
  if (col > 0) near.push(piece - 1);
  return near;
}

/** Whether the piece has a straight edge. */
export function isBorder(grid: Grid, piece: number): boolean {
  const col = piece % grid.cols;
  return col === 0 || col === grid.cols - 1 || piece < grid.cols || piece + grid.cols >= grid.count;
}

/** The places around the frame where loose pieces lie: their middles, row by row. */
export function slotsOf(grid: Grid): Point[] {
  const slots: Point[] = [];
  for (let y = PITCH / 2 - grid.halfHeight; y < grid.halfHeight; y += PITCH)
    for (let x = PITCH / 2 - grid.halfWidth; x < grid.halfWidth; x += PITCH) if (!underFrame(grid, x, y)) slots.push({ x, y });
  return slots;
}

/** The nearest position that leaves the piece's middle on the table, rim and all. */
export function onTable(grid: Grid, piece: number, at: Point): Point {
  const home = homeOf(grid, piece);
  const limit = (value: number, from: number, half: number): number =>
    Math.round(Math.max(-half - RIM - from, Math.min(half + RIM - from, value)));
  return { x: limit(at.x, home.x, grid.halfWidth), y: limit(at.y, home.y, grid.halfHeight) };
}

export const underFrame = (grid: Pick<Grid, "width" | "height">, x: number, y: number): boolean =>
  Math.abs(x) < grid.width / 2 + FRAME_MARGIN && Math.abs(y) < grid.height / 2 + FRAME_MARGIN;

/** How many slots across and down: grown from the frame outwards, towards the table's shape, until all pieces have one. */
function lattice(width: number, height: number, count: number): { across: number; down: number } {
  let across = Math.ceil((width + 2 * FRAME_MARGIN) / PITCH);
  let down = Math.ceil((height + 2 * FRAME_MARGIN) / PITCH);
  // Counting is exact only when done slot by slot; the frame hides a whole rectangle of them, so count that instead.
  const hidden = (slots: number, half: number): number => {
    let covered = 0;
    for (let i = 0; i < slots; i++) if (Math.abs((i + 0.5) * PITCH - (slots * PITCH) / 2) < half + FRAME_MARGIN) covered++;
    return covered;
  };
  while (across * down - hidden(across, width / 2) * hidden(down, height / 2) < count * SPARE_SLOTS) {
    if (across / down < TABLE_ASPECT) across++;
    else down++;
  }
  return { across, down };
}
