/** A whole cluster as one image, for the moving layer: however many pieces it has, moving it copies one rectangle. */
import type { Cut } from "../../puzzle/cut.ts";
import { CELL } from "../../puzzle/grid.ts";
import type { Rect } from "./camera.ts";
import { boundsOf, silhouette } from "./shapes.ts";
import { SPRITE_UNITS, type SpriteStore } from "./sprites.ts";

export interface ClusterImage {
  readonly image: OffscreenCanvas;
  /** The part of the picture that the image covers, with room for shadow and outline. */
  readonly area: Rect;
  readonly bucket: number;
  readonly rim: string | undefined;
}

/** Room around the cluster for the shadow of a lifted one, in units. */
const ROOM = 40;
/** Canvases larger than this on a side are slow or refused; big clusters are drawn coarser instead. */
const MOST_PIXELS = 2600;

/** The outline's width in units, and at least in pixels. */
const OUTLINE = 5;
const OUTLINE_PIXELS = 2.6;

/** `rim`: the colour of the holder's outline, if any. */
export function clusterImage(
  cut: Cut,
  store: SpriteStore,
  pieces: readonly number[],
  bucket: number,
  rim: string | undefined,
): ClusterImage {
  const bounds = boundsOf(cut.grid, pieces);
  const area = { left: bounds.left - ROOM, top: bounds.top - ROOM, right: bounds.right + ROOM, bottom: bounds.bottom + ROOM };
  const width = area.right - area.left;
  const height = area.bottom - area.top;
  let scale = bucket;
  while (Math.max(width, height) * scale > MOST_PIXELS) scale /= 2;
  const image = new OffscreenCanvas(Math.ceil(width * scale), Math.ceil(height * scale));
  const ink = image.getContext("2d");
  if (!ink) throw new Error("this browser gives no 2D canvas");
  const outline = silhouette(cut, pieces);
  ink.scale(scale, scale);
  ink.translate(-area.left, -area.top);

  ink.save();
  ink.shadowColor = "rgb(0 0 0 / .5)";
  ink.shadowBlur = 20 * scale;
  ink.shadowOffsetX = 5 * scale;
  ink.shadowOffsetY = 13 * scale;
  ink.fill(outline);
  ink.restore();

  const around = (SPRITE_UNITS - CELL) / 2;
  for (const piece of pieces) {
    const { body } = store.need(piece, scale);
    const left = (piece % cut.grid.cols) * CELL - around;
    const top = Math.floor(piece / cut.grid.cols) * CELL - around;
    ink.drawImage(body.sheet, body.x, body.y, body.size, body.size, left, top, SPRITE_UNITS, SPRITE_UNITS);
  }
  if (rim !== undefined) {
    ink.lineJoin = "round";
    ink.lineWidth = Math.max(OUTLINE, OUTLINE_PIXELS / scale);
    ink.strokeStyle = rim;
    ink.stroke(outline);
  }
  return { image, area, bucket, rim };
}
