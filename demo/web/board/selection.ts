/** Loose pieces that were chosen with a box drawn around them: to be taken together. */
import { homeOf, isBorder } from "../../puzzle/grid.ts";
import type { Point } from "../../puzzle/grid.ts";
import type { Rect } from "./camera.ts";
import type { Pieces } from "./pieces.ts";

/** Each of them is an action of its own, and a stream. */
const MOST = 60;

export class Selection {
  readonly #pieces: Pieces;
  #chosen: readonly number[] = [];
  /** While it is drawn. */
  box: Rect | undefined;
  #from: Point = { x: 0, y: 0 };

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  /** Those that are still loose, and in nobody else's hand. */
  groups(me: number): readonly number[] {
    return this.#chosen.filter((group) => {
      const row = this.#pieces.row(group);
      return row?.size === 1 && (row.heldBy === 0 || row.heldBy === me);
    });
  }

  start(at: Point): void {
    this.#from = at;
    this.#chosen = [];
  }

  drawTo(at: Point, edgesOnly: boolean): void {
    const { x, y } = this.#from;
    const box = { left: Math.min(x, at.x), right: Math.max(x, at.x), top: Math.min(y, at.y), bottom: Math.max(y, at.y) };
    this.box = box;
    const { grid } = this.#pieces;
    const within = (group: number): boolean => {
      const shown = this.#pieces.members(group).length === 1 && this.#pieces.shown(group);
      if (!shown || (edgesOnly && !isBorder(grid, group))) return false;
      const home = homeOf(grid, group);
      const [middleX, middleY] = [home.x + shown.x, home.y + shown.y];
      return middleX > box.left && middleX < box.right && middleY > box.top && middleY < box.bottom;
    };
    this.#chosen = this.#pieces.order.filter(within).slice(-MOST);
  }

  end(): void {
    this.box = undefined;
  }

  clear(): void {
    this.#chosen = [];
  }
}
