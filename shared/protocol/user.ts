/** A user, as their token names them. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";

export interface User {
  /** The token's `sub`. */
  readonly id: string;
  readonly name?: string;
}

export function writeUser(to: Encoder, { id, name }: User): void {
  encoding.writeVarString(to, id);
  encoding.writeVarString(to, name ?? "");
}

export function readUser(from: Decoder): User {
  const id = decoding.readVarString(from);
  const name = decoding.readVarString(from);
  return name === "" ? { id } : { id, name };
}
