/** Shown while something is on its way; after a while it offers a way out, so that nobody is left with it. */
import { useEffect, useState } from "react";
import { Mark } from "../icons.tsx";
import { navigate } from "../router.ts";

/** ms */
const PATIENCE = 8000;

export function Waiting({ text }: { text: string }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="waiting" role="status">
      <Mark />
      <p>{text}</p>
      {long && (
        <div className="trouble-ways">
          <p>This takes longer than it should; it is still being tried.</p>
          <button type="button" className="button" onClick={() => location.reload()}>
            Load again
          </button>
          <button type="button" className="button" onClick={() => navigate("/")}>
            To the lobby
          </button>
        </div>
      )}
    </main>
  );
}
