/** What happened, and the way out. */
import type { ReactNode } from "react";
import { Mark } from "../icons.tsx";
import { navigate } from "../router.ts";

export function Trouble({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <main className="trouble" data-testid="trouble">
      <Mark />
      <h1>{title}</h1>
      <p>{text}</p>
      <div className="trouble-ways">
        {children}
        <button type="button" className="button" onClick={() => navigate("/")} data-testid="to-lobby">
          To the lobby
        </button>
      </div>
    </main>
  );
}
