/** Three kinds of page need no library: the path, and a way to change it. */
import { useSyncExternalStore } from "react";
import type { PuzzleParams } from "../puzzle/grid.ts";

const MOVED = "coterie-moved";

export function navigate(path: string): void {
  history.pushState(null, "", path);
  dispatchEvent(new Event(MOVED));
}

export const usePath = (): string =>
  useSyncExternalStore(
    (changed) => {
      addEventListener("popstate", changed);
      addEventListener(MOVED, changed);
      return () => {
        removeEventListener("popstate", changed);
        removeEventListener(MOVED, changed);
      };
    },
    () => location.pathname,
  );

/** Puzzles that this page has just started: what their rooms are to be made with. */
const started = new Map<string, PuzzleParams>();

export const paramsOfStarted = (id: string): PuzzleParams | undefined => started.get(id);

/** Makes a room, whose link nobody can guess, and goes there. */
export function startPuzzle(params: PuzzleParams, id = randomId()): void {
  started.set(id, params);
  navigate(`/p/${id}`);
}

function randomId(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => letters[byte % letters.length]).join("");
}

/** A room's id from whatever somebody pasted: a link, or the id alone. */
export function idFromLink(text: string): string | undefined {
  return /(?:^|\/p\/)([A-Za-z0-9_-]{1,32}(?::[A-Za-z0-9_-]{1,32}){0,3})\/?$/.exec(text.trim())?.[1];
}
