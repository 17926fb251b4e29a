/** A link to another page of the demo, which is shown without loading anything twice. */
import type { MouseEvent, ReactNode } from "react";
import { navigate } from "./router.ts";

export function PageLink({ to, className, children }: { to: string; className?: string; children: ReactNode }) {
  const go = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return; // in another tab or window
    event.preventDefault();
    navigate(to);
    scrollTo(0, 0);
  };
  return (
    <a href={to} className={className} onClick={go}>
      {children}
    </a>
  );
}
