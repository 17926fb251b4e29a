/**
 * The document of a room, to the SDK. Up: what this page has changed (`edit`), numbered within its socket. Down: what is
 * durable (`edits`, and to each caller up to which of its own: `edited`), and at the end of a welcome what the room holds
 * (`document`), so that the client knows what the room lacks. Stock clients are spoken to in their own dialect (yjs.ts).
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode, numbered, rest } from "./frame.ts";

export interface Edit {
  readonly kind: "edit";
  /** 1, 2, 3, … on this socket. */
  readonly number: number;
  /** A Yjs update (V1). */
  readonly update: Uint8Array;
}

export const writeEdit = ({ number, update }: Omit<Edit, "kind">): Uint8Array => numbered(number, update);
export const readEdit = (from: Decoder): Edit => ({ kind: "edit", number: decoding.readVarUint(from), update: rest(from) });

export interface Edits {
  readonly kind: "edits";
  /** The row that this is of, or in a snapshot the last row that is in it. */
  readonly seq: number;
  readonly update: Uint8Array;
}

export const writeEdits = (seq: number, update: Uint8Array): Uint8Array => numbered(seq, update);
export const readEdits = (from: Decoder): Edits => ({ kind: "edits", seq: decoding.readVarUint(from), update: rest(from) });

/** All edits of this socket up to `number` are durable, but those that a fault has refused. */
export interface Edited {
  readonly kind: "edited";
  readonly number: number;
}

export const writeEdited = (number: number): Uint8Array => encode((to) => encoding.writeVarUint(to, number));
export const readEdited = (from: Decoder): Edited => ({ kind: "edited", number: decoding.readVarUint(from) });

/** What the room's document holds: all that came before it in this welcome is in it. */
export interface DocumentState {
  readonly kind: "document";
  readonly seq: number;
  /** A Yjs state vector. */
  readonly stateVector: Uint8Array;
}

export const writeDocumentState = (seq: number, stateVector: Uint8Array): Uint8Array => numbered(seq, stateVector);
export const readDocumentState = (from: Decoder): DocumentState => ({
  kind: "document",
  seq: decoding.readVarUint(from),
  stateVector: rest(from),
});

/** Who points where in the document: an awareness update (y-protocols), both ways. */
export interface AwarenessMessage {
  readonly kind: "awareness";
  readonly update: Uint8Array;
}
export const readAwareness = (from: Decoder): AwarenessMessage => ({ kind: "awareness", update: rest(from) });
