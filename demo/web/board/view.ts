/** For the console and for tests: what is on the screen, in numbers. A debugging aid, no part of the demo's own works. */
import { homeOf, type Point } from "../../puzzle/grid.ts";
import type { Eye } from "./eye.ts";
import type { Pieces } from "./pieces.ts";

export interface BoardView {
  /** From the table's units to CSS pixels of the window. */
  worldToScreen(x: number, y: number): Point;
  screenToWorld(x: number, y: number): Point;
  /** The topmost cluster at a point of the window. */
  clusterAt(x: number, y: number): number | undefined;
  /** A cluster as it was last drawn: how far from home, and in whose hand. */
  cluster(id: number): { x: number; y: number; heldBy: number } | undefined;
  /** The middle of a piece as it was last drawn, in CSS pixels of the window. */
  pieceOnScreen(piece: number): Point;
  /** How many frames were drawn so far. */
  readonly frames: number;
  /** What a frame costs in script, in ms: a running mean. */
  readonly frameMs: number;
  /** There are better images of pieces to be made. */
  readonly unrefined: boolean;
}

export function boardView(
  host: HTMLElement,
  eye: Eye,
  pieces: Pieces,
  hit: (at: Point) => number | undefined,
  drawn: { readonly frames: number; readonly cost: number },
  unrefined: () => boolean,
): BoardView {
  const fromHost = ({ x, y }: Point): Point => {
    const box = host.getBoundingClientRect();
    return { x: x + box.left, y: y + box.top };
  };
  const toHost = ({ x, y }: Point): Point => {
    const box = host.getBoundingClientRect();
    return { x: x - box.left, y: y - box.top };
  };
  return {
    worldToScreen: (x, y) => fromHost(eye.toScreen({ x, y })),
    screenToWorld: (x, y) => eye.toWorld(toHost({ x, y })),
    clusterAt: (x, y) => hit(eye.toWorld(toHost({ x, y }))),
    cluster(id) {
      const at = pieces.shown(id);
      const mover = pieces.moverOf(id);
      return at && { x: at.x, y: at.y, heldBy: mover ? mover.holder : (pieces.row(id)?.heldBy ?? 0) };
    },
    pieceOnScreen(piece) {
      const at = pieces.moverOf(piece) ?? pieces.restOf(piece);
      const home = homeOf(pieces.grid, piece);
      return fromHost(eye.toScreen({ x: home.x + at.x, y: home.y + at.y }));
    },
    get frames() {
      return drawn.frames;
    },
    get frameMs() {
      return drawn.cost;
    },
    get unrefined() {
      return unrefined();
    },
  };
}
