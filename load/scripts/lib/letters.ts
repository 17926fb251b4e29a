/**
 * What a typist of a Yjs document writes, letter by letter, and the reading of it: without Yjs, since a typist needs no more of
 * it. A letter is due at a fixed pace, and a client id says when its typist began: so the clock of a letter says when it was due.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode } from "../../../shared/protocol/frame.ts";

/** Of a struct's first byte: the kind of its content, and whether it names the letter to its left. */
const KIND = 0x1f;
const STRING = 4;
const HAS_LEFT = 0x80;
const HAS_RIGHT = 0x40;
/** A parent that is named, not one that was typed. */
const BY_NAME = 1;
/** Seats take the low bits of a client id, the beginning, in ms, the others: they come again after 70 minutes. */
const SEATS = 1024;
const BEGINNINGS = 2 ** 22;

export const clientOf = (beganAt: number, seat: number): number => (Math.floor(beganAt) % BEGINNINGS) * SEATS + (seat % SEATS);

/** When a typist began, seen at `seen`, in ms since 1970. */
export function beganAt(client: number, seen: number): number {
  const began = Math.floor(client / SEATS);
  const whole = Math.floor(seen);
  return whole - ((((whole - began) % BEGINNINGS) + BEGINNINGS) % BEGINNINGS);
}

/** The update that writes a client's letter of this clock behind the one before it, in the text `name`. */
export const writeLetter = (client: number, clock: number, letter: string, name: string): Uint8Array =>
  encode((to) => {
    for (const number of [1, 1, client, clock]) encoding.writeVarUint(to, number); // one client, one struct
    encoding.writeUint8(to, clock === 0 ? STRING : STRING | HAS_LEFT);
    if (clock === 0) {
      encoding.writeVarUint(to, BY_NAME);
      encoding.writeVarString(to, name);
    } else {
      encoding.writeVarUint(to, client);
      encoding.writeVarUint(to, clock - 1);
    }
    encoding.writeVarString(to, letter);
    encoding.writeVarUint(to, 0); // nothing is deleted
  });

/** Letters of an update: of whom, from which clock up to but not with which. Ends at what no typist of ours writes. */
export function* readLetters(update: Uint8Array): Generator<readonly [client: number, from: number, to: number]> {
  const from = decoding.createDecoder(update);
  for (let clients = decoding.readVarUint(from); clients > 0; clients--) {
    let structs = decoding.readVarUint(from);
    const client = decoding.readVarUint(from);
    let clock = decoding.readVarUint(from);
    const start = clock;
    for (; structs > 0; structs--) {
      const info = decoding.readUint8(from);
      if ((info & KIND) !== STRING) return;
      for (const side of [HAS_LEFT, HAS_RIGHT]) if (info & side) for (let part = 0; part < 2; part++) decoding.readVarUint(from);
      if (!(info & (HAS_LEFT | HAS_RIGHT))) {
        if (decoding.readVarUint(from) !== BY_NAME) return;
        decoding.readVarString(from);
      }
      clock += decoding.readVarString(from).length;
    }
    yield [client, start, clock];
  }
}
