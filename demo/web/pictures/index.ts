/** The pictures one can choose from. A room stores the number, so the order is for ever. */
import { gridOf, type PuzzleParams } from "../../puzzle/grid.ts";
import { paintCity } from "./city.ts";
import { paintGlass } from "./glass.ts";
import type { Paint } from "./ink.ts";
import { paintMeadow } from "./meadow.ts";
import { paintRidges } from "./ridges.ts";
import { paintTopographic } from "./topographic.ts";
import { paintWaves } from "./waves.ts";

export interface Picture {
  readonly name: string;
  readonly paint: Paint;
}

export const PICTURES: readonly [Picture, ...Picture[]] = [
  { name: "Ridges at dusk", paint: paintRidges },
  { name: "City of lit windows", paint: paintCity },
  { name: "Topographic map", paint: paintTopographic },
  { name: "Waves", paint: paintWaves },
  { name: "Stained glass", paint: paintGlass },
  { name: "Meadow", paint: paintMeadow },
];

/** A room may name a picture that this page does not have (yet): then the first. */
export const pictureOf = (params: Pick<PuzzleParams, "picture">): Picture => PICTURES[params.picture] ?? PICTURES[0];

/** All pictures are drawn in a space this high. */
const SPACE = 1000;

/** The picture, `pixels` along its longer side. The same params give the same picture, at any size. */
export function paintPicture(params: PuzzleParams, pixels: number): OffscreenCanvas {
  const { width, height } = gridOf(params);
  const scale = pixels / Math.max(width, height);
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const ink = canvas.getContext("2d");
  if (!ink) throw new Error("this browser gives no 2D canvas");
  ink.scale(canvas.height / SPACE, canvas.height / SPACE);
  pictureOf(params).paint(ink, (SPACE * canvas.width) / canvas.height, SPACE, params.seed);
  return canvas;
}
