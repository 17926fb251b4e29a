/**
 * The dialect of stock Yjs clients (y-protocols): one message a frame, binary, no numbers and no answers.
 *
 *     frame := varUint(0) varUint(0) varUint8Array(state vector)     step 1: "this is what I have"
 *            | varUint(0) varUint(1) varUint8Array(update)           step 2: "this is what you lacked"
 *            | varUint(0) varUint(2) varUint8Array(update)
 *            | varUint(1) varUint8Array(awareness)
 *            | varUint(2) varUint(0) varString(reason)               down only: "you may not"
 *            | varUint(3)                                            "tell me everyone's awareness"
 *
 * What a message is, is decided on what was decoded: a number written longer than it needs to be is refused, since a
 * filter that looks at bytes would take it for another one.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode } from "./frame.ts";

export type YMessage =
  | { readonly kind: "step1"; readonly stateVector: Uint8Array }
  | { readonly kind: "update"; readonly update: Uint8Array; readonly step2: boolean }
  | { readonly kind: "awareness"; readonly update: Uint8Array }
  | { readonly kind: "query" };

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const QUERY = 3;
const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;

/** Throws on anything that a client may not say, or not in this form. */
export function readY(frame: Uint8Array): YMessage {
  const from = decoding.createDecoder(frame);
  const message = readOne(from);
  if (decoding.hasContent(from)) throw new RangeError(`${frame.length - from.pos} bytes after a message`);
  return message;
}

function readOne(from: Decoder): YMessage {
  const type = canonical(from);
  if (type === AWARENESS) return { kind: "awareness", update: bytes(from) };
  if (type === QUERY) return { kind: "query" };
  if (type !== SYNC) throw new RangeError(`message of type ${type}, expected ${SYNC}, ${AWARENESS} or ${QUERY}`);
  const step = canonical(from);
  if (step === STEP1) return { kind: "step1", stateVector: bytes(from) };
  if (step === STEP2 || step === UPDATE) return { kind: "update", update: bytes(from), step2: step === STEP2 };
  throw new RangeError(`sync message of type ${step}, expected ${STEP1}, ${STEP2} or ${UPDATE}`);
}

/** A number that is written no longer than it needs to be. */
function canonical(from: Decoder): number {
  const start = from.pos;
  const value = decoding.readVarUint(from);
  let length = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) length++;
  if (from.pos - start !== length) throw new RangeError(`the number ${value} in ${from.pos - start} bytes, expected ${length}`);
  return value;
}

function bytes(from: Decoder): Uint8Array {
  const length = canonical(from);
  if (length > from.arr.length - from.pos)
    throw new RangeError(`${length} bytes in a frame with ${from.arr.length - from.pos} left`);
  return decoding.readUint8Array(from, length);
}

const sync = (step: number, body: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, SYNC);
    encoding.writeVarUint(to, step);
    encoding.writeVarUint8Array(to, body);
  });

export const writeStep1 = (stateVector: Uint8Array): Uint8Array => sync(STEP1, stateVector);
export const writeStep2 = (update: Uint8Array): Uint8Array => sync(STEP2, update);
export const writeUpdate = (update: Uint8Array): Uint8Array => sync(UPDATE, update);

/** Whether a frame begins as awareness does. */
export const isAwareness = (frame: Uint8Array): boolean => frame[0] === AWARENESS;

export const writeAwareness = (update: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, AWARENESS);
    encoding.writeVarUint8Array(to, update);
  });

/** No awareness of nobody: what a client without anything to show is told, so that it does not take the room for dead. */
export const STILL_HERE: Uint8Array = Uint8Array.of(AWARENESS, 1, 0);

/** Shown by stock clients as a warning: what they said was not taken. */
export const writeDenied = (reason: string): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, AUTH);
    encoding.writeVarUint(to, 0);
    encoding.writeVarString(to, reason);
  });

export const QUERY_AWARENESS: Uint8Array = Uint8Array.of(QUERY);
