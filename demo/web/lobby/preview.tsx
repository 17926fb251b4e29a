/** The chosen picture with its true cut, a few pieces still to be laid: what one is about to start. */
import { useEffect, useRef } from "react";
import { cutOf } from "../../puzzle/cut.ts";
import { CELL, gridOf, type PuzzleParams } from "../../puzzle/grid.ts";
import { hash } from "../../puzzle/seeded.ts";
import { outlines } from "../board/shapes.ts";
import { paint } from "../pictures/painter.ts";
import { pictureOf } from "../pictures/index.ts";

const PIXELS = 1100;
/** Room around the picture, of its width, for pieces that stick out. */
const ROOM = 0.05;
/** This part of the pieces is not laid yet, but at least three and at most nine. */
const ASTRAY = 0.05;

export function Preview({ params, ratio }: { params: PuzzleParams; ratio: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { cols, rows, picture, seed } = params;
  useEffect(() => {
    let current = true;
    paint({ cols, rows, picture, seed }, PIXELS).then(
      (image) => {
        if (current && canvas.current) draw(canvas.current, image, { cols, rows, picture, seed });
      },
      // The page does without: the names of picture and size say the same.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [cols, rows, picture, seed]);
  return (
    <figure className="preview" style={{ "--ratio": ratio }}>
      <canvas ref={canvas} role="img" aria-label={`${pictureOf(params).name}, cut into ${cols * rows} pieces`} />
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement, image: ImageBitmap, params: PuzzleParams): void {
  const grid = gridOf(params);
  const cut = cutOf(grid, params.seed);
  const outline = outlines(cut);
  const scale = PIXELS / grid.width;
  const room = grid.width * ROOM;
  canvas.width = Math.round((grid.width + 2 * room) * scale);
  canvas.height = Math.round((grid.height + 2 * room) * scale);
  const ink = canvas.getContext("2d");
  if (!ink) return;
  ink.scale(scale, scale);
  ink.translate(room, room);
  const astray = new Set<number>();
  const count = Math.max(3, Math.min(9, Math.round(grid.count * ASTRAY)));
  for (let i = 0; astray.size < count && i < 99; i++) astray.add(Math.floor(hash(params.seed, i, 77) * grid.count));

  const silhouette = new Path2D();
  for (let piece = 0; piece < grid.count; piece++) if (!astray.has(piece)) silhouette.addPath(outline(piece));
  ink.save();
  ink.shadowColor = "rgb(0 0 0 / .38)";
  ink.shadowBlur = 22;
  ink.shadowOffsetY = 8;
  ink.fill(silhouette);
  ink.restore();
  ink.save();
  ink.clip(silhouette);
  ink.drawImage(image, 0, 0, grid.width, grid.height);
  seams(ink, silhouette, scale);
  ink.restore();

  for (const piece of astray) {
    const x = ((piece % grid.cols) + 0.5) * CELL;
    const y = (Math.floor(piece / grid.cols) + 0.5) * CELL;
    const away = (which: number): number => (hash(params.seed, piece, which) - 0.5) * CELL;
    ink.save();
    ink.translate(x + away(1) * 0.75, y + away(2) * 0.75);
    ink.rotate((away(3) / CELL) * 0.5);
    ink.translate(-x, -y);
    ink.save();
    ink.shadowColor = "rgb(0 0 0 / .5)";
    ink.shadowBlur = 18;
    ink.shadowOffsetY = 9;
    ink.fill(outline(piece));
    ink.restore();
    ink.clip(outline(piece));
    ink.drawImage(image, 0, 0, grid.width, grid.height);
    seams(ink, outline(piece), scale);
    ink.restore();
  }
}

function seams(ink: CanvasRenderingContext2D, path: Path2D, scale: number): void {
  const edge = 1.6 / scale;
  ink.lineWidth = edge;
  ink.save();
  ink.translate(edge * 0.4, edge * 0.4);
  ink.strokeStyle = "rgb(255 255 255 / .38)";
  ink.stroke(path);
  ink.translate(edge * -0.8, edge * -0.8);
  ink.strokeStyle = "rgb(20 12 6 / .4)";
  ink.stroke(path);
  ink.restore();
}
