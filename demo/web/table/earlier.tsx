/** Says which pieces one moved without a network, on an earlier visit, to no avail: others had taken them by then. */
import { useEffect, useState } from "react";
import { useRoom, useStatus } from "../room.ts";

const pieceIn = (input: unknown): number | undefined =>
  typeof input === "object" && input !== null && "g" in input && typeof input.g === "number" ? input.g : undefined;

export function Earlier() {
  const room = useRoom();
  const status = useStatus();
  const [pieces, setPieces] = useState<readonly number[]>([]);
  useEffect(
    () =>
      room.on("error", ({ action }) => {
        const piece = pieceIn(action?.input);
        if (piece !== undefined) setPieces((before) => [...new Set([...before, piece])]); // taking and putting down are one move
      }),
    [room],
  );
  if (pieces.length === 0 || status !== "connected") return null;
  return (
    <div className="banner" role="status" data-testid="earlier">
      <span>
        {pieces.length === 1
          ? "A piece that you moved without a network stays where the others have it."
          : `${pieces.length} pieces that you moved without a network stay where the others have them.`}
      </span>
      <button type="button" className="button" onClick={() => setPieces([])}>
        Close
      </button>
    </div>
  );
}
