/** Quick match: a table where somebody sits already, or a new one where the next who comes will. */
import { useState } from "react";
import type { PuzzleParams } from "../../puzzle/grid.ts";
import { puzzleRoom } from "../../puzzle/room.ts";
import { client } from "../room.ts";
import { navigate } from "../router.ts";

/** `params`: of the puzzle to be laid out where no table is open. `except`: a table that is not wanted. */
export function PlayWithSomeone({ params, except }: { params: PuzzleParams; except?: string }) {
  const [state, setState] = useState<"ready" | "looking" | "failed">("ready");
  const play = (): void => {
    setState("looking");
    client()
      .lobby(puzzleRoom)
      .quickMatch({}, { create: params, except: except === undefined ? [] : [except] })
      .then(
        ({ id }) => navigate(`/p/${id}`),
        () => setState("failed"),
      );
  };
  return (
    <>
      <button type="button" className="button large" data-testid="play" disabled={state === "looking"} onClick={play}>
        {state === "looking" ? "Looking for a table…" : "Play with someone"}
      </button>
      <p className="hint" role="status">
        {state === "failed"
          ? "No table could be found: try again, or start one of your own."
          : "You sit down where somebody plays in the open; if nobody does, the table is yours until they come."}
      </p>
    </>
  );
}
