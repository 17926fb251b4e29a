/** What happens on the table, in words: for tags and for readers. */
import { isBorder } from "../../puzzle/grid.ts";
import type { Refusal } from "./hand.ts";
import { personOf, type PuzzleRoom } from "./people.ts";
import type { Pieces } from "./pieces.ts";

export function refusalText(why: Refusal, holder: string | undefined): string {
  switch (why) {
    case "held":
      return `held by ${holder ?? "someone else"}`;
    case "gone":
      return "already joined";
    case "not-yours":
      return "no longer in your hand";
    case "outside":
      return "off the table";
    case "finished":
      return "the picture is finished";
    case "lost":
      return "this move did not arrive";
    default:
      return why satisfies never;
  }
}

export function nameOf(room: PuzzleRoom, pieces: Pieces, group: number): string {
  const count = pieces.members(group).length;
  const what =
    count === 1
      ? `piece ${group + 1}${isBorder(pieces.grid, group) ? ", with a straight edge" : ""}`
      : `cluster of ${count} pieces`;
  const holder = room.state.groups.get(group)?.heldBy ?? 0;
  return holder === 0 || holder === room.self?.id ? what : `${what}, held by ${personOf(room, holder).name}`;
}
