/** What the demo's puzzle says of pieces in hands: one stream, of two 16-bit columns. For whoever looks without the SDK. */
import * as decoding from "lib0/decoding";

const signed = (value: number): number => (value << 16) >> 16;

/** Calls back with each row of a `streams` message. */
export function readMoves(from: decoding.Decoder, moved: (row: number, x: number, y: number) => void): void {
  while (decoding.hasContent(from)) {
    decoding.readVarUint(from); // the stream
    for (let ended = decoding.readVarUint(from); ended > 0; ended--) decoding.readVarUint(from);
    for (let rows = decoding.readVarUint(from); rows > 0; rows--) {
      const row = decoding.readVarUint(from);
      const x = signed(decoding.readUint16(from));
      moved(row, x, signed(decoding.readUint16(from)));
    }
  }
}
