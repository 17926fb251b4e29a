/** How far the puzzle is, counted in pieces: the first join brings two together, every other one more. */
import type { PuzzleView } from "../board/pieces.ts";

export function joinedOf({ groups, pieces }: PuzzleView): number {
  const joins = pieces.size - groups.size;
  return joins === 0 ? 0 : joins + 1;
}
