/** What rows of bytes lack: to be put together, and to be compared. */

/** Puts pieces together, one behind the other; a single one is returned as it is. */
export function join(pieces: Iterable<Uint8Array>): Uint8Array {
  const all = [...pieces];
  if (all.length === 1) return all[0]!;
  const whole = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of all) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
