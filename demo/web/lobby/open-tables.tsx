/** The tables that are open to all, live: who comes by can sit down at one. */
import { useEffect, useState } from "react";
import { createClient, type OpenRoom } from "coterie/client";
import type { PuzzleParams } from "../../puzzle/grid.ts";
import { puzzleRoom } from "../../puzzle/room.ts";
import { TableLink } from "./table-link.tsx";

const SHOWN = 6;

type OpenTable = OpenRoom<PuzzleParams>;

/** A client that only looks: the one that sits down is made later, with the name that is chosen by then. */
let looker: ReturnType<typeof createClient> | undefined;

export function OpenTables() {
  const [tables, setTables] = useState<readonly OpenTable[]>([]);
  useEffect(() => (looker ??= createClient({ host: location.origin })).lobby(puzzleRoom).watch(setTables), []);
  return (
    <section className="recent" aria-labelledby="open-title" data-testid="open-tables">
      <h2 id="open-title" className="label">
        Open tables
      </h2>
      {tables.length === 0 && <p className="hint">Nobody plays in the open just now: whoever comes next will find you.</p>}
      <ul aria-live="polite">
        {tables.slice(0, SHOWN).map(({ id, params, players, capacity }) => (
          <li key={id} data-testid={`open-${id}`}>
            <TableLink id={id} params={params}>
              {(params.cols * params.rows).toLocaleString("en")} pieces,{" "}
              {players >= capacity ? "full" : `${players} at the table`}
            </TableLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
