/** Who sits at the table: the first six, and how many more. One's own face opens name and colour. */
import { useState } from "react";
import { MeEditor } from "../me-editor.tsx";
import { useNarrow } from "../narrow.ts";
import { useOtherIds, usePerson, useSelf } from "../room.ts";

const SHOWN = 6;
const SHOWN_NARROW = 3;

/** Two letters at most: the first of each word. */
const initials = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 63).toUpperCase())
    .join("") || "?";

export function Faces() {
  const others = useOtherIds();
  const me = useSelf(({ id }) => id);
  const shown = others.slice(0, (useNarrow() ? SHOWN_NARROW : SHOWN) - 1);
  return (
    <div className="faces" data-testid="faces" data-count={others.length + (me === null ? 0 : 1)}>
      {shown.toReversed().map((id) => (
        <Face key={id} id={id} />
      ))}
      {others.length > shown.length && <span className="face more">+{others.length - shown.length}</span>}
      {me !== null && <OwnFace id={me} />}
    </div>
  );
}

function Face({ id }: { id: number }) {
  const { name, colour } = usePerson(id);
  return (
    <span className="face" style={{ "--face": colour.deep }} title={name} role="img" aria-label={name}>
      {initials(name)}
    </span>
  );
}

function OwnFace({ id }: { id: number }) {
  const { name, colour } = usePerson(id);
  const [editing, setEditing] = useState(false);
  return (
    <>
      <button
        type="button"
        className="face own"
        style={{ "--face": colour.deep }}
        title={`${name} (you)`}
        aria-label={`${name}, you: change name and colour`}
        aria-expanded={editing}
        onClick={() => setEditing(!editing)}
        data-testid="own-face"
      >
        {initials(name)}
      </button>
      {editing && (
        <div className="popover" onKeyDown={(event) => event.key === "Escape" && setEditing(false)}>
          <MeEditor />
          <button type="button" className="button" onClick={() => setEditing(false)}>
            Done
          </button>
        </div>
      )}
    </>
  );
}
