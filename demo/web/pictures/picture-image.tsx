/** A picture on the page, painted when it is first shown. */
import { useEffect, useRef, useState } from "react";
import { gridOf, type PuzzleParams } from "../../puzzle/grid.ts";
import { pictureOf } from "./index.ts";
import { paint } from "./painter.ts";

/** Small ones are kept: the lobby shows them again and again. */
const kept = new Map<string, Promise<ImageBitmap>>();
const KEPT_PIXELS = 800;

function painted(params: PuzzleParams, pixels: number): Promise<ImageBitmap> {
  if (pixels > KEPT_PIXELS) return paint(params, pixels);
  const key = `${params.cols}x${params.rows}/${params.picture}/${params.seed}/${pixels}`;
  const known = kept.get(key) ?? paint(params, pixels);
  kept.set(key, known);
  return known;
}

export function PictureImage({ params, pixels }: { params: PuzzleParams; pixels: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [ready, setReady] = useState(false);
  const { cols, rows, picture, seed } = params;
  useEffect(() => {
    let current = true;
    painted({ cols, rows, picture, seed }, pixels).then(
      (image) => {
        const target = canvas.current;
        if (!current || !target) return;
        target.width = image.width;
        target.height = image.height;
        target.getContext("2d")?.drawImage(image, 0, 0);
        setReady(true);
      },
      // Nothing to do: the picture's place stays a plain colour, its name is beside it.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [cols, rows, picture, seed, pixels]);
  const { width, height } = gridOf(params);
  return (
    <canvas
      ref={canvas}
      className="picture"
      data-ready={ready}
      style={{ aspectRatio: `${width} / ${height}` }}
      role="img"
      aria-label={pictureOf(params).name}
    />
  );
}
