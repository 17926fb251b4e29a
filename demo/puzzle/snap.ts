/** What happens where a cluster is put down: it sits down in the frame, and holds on to neighbours that lie right. */
import { isBorder, neighboursOf, type Grid, type Point } from "./grid.ts";
import type { PuzzleState } from "./state.ts";

/** How far off, in units on each axis, a piece may lie and still fit: about a quarter of a piece. */
export const SNAP = 24;

/**
 * Joins the cluster to all neighbours that lie right, and those to theirs, until nothing more fits. The smaller becomes
 * part of the larger; the one that lay still keeps its place. A cluster in anybody's hand is left alone: it joins when
 * it is put down itself. Returns the joins made, and the cluster that came of it.
 */
export function settle(state: PuzzleState, grid: Grid, id: number): { joins: number; group: number } {
  let group = id;
  let joins = 0;
  for (;;) {
    seat(state, grid, group);
    const next = fitting(state, grid, group);
    if (next === undefined) return { joins, group };
    group = merge(state, group, next);
    joins++;
  }
}

/** A cluster with a straight edge sits down in the frame when it is put down in its place. */
function seat(state: PuzzleState, grid: Grid, id: number): void {
  const group = state.groups.get(id);
  if (!group || (group.x === 0 && group.y === 0) || !near(group, { x: 0, y: 0 })) return;
  for (const piece of state.pieces.where("group", id)) {
    if (!isBorder(grid, piece.id)) continue;
    group.x = 0;
    group.y = 0;
    return;
  }
}

/** Some other cluster that lies where it fits this one. */
function fitting(state: PuzzleState, grid: Grid, id: number): number | undefined {
  const group = state.groups.get(id);
  if (!group) return undefined;
  for (const piece of state.pieces.where("group", id)) {
    for (const beside of neighboursOf(grid, piece.id)) {
      const around = state.pieces.get(beside)?.group ?? id;
      if (around === id) continue; // so it is with nearly all pieces of a large cluster
      const other = state.groups.get(around);
      if (other && other.heldBy === 0 && near(group, other)) return other.id;
    }
  }
  return undefined;
}

function merge(state: PuzzleState, moved: number, still: number): number {
  const a = state.groups.get(moved);
  const b = state.groups.get(still);
  if (!a || !b) return moved;
  const [keep, gone] = a.size > b.size ? [a, b] : [b, a];
  keep.x = b.x;
  keep.y = b.y;
  keep.z = Math.max(a.z, b.z);
  keep.size = a.size + b.size;
  for (const piece of [...state.pieces.where("group", gone.id)]) piece.group = keep.id;
  state.groups.delete(gone.id);
  return keep.id;
}

const near = (a: Point, b: Point): boolean => Math.abs(a.x - b.x) <= SNAP && Math.abs(a.y - b.y) <= SNAP;
