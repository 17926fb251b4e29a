/**
 * What `y-websocket` says of others: it sends on each awareness message that it hears, back to where it came from. None of
 * that is its own doing, so as much of it as the room has told is not counted against what it may say.
 */
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { isAwareness } from "../../shared/protocol/yjs.ts";

/** Echoes that are late by more than this are none. */
const MOST = { frames: 400, bytes: 1_048_576 };

export class Echoes {
  #frames = 0;
  #bytes = 0;

  /** The room says something to it. */
  sent(frame: Uint8Array): void {
    if (!isAwareness(frame)) return;
    this.#frames = Math.min(MOST.frames, this.#frames + 1);
    this.#bytes = Math.min(MOST.bytes, this.#bytes + frame.length);
  }

  /** Whether this frame of it can be one. `asked`: or the answer that it owes, which holds all whom it knows. */
  takes(frame: Uint8Array, asked: boolean): boolean {
    if (!isAwareness(frame)) return false;
    if (this.#frames === 0 || this.#bytes < frame.length) return asked && frame.length <= MAX_FRAME_BYTES;
    this.#frames--;
    this.#bytes -= frame.length;
    return true;
  }
}
