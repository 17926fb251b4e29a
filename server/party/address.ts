/**
 * Where the rooms of hosted parties are: `/parties/:party/:room`, `/party/:room` for the party "main", and whatever stands
 * behind those. As with PartyKit an id is any text, and is named as it stands in the address: "my room" is "my%20room".
 */
import { PartyError } from "./party-error.ts";

export const MAIN = "main";
/** The longest id as it stands in an address: an object knows its own name up to 1,024 bytes. */
export const MAX_ROOM_ID = 512;

export interface PartyAddress {
  readonly party: string;
  readonly room: string;
}

/** Undefined: not the address of a room. */
export function addressed(pathname: string): PartyAddress | undefined {
  const [, first, second = "", third = ""] = pathname.split("/");
  if (first === "party" && second !== "") return { party: MAIN, room: second };
  if (first === "parties" && third !== "") return { party: second, room: third };
  return undefined;
}

/** A room's id as it would stand in an address, whether or not it is written so already. Throws PartyError "bad-room". */
export function roomId(name: string): string {
  const text = name.replace(/[/?#\\\s\p{Cc}]/gu, encodeURIComponent);
  const id = new URL(`http://party/${text}`).pathname.slice(1);
  if (id === "" || id.length > MAX_ROOM_ID)
    throw new PartyError("bad-room", `the room ${JSON.stringify(name.slice(0, 64))}: expected 1 to ${MAX_ROOM_ID} characters`);
  return id;
}
