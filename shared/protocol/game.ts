/** The game's two lanes down (`delta` for what lasts, `streams` for what moves) and its state. One stream message up. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode, numbered, rest } from "./frame.ts";

export interface State {
  readonly kind: "state";
  readonly seq: number;
  /** A snapshot of the game (shared/game/snapshot.ts). */
  readonly snapshot: Uint8Array;
}

export const writeState = (seq: number, snapshot: Uint8Array): Uint8Array => numbered(seq, snapshot);

export const readState = (from: Decoder): State => ({ kind: "state", seq: decoding.readVarUint(from), snapshot: rest(from) });

/**
 * Everything public up to `seq`, from `since` on. Rows without a public change send no delta, so `since` may lie below
 * `seq − 1`; a client whose own `seq` is below `since` has missed something.
 */
export interface Delta {
  readonly kind: "delta";
  readonly since: number;
  readonly seq: number;
  /** Cell writes (shared/game/delta.ts), then the events of the game: `{ varUint(event) value }*`. */
  readonly changes: Uint8Array;
}

export const writeDeltaMessage = (since: number, seq: number, changes: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, since);
    encoding.writeVarUint(to, seq - since);
    encoding.writeUint8Array(to, changes);
  });

export function readDeltaMessage(from: Decoder): Delta {
  const since = decoding.readVarUint(from);
  const seq = since + decoding.readVarUint(from);
  return { kind: "delta", since, seq, changes: rest(from) };
}

/** Rows of private tables that this user sees. */
export interface Secrets {
  readonly kind: "secrets";
  /** It counts once everything public up to this row is applied. */
  readonly after: number;
  /** These are all; else what changed. */
  readonly whole: boolean;
  /** Cell writes (shared/game/delta.ts). */
  readonly changes: Uint8Array;
}

export const writeSecrets = (after: number, whole: boolean, changes: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, after);
    encoding.writeUint8(to, whole ? 1 : 0);
    encoding.writeUint8Array(to, changes);
  });

export function readSecrets(from: Decoder): Secrets {
  const after = decoding.readVarUint(from);
  const whole = decoding.readUint8(from) === 1;
  return { kind: "secrets", after, whole, changes: rest(from) };
}

/** What the state of everybody sums up to (shared/game/hash.ts) after a row: a client that differs has gone wrong. */
export interface Hash {
  readonly kind: "hash";
  readonly seq: number;
  readonly hash: number;
}

export const writeHash = (seq: number, hash: number): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, seq);
    encoding.writeUint32(to, hash);
  });

export const readHash = (from: Decoder): Hash => ({
  kind: "hash",
  seq: decoding.readVarUint(from),
  hash: decoding.readUint32(from),
});

/** A client's state differed from the hash at this row; it takes the whole anew. */
export interface Drifted {
  readonly kind: "drifted";
  readonly seq: number;
}

export const writeDrifted = (seq: number): Uint8Array => encode((to) => encoding.writeVarUint(to, seq));

export const readDrifted = (from: Decoder): Drifted => ({ kind: "drifted", seq: decoding.readVarUint(from) });

/** Live values of rows: `varUint(at) { varUint(stream) varUint(ended) id* varUint(rows) { varUint(id) value* }* }*`. */
export interface Streams {
  readonly kind: "streams";
  /** The room's time, in ms since 1970, of which only the last 16 bits are said. */
  readonly at: number;
  readonly body: Decoder;
}
const AT_MASK = 0xffff;

export const writeStreams = (at: number, body: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, at & AT_MASK);
    encoding.writeUint8Array(to, body);
  });

export const readStreams = (from: Decoder): Streams => ({ kind: "streams", at: decoding.readVarUint(from), body: from });

/** The whole of a time of which the last 16 bits were said, by one that is less than 32 s away, in ms since 1970. */
export const wholeTime = (said: number, near: number): number => {
  const behind = (Math.round(near) - said) & AT_MASK;
  return Math.round(near) - (behind > AT_MASK / 2 ? behind - AT_MASK - 1 : behind);
};

/** One value of one row, up. */
export interface Move {
  readonly kind: "move";
  readonly stream: number;
  readonly row: number;
  /** One value per column of the stream. */
  readonly values: Decoder;
}

export const writeMove = (stream: number, row: number, values: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, stream);
    encoding.writeVarUint(to, row);
    encoding.writeUint8Array(to, values);
  });

export const readMove = (from: Decoder): Move => ({
  kind: "move",
  stream: decoding.readVarUint(from),
  row: decoding.readVarUint(from),
  values: from,
});
