/** Whether the window is as narrow as a phone; the same width as in the style sheets. */
import { useSyncExternalStore } from "react";

const query = matchMedia("(max-width: 600px)");

export const useNarrow = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
