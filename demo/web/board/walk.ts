/** The keyboard's place on the table: which cluster it is on, and the order in which it goes round. */
import { homeOf, isBorder, type Point } from "../../puzzle/grid.ts";
import type { Eye } from "./eye.ts";
import type { Hand } from "./hand.ts";
import type { Walkable } from "./keyboard.ts";
import type { PuzzleRoom } from "./people.ts";
import type { Pieces } from "./pieces.ts";
import { nameOf } from "./words.ts";

/** Clusters whose middles are this close (units) lie in one line for reading. */
const LINE = 120;
/** What the keyboard is on stays this far (px) from the rim of the window. */
const SPARE = 90;

export interface Walker extends Walkable {
  edgesOnly: boolean;
}

export function walker(
  room: PuzzleRoom,
  pieces: Pieces,
  hand: Hand,
  eye: Eye,
  say: (text: string) => void,
  help: () => void,
): Walker {
  let focus: number | undefined;

  /** The middle of the piece that gives a cluster its number. */
  const middle = (group: number): Point => {
    const at = pieces.shown(group) ?? { x: 0, y: 0 };
    const home = homeOf(pieces.grid, group);
    return { x: home.x + at.x, y: home.y + at.y };
  };
  const reveal = (): void => {
    if (focus !== undefined) eye.reveal(middle(focus), SPARE);
  };

  return {
    edgesOnly: false,
    help,
    walk() {
      const hidden = (group: number): boolean =>
        this.edgesOnly && pieces.members(group).length === 1 && !isBorder(pieces.grid, group);
      return pieces.order
        .filter((group) => !hidden(group))
        .map((group) => ({ group, x: middle(group).x, line: Math.round(middle(group).y / LINE) }))
        .sort((a, b) => a.line - b.line || a.x - b.x)
        .map(({ group }) => group);
    },
    get focus() {
      return focus;
    },
    focusOn(group) {
      focus = group;
      if (group !== undefined) say(nameOf(room, pieces, group));
      reveal();
    },
    get holding() {
      return hand.groups.size > 0;
    },
    lift(group) {
      const at = pieces.shown(group);
      if (at && hand.grab(group, at, performance.now())) say(`Lifted ${nameOf(room, pieces, group)}.`);
    },
    nudge(dx, dy) {
      const { grip } = hand;
      if (grip) hand.moveTo({ x: grip.x + dx, y: grip.y + dy }, performance.now());
      reveal();
    },
    drop() {
      const before = room.state.groups.size;
      hand.drop(performance.now());
      say(room.state.groups.size < before ? "Joined." : "Put down.");
      // What was lifted may have become part of a larger cluster.
      if (focus !== undefined) focus = room.state.pieces.get(focus)?.group;
    },
    putBack() {
      hand.putBack(performance.now());
      say("Put back.");
    },
    zoom: (factor) => eye.zoom(factor),
    fit: () => eye.flyToTable(),
  };
}
