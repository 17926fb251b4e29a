/** How much of the window the keyboard on a phone's screen covers from below, in px: browsers shrink only what is looked at, not the page. */
import { useSyncExternalStore } from "react";

const covered = (): number => {
  const seen = window.visualViewport;
  // Zoomed in by hand, the page is seen in part as well, with no keyboard.
  if (!seen || seen.scale > 1.01) return 0;
  return Math.max(0, Math.round(innerHeight - seen.height - seen.offsetTop));
};

export const useKeyboardHeight = (): number =>
  useSyncExternalStore((changed) => {
    visualViewport?.addEventListener("resize", changed);
    visualViewport?.addEventListener("scroll", changed);
    return () => {
      visualViewport?.removeEventListener("resize", changed);
      visualViewport?.removeEventListener("scroll", changed);
    };
  }, covered);
