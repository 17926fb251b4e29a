/** The keys. */
import { useEffect, useRef } from "react";

const KEYS: readonly (readonly [string, string])[] = [
  ["Tab, arrows", "walk from piece to piece"],
  ["Enter", "lift, and put down"],
  ["Arrows", "move what you hold"],
  ["Shift + arrows", "move it further"],
  ["Escape", "put it back"],
  ["Shift + drag", "choose loose pieces, to move them together"],
  ["+ −", "zoom"],
  ["0", "show the whole table"],
  ["?", "these keys"],
];

export function KeysHelp({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="sheet" onClose={close} aria-labelledby="keys-title" data-testid="keys">
      <h2 id="keys-title">Keys</h2>
      <dl className="keys">
        {KEYS.map(([key, what]) => (
          <div key={what}>
            <dt>{key}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" className="button primary">
          Close
        </button>
      </form>
    </dialog>
  );
}
