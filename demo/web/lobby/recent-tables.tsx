/** The tables this device has sat at. */
import { useState } from "react";
import { CloseIcon } from "../icons.tsx";
import { pictureOf } from "../pictures/index.ts";
import { PictureImage } from "../pictures/picture-image.tsx";
import { forgetTable, recentTables } from "../recent.ts";
import { navigate } from "../router.ts";

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
              <a
                href={`/p/${id}`}
                onClick={(event) => {
                  event.preventDefault();
                  navigate(`/p/${id}`);
                }}
              >
                <PictureImage params={{ ...params, cols: 6, rows: 4 }} pixels={160} />
                <span>
                  <b>{pictureOf(params).name}</b>
                  <small>{joined >= count ? `${count} pieces, finished` : `${joined} of ${count}`}</small>
                </span>
              </a>
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
