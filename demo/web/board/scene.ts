/** What a renderer is given to draw, and what it must offer. Canvas 2D today; a WebGL one would fit behind the same two calls. */
import type { Cut } from "../../puzzle/cut.ts";
import type { Camera, Rect } from "./camera.ts";
import type { Cursor } from "./cursors.ts";
import type { Person } from "./people.ts";
import type { Pieces } from "./pieces.ts";

export interface Look {
  readonly frameFill: string;
  readonly frameLine: string;
  readonly shadow: number;
  readonly focus: string;
}

/** A seam lighting up. */
export interface Glow {
  readonly path: Path2D;
  readonly bounds: Rect;
  readonly x: number;
  readonly y: number;
  /** 1 at the start, 0 at the end. */
  readonly strength: number;
}

/** Words on the table: who holds a cluster, or why it could not be taken. */
export interface Tag {
  readonly text: string;
  readonly person: Person;
  readonly x: number;
  readonly y: number;
  readonly alpha: number;
}

export interface Scene {
  readonly camera: Camera;
  readonly cut: Cut;
  readonly look: Look;
  readonly pieces: Pieces;
  readonly person: (id: number) => Person;
  readonly cursors: readonly Cursor[];
  readonly glows: readonly Glow[];
  readonly tags: readonly Tag[];
  /** Loose pieces without a straight edge are left out. */
  readonly edgesOnly: boolean;
  /** The cluster that the keyboard is on. */
  readonly focus: number | undefined;
  /** Loose pieces that are to be taken together, and the box that is being drawn around some. */
  readonly selected: readonly number[];
  readonly box: Rect | undefined;
  /** 0: a puzzle; 1: a picture, its seams closed. */
  readonly closed: number;
}

export interface Renderer {
  resize(width: number, height: number, ratio: number): void;
  /** Paints what rests: everything, or what lies within these rectangles of the table. */
  still(scene: Scene, dirty: "all" | readonly Rect[]): void;
  /** Paints what moves, over what it painted there last. */
  moving(scene: Scene): void;
  /** Spends a little time on better images; the pieces that changed by it. */
  refine(ms: number): readonly number[];
  /** Whether there are better images to make. */
  readonly unrefined: boolean;
}
