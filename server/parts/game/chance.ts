/**
 * What nobody may foresee: a deck's order, a die that a browser does not predict. Drawn from the room's secret by ChaCha20
 * (RFC 8439), so that draws tell nothing of other draws, and a past game can be run again by whoever has the secret.
 */
import type { ActionMove } from "../../../shared/game/define-game.ts";
import { seedOf } from "../../../shared/game/random.ts";
import type { Input } from "./inputs.ts";

/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const NONCE_BYTES = 12;
/** Blocks that make keys have numbers that no stream gets to. */
const KEY_BLOCK = 0x80000000;

/** A 64-byte block of the cipher, as words. */
export function block(key: Uint32Array, counter: number, nonce: Uint32Array): Uint32Array {
  const input = Uint32Array.of(...CONSTANTS, ...key, counter, ...nonce);
  const x = input.slice();
  const quarter = (a: number, b: number, c: number, d: number): void => {
    const turn = (to: number, by: number, bits: number): void => {
      const mixed = x[to]! ^ x[by]!;
      x[to] = (mixed << bits) | (mixed >>> (32 - bits));
    };
    x[a]! += x[b]!;
    turn(d, a, 16);
    x[c]! += x[d]!;
    turn(b, c, 12);
    x[a]! += x[b]!;
    turn(d, a, 8);
    x[c]! += x[d]!;
    turn(b, c, 7);
  };
  for (let round = 0; round < 20; round += 2) {
    for (let n = 0; n < 4; n++) quarter(n, 4 + n, 8 + n, 12 + n);
    for (let n = 0; n < 4; n++) quarter(n, 4 + ((n + 1) % 4), 8 + ((n + 2) % 4), 12 + ((n + 3) % 4));
  }
  return x.map((word, index) => word + input[index]!);
}

/** Another key for each text: its length and its bytes are taken in, a nonce's worth at a time. */
function derived(key: Uint32Array, text: string): Uint32Array {
  const bytes = new TextEncoder().encode(text);
  let next = block(key, KEY_BLOCK, Uint32Array.of(bytes.length, 0, 0)).slice(0, 8);
  for (let at = 0; at < bytes.length; at += NONCE_BYTES) {
    const chunk = new DataView(new ArrayBuffer(NONCE_BYTES));
    for (let byte = 0; byte < NONCE_BYTES; byte++) chunk.setUint8(byte, bytes[at + byte] ?? 0);
    next = block(next, KEY_BLOCK, Uint32Array.of(chunk.getUint32(0), chunk.getUint32(4), chunk.getUint32(8))).slice(0, 8);
  }
  return next;
}

export class Chance {
  readonly #key: Uint32Array;

  constructor(secret: string) {
    this.#key = derived(new Uint32Array(8), secret);
  }

  /** A stream of numbers in [0, 1), for this and nothing else. */
  of(...what: (string | number)[]): () => number {
    let key: Uint32Array | undefined; // most rules draw nothing
    let words: Uint32Array = new Uint32Array();
    let next = 0;
    let blocks = 0;
    return () => {
      key ??= derived(this.#key, what.join("|"));
      if (next === words.length) {
        words = block(key, blocks++, new Uint32Array(3));
        next = 0;
      }
      return words[next++]! / 2 ** 32;
    };
  }

  /** What an input draws from: the `place`th of row `seq`. A predicted action's the browser knows as well. */
  for(input: Input, move: ActionMove | undefined, seq: number, place: number, session: () => string): number | (() => number) {
    if (input.kind === "timer") return this.of("timer", input.id);
    if (input.kind !== "act") return this.of(input.kind, seq, input.me);
    if (input.number === 0) return this.of("room", seq, place);
    return move?.predict ? seedOf(session(), input.number) : this.of("act", session(), input.number);
  }
}
