/** The table's notes: one text that everyone at the table writes in, in the same room as the puzzle, on the same socket. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { usePerson, useRoom, useSelf } from "../room.ts";
import type { NotesEditor } from "./editor.ts";
import { readSignature, signatureOf } from "./signature.ts";

export function Notes() {
  useSignature();
  const [attempt, setAttempt] = useState(0);
  return (
    <div className="notes">
      <Editor key={attempt} again={() => setAttempt(attempt + 1)} />
      <Company />
      <p id="notes-keys" className="notes-keys hint">
        Tab leaves the text, Escape closes the drawer.
      </p>
    </div>
  );
}

function Editor({ again }: { again: () => void }) {
  const room = useRoom();
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"coming" | "open" | "failed">("coming");
  useEffect(() => {
    let made: NotesEditor | undefined;
    let current = true;
    import("./editor.ts").then(
      ({ createEditor }) => {
        if (!current || !host.current) return;
        made = createEditor(host.current, room);
        setState("open");
      },
      () => current && setState("failed"),
    );
    return () => {
      current = false;
      made?.destroy();
    };
  }, [room]);

  return (
    <div ref={host} className="notes-editor">
      {state === "coming" && <p className="notes-state hint">Opening the notes…</p>}
      {state === "failed" && (
        <div className="notes-state" role="alert">
          <p className="hint">The editor did not come through. What the table has written is safe.</p>
          <button type="button" className="button" onClick={again}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}

/** Shows who writes here, while the notes are open: to everyone in them, in the colour and under the name of the table. */
function useSignature(): void {
  const { awareness } = useRoom();
  const me = usePerson(useSelf(({ id }) => id) ?? 0);
  const { name, color, colorLight } = signatureOf(me);
  useEffect(() => {
    awareness.setLocalState({ ...awareness.getLocalState(), user: { name, color, colorLight } });
  }, [awareness, name, color, colorLight]);
  // A caret in notes that are closed would point for nobody.
  useEffect(() => () => awareness.setLocalState(null), [awareness]);
}

/** Who else has the notes open: in words, for those who do not see the carets. */
function Company() {
  const { awareness } = useRoom();
  const subscribe = useCallback(
    (changed: () => void) => {
      awareness.on("change", changed);
      return () => awareness.off("change", changed);
    },
    [awareness],
  );
  const names = useSyncExternalStore(subscribe, () =>
    [...awareness.getStates()]
      .filter(([client, state]) => client !== awareness.clientID && "user" in state)
      .map(([client, state]) => readSignature(client, state).name)
      .join(", "),
  );
  return (
    <p className="notes-company" data-testid="notes-company">
      {names === "" ? "Nobody else has the notes open." : `In the notes with you: ${names}.`}
    </p>
  );
}
