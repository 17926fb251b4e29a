/**
 * When to kill. A random instant seldom falls into the milliseconds that matter, so most kills wait for one of them:
 * someone has just been told something (was it durable?), or a row is just being written (will its answers come twice?).
 */
import { existsSync, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const INSTANTS = ["any", "told", "writing"] as const;
export type Instant = (typeof INSTANTS)[number];

export interface Moments {
  /** Calls `happened` as soon as a frame comes. Returns its own end. */
  onFrame(happened: () => void): () => void;
  /** Where rows are written. */
  readonly folder: string;
}

/** An instant that does not come is not waited for longer than this, in ms: the room may not even be there yet. */
const WITHIN_MS = 300;

/** Lets the load run for `afterMs`, then waits for the instant and calls `kill` right in it. */
export async function killAt(instant: Instant, afterMs: number, moments: Moments, kill: () => void): Promise<void> {
  await sleep(afterMs);
  if (instant === "any") return kill();
  await new Promise<void>((resolve) => {
    let over = false;
    const happened = (): void => {
      if (over) return;
      over = true;
      kill(); // first of all: each line before it is time for the server
      clearTimeout(late);
      stop();
      resolve();
    };
    const late = setTimeout(happened, WITHIN_MS);
    const stop = instant === "told" ? moments.onFrame(happened) : onWrite(moments.folder, happened);
  });
}

function onWrite(folder: string, happened: () => void): () => void {
  if (!existsSync(folder)) return () => {};
  const watcher = watch(folder, happened);
  return () => watcher.close();
}
