/**
 * A document as it lies in a journal row: which client ids are whose since the row before, and the updates, each as its author
 * sent it. In a snapshot it is updates alone, of about a frame each, with the index in a section of its own.
 *
 *     section := varUint(claims) { varUint(client) varUint(me) }* { varUint(me) varUint8Array(update) }*
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode } from "../../../shared/protocol/frame.ts";

/** In rows, and in snapshots; there the index has its own. */
export const DOCUMENT_SECTION = 3;
export const INDEX_SECTION = 4;

export type Claim = readonly [client: number, me: number];

export interface Accepted {
  /** `c.me` of its author; 0: the room's own. */
  readonly me: number;
  readonly update: Uint8Array;
}

export const writeSection = (claims: readonly Claim[], accepted: readonly Accepted[]): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, claims.length);
    for (const [client, me] of claims) {
      encoding.writeVarUint(to, client);
      encoding.writeVarUint(to, me);
    }
    for (const { me, update } of accepted) {
      encoding.writeVarUint(to, me);
      encoding.writeVarUint8Array(to, update);
    }
  });

/** A section begins with its claims; behind them come the updates. */
export const readClaims = (from: Decoder): Claim[] =>
  Array.from({ length: decoding.readVarUint(from) }, () => [decoding.readVarUint(from), decoding.readVarUint(from)]);

export function* readAccepted(from: Decoder): Generator<Accepted> {
  while (decoding.hasContent(from)) yield { me: decoding.readVarUint(from), update: decoding.readVarUint8Array(from) };
}

/** The updates in a row's section. */
export function* updatesOf(section: Uint8Array): Generator<Uint8Array> {
  const from = decoding.createDecoder(section);
  readClaims(from);
  for (const { update } of readAccepted(from)) yield update;
}

/** The section of a row without its updates: whose client ids are. Throws on what cannot be read. */
export const withoutUpdates = (section: Uint8Array): Uint8Array => writeSection(readClaims(decoding.createDecoder(section)), []);
