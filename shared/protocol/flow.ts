/** How far a client has read: without it a room could not tell a slow reader from a fast one, and would pile up what it owes. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode } from "./frame.ts";

export interface Ack {
  readonly kind: "ack";
  /** All bytes of frames read on this socket so far. */
  readonly bytes: number;
}

export const writeAck = (bytes: number): Uint8Array => encode((to) => encoding.writeVarUint(to, bytes));
export const readAck = (from: Decoder): Ack => ({ kind: "ack", bytes: decoding.readVarUint(from) });
