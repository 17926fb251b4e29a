/**
 * What a writer shows of itself in the notes, as editors of Yjs agree on it: `user`, with `name`, `color` and `colorLight`.
 * What others show comes from their pages, or from any other client: it is read here, and never trusted to be a colour.
 */
import { COLOURS, colourAt, type Person } from "../board/people.ts";
import { NAME_LENGTH } from "../identity.ts";

export interface Signature {
  readonly name: string;
  /** Carries white text. */
  readonly color: string;
  /** Behind selected text. */
  readonly colorLight: string;
}

/** Added to a colour: how much of it lies over selected text. */
const LIGHT = "47";

export const signatureOf = ({ name, colour }: Person): Signature => ({
  name,
  color: colour.deep,
  colorLight: colour.vivid + LIGHT,
});

export interface Writer {
  readonly name: string;
  /** Of the caret on dark ground. */
  readonly vivid: string;
  /** Of the caret on light ground, and behind the name. */
  readonly deep: string;
}

/** Colours end up in style attributes: nothing but six digits may get there. */
const HEX = /^#[0-9a-f]{6}$/i;

/** The writer behind a client's awareness state. */
export function readSignature(client: number, state: Readonly<Record<string, unknown>>): Writer {
  const user = typeof state["user"] === "object" && state["user"] !== null ? state["user"] : {};
  const name = "name" in user && typeof user.name === "string" ? user.name.slice(0, NAME_LENGTH) : "";
  const own = colourAt(client);
  const deep = "color" in user && typeof user.color === "string" && HEX.test(user.color) ? user.color : own.deep;
  return { name: name || "Guest", deep, vivid: COLOURS.find((colour) => colour.deep === deep)?.vivid ?? deep };
}
