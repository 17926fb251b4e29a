/** The list of what happened, newest first. */
import { usePerson } from "../room.ts";
import type { Happening } from "./activity.ts";

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function ActivityList({ list }: { list: readonly Happening[] }) {
  if (list.length === 0) return <p className="hint">Nothing has happened yet since you sat down.</p>;
  return (
    <ol className="activity" data-testid="activity">
      {list.map((happening) => (
        <Line key={happening.key} happening={happening} />
      ))}
    </ol>
  );
}

function Line({ happening: { by, text, at } }: { happening: Happening }) {
  const { name, colour } = usePerson(by);
  return (
    <li>
      <span className="dot" style={{ background: colour.vivid }} />
      <span>
        <b>{name}</b> {text}
      </span>
      <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time>
    </li>
  );
}
