/**
 * A frame is a row of messages: `frame := { varUint(type) varUint(length) body }*`. The length lets a reader pass over
 * messages it does not know and hand a part its body without understanding it.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { MAX_FRAME_BYTES } from "./limits.ts";

/** The most that a message's type and length take, in bytes, within a frame that may be read. */
const MAX_HEAD_BYTES = 8;

/** A frame being written. */
export class Frame {
  readonly #encoder: Encoder = encoding.createEncoder();

  add(type: number, body: Uint8Array): void {
    encoding.writeVarUint(this.#encoder, type);
    encoding.writeVarUint8Array(this.#encoder, body);
  }

  get empty(): boolean {
    return !encoding.hasContent(this.#encoder);
  }

  /** Whether a message with a body of this length still goes in. */
  fits(length: number): boolean {
    return encoding.length(this.#encoder) + length + MAX_HEAD_BYTES <= MAX_FRAME_BYTES;
  }

  bytes(): Uint8Array {
    return encoding.toUint8Array(this.#encoder);
  }
}

/** A frame of one message. */
export function frameOf(type: number, body: Uint8Array): Uint8Array {
  const frame = new Frame();
  frame.add(type, body);
  return frame.bytes();
}

export interface Message {
  readonly type: number;
  readonly body: Decoder;
}

/** Reads the messages of a frame one by one. Throws where the frame is cut short. */
export function* readFrame(bytes: Uint8Array): Generator<Message> {
  const from = decoding.createDecoder(bytes);
  while (decoding.hasContent(from)) {
    const type = decoding.readVarUint(from);
    const length = decoding.readVarUint(from);
    if (length > bytes.length - from.pos)
      throw new RangeError(`message of ${length} bytes in a frame with ${bytes.length - from.pos} left`);
    yield { type, body: decoding.createDecoder(decoding.readUint8Array(from, length)) };
  }
}

/** The bytes that `write` writes. */
export function encode(write: (to: Encoder) => void): Uint8Array {
  return encoding.encode(write);
}

/** A number, then bytes to the end of the message: read with {@link rest}. */
export const numbered = (number: number, bytes: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, number);
    encoding.writeUint8Array(to, bytes);
  });

/** What is left of a message: the part that only its owner can read. */
export const rest = (from: Decoder): Uint8Array => decoding.readTailAsUint8Array(from);
