/**
 * How much is under way, and how fast. Up: how far a client has read (`ack`; without it a room could not tell a slow
 * reader from a fast one, and would pile up what it owes) and how often it will be heard of (`pace`). Down: how often
 * it may speak (`pace`), and what is too long for one frame (`part`).
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode, numbered, rest } from "./frame.ts";

export interface Ack {
  readonly kind: "ack";
  /** All bytes of frames read on this socket so far. */
  readonly bytes: number;
}

export const writeAck = (bytes: number): Uint8Array => encode((to) => encoding.writeVarUint(to, bytes));
export const readAck = (from: Decoder): Ack => ({ kind: "ack", bytes: decoding.readVarUint(from) });

/**
 * Up: the client will be heard of, if only by its heartbeat, at least this often: seldom while its page is hidden, since
 * browsers slow down a hidden page's timers. Down: it may send a frame this often.
 */
export interface Pace {
  readonly kind: "pace";
  readonly everyMs: number;
}

export const writePace = (everyMs: number): Uint8Array => encode((to) => encoding.writeVarUint(to, everyMs));
export const readPace = (from: Decoder): Pace => ({ kind: "pace", everyMs: decoding.readVarUint(from) });

/** A part of a frame that is too long to be sent at once. With none left, all parts together are read as one frame. */
export interface Part {
  readonly kind: "part";
  /** Bytes that are still to come. */
  readonly left: number;
  readonly bytes: Uint8Array;
}

export const writePart = ({ left, bytes }: Omit<Part, "kind">): Uint8Array => numbered(left, bytes);
export const readPart = (from: Decoder): Part => ({ kind: "part", left: decoding.readVarUint(from), bytes: rest(from) });
