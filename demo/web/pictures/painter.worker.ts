/** Paints pictures beside the page, which must not stand still meanwhile. */
import type { PuzzleParams } from "../../puzzle/grid.ts";
import { paintPicture } from "./index.ts";

export interface PaintJob {
  readonly job: number;
  readonly params: PuzzleParams;
  readonly pixels: number;
}
export type PaintResult =
  | { readonly job: number; readonly picture: ImageBitmap }
  | { readonly job: number; readonly error: string };

addEventListener("message", ({ data }: MessageEvent<PaintJob>) => {
  try {
    const picture = paintPicture(data.params, data.pixels).transferToImageBitmap();
    postMessage({ job: data.job, picture } satisfies PaintResult, { transfer: [picture] });
  } catch (error) {
    postMessage({ job: data.job, error: String(error) } satisfies PaintResult);
  }
});
