/** A table as functions without a state of their own keep it: all of it as one JSON text, the cut of the pieces included. */
import { cutOf } from "../../demo/puzzle/cut.ts";
import { gridOf } from "../../demo/puzzle/grid.ts";

export interface Piece {
  x: number;
  y: number;
  /** How often it was moved. */
  moves: number;
  /** As a path, in whole units. */
  readonly outline: readonly number[];
}

export interface Table {
  readonly pieces: Piece[];
}

/** With outlines it is some 4 MB of JSON. */
export const GRID = { cols: 100, rows: 60 };

export function newTable(): Table {
  const grid = gridOf(GRID);
  const cut = cutOf(grid, 7);
  return {
    pieces: Array.from({ length: grid.count }, (_, piece) => ({
      x: 0,
      y: 0,
      moves: 0,
      outline: cut.outline(piece).map(Math.round),
    })),
  };
}

export interface Move {
  readonly piece: number;
  readonly x: number;
  readonly y: number;
}
