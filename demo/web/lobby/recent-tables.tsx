/** The tables this device has sat at. */
import { useState } from "react";
import { CloseIcon } from "../icons.tsx";
import { pictureOf } from "../pictures/index.ts";
import { forgetTable, recentTables } from "../recent.ts";
import { TableLink } from "./table-link.tsx";

export function RecentTables() {
  const [tables, setTables] = useState(recentTables);
  if (tables.length === 0) return null;
  return (
    <section className="recent" aria-labelledby="recent-title">
      <h2 id="recent-title" className="label">
        Your tables
      </h2>
      <ul>
        {tables.map(({ id, params, joined }) => {
          const count = params.cols * params.rows;
          return (
            <li key={id}>
              <TableLink id={id} params={params}>
                {joined >= count ? `${count} pieces, finished` : `${joined} of ${count}`}
              </TableLink>
              <button
                type="button"
                className="tool"
                aria-label={`Forget ${pictureOf(params).name}`}
                onClick={() => {
                  forgetTable(id);
                  setTables(recentTables());
                }}
              >
                <CloseIcon />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
