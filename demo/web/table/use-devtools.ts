/** What goes on between the page and its room, behind `?devtools`; loaded only then. */
import { useEffect } from "react";
import type { PuzzleRoom } from "../board/people.ts";
import { debug } from "../room.ts";

export function useDevtools(room: PuzzleRoom): void {
  useEffect(() => {
    if (!debug) return;
    let remove: (() => void) | undefined;
    let current = true;
    import("coterie/client/devtools").then(
      ({ devtools }) => {
        if (current) remove = devtools(room, { debug });
      },
      (error: unknown) => console.error("the devtools could not be loaded", error),
    );
    return () => {
      current = false;
      remove?.();
    };
  }, [room]);
}
