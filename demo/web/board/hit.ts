/** Which cluster is under a point of the table. */
import { CELL, isBorder, type Point } from "../../puzzle/grid.ts";
import type { Mover } from "./mover.ts";
import type { Pieces } from "./pieces.ts";

/** Answers by the pieces' true outlines; `slack` (units) forgives a finger that just misses a small piece. */
export function hitTest(
  pieces: Pieces,
  outline: (piece: number) => Path2D,
): (at: Point, edgesOnly: boolean, slack?: number) => number | undefined {
  const { grid } = pieces;
  const ink = new OffscreenCanvas(1, 1).getContext("2d")!;

  /**
   * Whether a piece of this cluster, moved by `mover` or at rest, is under a point when it is shown at `shownAt`: the one
   * whose cell it is, or a neighbour with a knob there.
   */
  function covers(group: number, mover: Mover | undefined, at: Point, shownAt: Point): boolean {
    const x = at.x - shownAt.x + grid.width / 2;
    const y = at.y - shownAt.y + grid.height / 2;
    const col = Math.floor(x / CELL);
    const row = Math.floor(y / CELL);
    for (let r = row - 1; r <= row + 1; r++)
      for (let c = col - 1; c <= col + 1; c++) {
        if (c < 0 || r < 0 || c >= grid.cols || r >= grid.rows) continue;
        const piece = r * grid.cols + c;
        if (pieces.groupOf(piece) !== group || pieces.moverOf(piece) !== mover) continue;
        if (ink.isPointInPath(outline(piece), x, y)) return true;
      }
    return false;
  }

  /** From the top, as it is drawn: what moves, then what rests. */
  const exact = (at: Point, edgesOnly: boolean): number | undefined => {
    for (const mover of pieces.moving.toReversed()) {
      const group = pieces.groupOf(mover.pieces[0]!);
      if (covers(group, mover, at, mover)) return group;
    }
    for (let i = pieces.order.length - 1; i >= 0; i--) {
      const group = pieces.order[i]!;
      const members = pieces.members(group);
      if (edgesOnly && members.length === 1 && !isBorder(grid, members[0]!)) continue;
      const lying = members.find((piece) => !pieces.moverOf(piece));
      if (lying !== undefined && covers(group, undefined, at, pieces.restOf(lying))) return group;
    }
    return undefined;
  };

  return (at, edgesOnly, slack = 0) => {
    const found = exact(at, edgesOnly);
    if (found !== undefined || slack === 0) return found;
    for (let i = 0; i < 8; i++) {
      const angle = (i / 8) * Math.PI * 2;
      const near = exact({ x: at.x + Math.cos(angle) * slack, y: at.y + Math.sin(angle) * slack }, edgesOnly);
      if (near !== undefined) return near;
    }
    return undefined;
  };
}
