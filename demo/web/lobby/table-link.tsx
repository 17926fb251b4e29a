/** A table in a list: its picture, and what there is to say of it. A click sits down there. */
import type { ReactNode } from "react";
import type { PuzzleParams } from "../../puzzle/grid.ts";
import { pictureOf } from "../pictures/index.ts";
import { PictureImage } from "../pictures/picture-image.tsx";
import { navigate } from "../router.ts";

export function TableLink({ id, params, children }: { id: string; params: PuzzleParams; children: ReactNode }) {
  return (
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
        <small>{children}</small>
      </span>
    </a>
  );
}
