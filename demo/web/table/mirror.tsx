/** What the canvas shows, in words: for readers of the page that cannot see it. */
import { personOf } from "../board/people.ts";
import { useGame, useOtherIds, useRoom } from "../room.ts";

export function Mirror({ said, joined, count }: { said: string; joined: number; count: number }) {
  const room = useRoom();
  const others = useOtherIds();
  const names = others.map((id) => personOf(room, id).name).join(", ");
  const held = useGame(({ groups }) =>
    [...groups]
      .filter(({ heldBy }) => heldBy !== 0)
      .map(({ heldBy, size }) => `${personOf(room, heldBy).name} holds ${size === 1 ? "a piece" : `a cluster of ${size}`}`)
      .join("; "),
  );
  const clusters = useGame(({ groups }) =>
    [...groups]
      .map(({ size }) => size)
      .filter((size) => size > 1)
      .sort((a, b) => b - a)
      .join(", "),
  );
  return (
    <div className="unseen">
      <p>
        {joined} of {count} pieces joined. {clusters === "" ? "No clusters yet." : `Clusters of ${clusters} pieces.`}
      </p>
      <p>{names === "" ? "You are alone at the table." : `With you at the table: ${names}.`}</p>
      <p>{held === "" ? "Nobody holds anything." : `${held}.`}</p>
      <p aria-live="polite" data-testid="live">
        {said}
      </p>
    </div>
  );
}
