/** Asks the painting worker for pictures. */
import type { PuzzleParams } from "../../puzzle/grid.ts";
import type { PaintJob, PaintResult } from "./painter.worker.ts";

const waiting = new Map<number, { resolve(picture: ImageBitmap): void; reject(error: Error): void }>();
let worker: Worker | undefined;
let jobs = 0;

/** The picture, `pixels` along its longer side. */
export function paint(params: PuzzleParams, pixels: number): Promise<ImageBitmap> {
  worker ??= start();
  const job = ++jobs;
  const answer = new Promise<ImageBitmap>((resolve, reject) => waiting.set(job, { resolve, reject }));
  worker.postMessage({ job, params, pixels } satisfies PaintJob);
  return answer;
}

function start(): Worker {
  const made = new Worker(new URL("./painter.worker.ts", import.meta.url), { type: "module" });
  made.addEventListener("message", ({ data }: MessageEvent<PaintResult>) => {
    const job = waiting.get(data.job);
    waiting.delete(data.job);
    if ("picture" in data) job?.resolve(data.picture);
    else job?.reject(new Error(data.error));
  });
  made.addEventListener("error", (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message));
    waiting.clear();
    worker = undefined;
  });
  return made;
}
