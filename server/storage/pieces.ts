/**
 * Sections: what each part of a room has in a journal row or in a snapshot, by the part's number. In a row they lie one
 * behind the other, `{ varUint(section) varUint8Array(bytes) }*`; a snapshot has them in pieces that fit a row of storage.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode } from "../../shared/protocol/frame.ts";
import { MAX_ROW_BYTES } from "../../shared/protocol/limits.ts";
import type { Piece } from "./store.ts";

export type Sections = ReadonlyMap<number, Uint8Array>;
/** What a part has in a snapshot: bytes, or several to be kept apart. */
export type Snapshot = ReadonlyMap<number, Uint8Array | readonly Uint8Array[]>;

export const writeSections = (sections: Sections): Uint8Array =>
  encode((to) => {
    for (const [section, bytes] of sections) {
      encoding.writeVarUint(to, section);
      encoding.writeVarUint8Array(to, bytes);
    }
  });

export function readSections(bytes: Uint8Array): Sections {
  const from = decoding.createDecoder(bytes);
  const sections = new Map<number, Uint8Array>();
  while (decoding.hasContent(from)) {
    const section = decoding.readVarUint(from);
    sections.set(section, decoding.readVarUint8Array(from));
  }
  return sections;
}

/** Cuts a snapshot into pieces that fit a row of storage. */
export function cut(snapshot: Snapshot): Piece[] {
  const pieces: Piece[] = [];
  for (const [section, whole] of snapshot)
    for (const bytes of whole instanceof Uint8Array ? [whole] : whole)
      for (const chunk of chunks(bytes)) pieces.push({ section, bytes: chunk });
  return pieces;
}

/** Bytes in chunks that fit a row of storage; at least one. */
export const chunks = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.max(1, Math.ceil(bytes.length / MAX_ROW_BYTES)) }, (_, number) =>
    bytes.subarray(number * MAX_ROW_BYTES, (number + 1) * MAX_ROW_BYTES),
  );
