/** Where loose pieces lie: strewn around the frame at the start, and brought back there when they are in the way. */
import { homeOf, onTable, PITCH, slotsOf, underFrame, type Grid, type Point } from "./grid.ts";
import type { PuzzleState } from "./state.ts";

/** How far a piece may lie from the middle of its slot. */
const STRAY = 11;

/** A place for every piece, in the order of the pieces. */
export function scatter(grid: Grid, random: () => number): Point[] {
  const slots = slotsOf(grid);
  for (let i = slots.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [slots[i], slots[j]] = [slots[j]!, slots[i]!];
  }
  const stray = (): number => (random() - 0.5) * 2 * STRAY;
  return slots.slice(0, grid.count).map((slot, piece) => place(grid, piece, { x: slot.x + stray(), y: slot.y + stray() }));
}

/** Brings loose pieces that lie in the frame, but not where they belong, to free slots around it. Returns how many. */
export function gather(state: PuzzleState, grid: Grid): number {
  const slots = slotsOf(grid);
  const taken = new Set<string>();
  const inTheWay: number[] = [];
  for (const piece of state.pieces) {
    const group = state.groups.get(piece.group);
    if (!group) continue;
    const home = homeOf(grid, piece.id);
    const x = home.x + group.x;
    const y = home.y + group.y;
    const seated = group.x === 0 && group.y === 0;
    if (group.size === 1 && group.heldBy === 0 && !seated && underFrame(grid, x, y)) inTheWay.push(piece.id);
    else taken.add(slotKey(grid, x, y));
  }
  const free = slots.filter((slot) => !taken.has(slotKey(grid, slot.x, slot.y)));
  let moved = 0;
  for (const piece of inTheWay) {
    const group = state.groups.get(piece);
    const slot = free[moved];
    if (!group || !slot) break;
    const at = place(grid, piece, slot);
    group.x = at.x;
    group.y = at.y;
    moved++;
  }
  return moved;
}

const slotKey = (grid: Grid, x: number, y: number): string =>
  `${Math.floor((x + grid.halfWidth) / PITCH)},${Math.floor((y + grid.halfHeight) / PITCH)}`;

function place(grid: Grid, piece: number, middle: Point): Point {
  const home = homeOf(grid, piece);
  return onTable(grid, piece, { x: middle.x - home.x, y: middle.y - home.y });
}
