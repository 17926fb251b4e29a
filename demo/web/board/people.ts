/** Who somebody is at this table: a name and a colour, whether they are here or have gone. */
import type { Room } from "coterie/client";
import type { puzzleRoom } from "../../puzzle/room.ts";

export type PuzzleRoom = Room<typeof puzzleRoom>;

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly colour: Colour;
}

export interface Colour {
  readonly name: string;
  /** On the table, for outlines and arrows. */
  readonly vivid: string;
  /** Behind white text: at least 4.5 to 1. */
  readonly deep: string;
}

export const COLOURS: readonly [Colour, ...Colour[]] = [
  { name: "Coral", vivid: "#ff6b5e", deep: "#c6382c" },
  { name: "Ocean", vivid: "#3d9bff", deep: "#1667c4" },
  { name: "Leaf", vivid: "#35c46f", deep: "#157a40" },
  { name: "Violet", vivid: "#a77bff", deep: "#7444d6" },
  { name: "Amber", vivid: "#ffb020", deep: "#9a5f00" },
  { name: "Rose", vivid: "#ff5fa8", deep: "#c2246f" },
  { name: "Teal", vivid: "#1fc7c1", deep: "#0b7570" },
  { name: "Brick", vivid: "#e0713a", deep: "#a8481a" },
  { name: "Indigo", vivid: "#6f83ff", deep: "#4356d3" },
  { name: "Lime", vivid: "#9ccc2f", deep: "#55760b" },
  { name: "Plum", vivid: "#d06fe0", deep: "#9434a6" },
  { name: "Slate", vivid: "#8aa0b8", deep: "#4e647c" },
];

export const colourAt = (index: number): Colour => COLOURS[index % COLOURS.length] ?? COLOURS[0];

export function personOf(room: PuzzleRoom, id: number): Person {
  const peer = room.self?.id === id ? room.self : room.others.find((other) => other.id === id);
  return personFrom(id, room.state.players.get(id), peer?.user.name);
}

/** What the table remembers of them comes first, then what their token says. */
export const personFrom = (
  id: number,
  player: { readonly name: string; readonly colour: number } | undefined,
  guest: string | undefined,
): Person => ({
  id,
  name: player?.name || guest || "Guest",
  colour: colourAt(player?.colour ?? id),
});
