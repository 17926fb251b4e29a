/** What a reader says of what it has read on one socket: now and then, how much that is, so that the room sends on. */
import { writeAck } from "./protocol/flow.ts";
import { frameOf } from "./protocol/frame.ts";
import { ACK_EVERY_BYTES } from "./protocol/limits.ts";
import { UP } from "./protocol/up.ts";

export class Acks {
  #read = 0;
  #said = 0;

  /** So many bytes were read: the frame that is due by now, if one is. */
  read(bytes: number): Uint8Array<ArrayBuffer> | undefined {
    this.#read += bytes;
    if (this.#read - this.#said < ACK_EVERY_BYTES) return undefined;
    this.#said = this.#read;
    return frameOf(UP.ack, writeAck(this.#read)) as Uint8Array<ArrayBuffer>;
  }
}
