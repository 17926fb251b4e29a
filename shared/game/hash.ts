/**
 * A number that two copies of a state share exactly when, but for one chance in four billion, all their cells are equal:
 * the sum of a hash of every cell. A write changes it by one cell, so it costs the same at ten rows and at a hundred
 * thousand. Mixing is MurmurHash3's, 32 bits (https://github.com/aappleby/smhasher, public domain).
 */
import { encode } from "../protocol/frame.ts";
import type { Wire } from "../schema/wire.ts";

// Marked, so that a bundle without games has none of them.
const bytes = /* @__PURE__ */ new ArrayBuffer(8);
const float = /* @__PURE__ */ new Float64Array(bytes);
const words = /* @__PURE__ */ new Uint32Array(bytes);

/** The hash of one cell: of where it is, and what it holds. */
export function hashOf(table: number, id: number, column: number, value: unknown, type: Wire<unknown>): number {
  let hash = mix(mix(table, id), column);
  if (typeof value === "number") {
    float[0] = value;
    hash = mix(mix(hash, words[0]!), words[1]!);
  } else if (typeof value === "boolean") hash = mix(hash, value ? 1 : 0);
  else if (typeof value === "string") for (let at = 0; at < value.length; at++) hash = mix(hash, value.charCodeAt(at));
  else for (const byte of encode((to) => type.write(to, value))) hash = mix(hash, byte);
  return finish(hash);
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const mixed = hash ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
