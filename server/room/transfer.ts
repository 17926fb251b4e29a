/**
 * A state that is too long to be sent at once, on its way to one socket: WINDOW_BYTES at a time, the next when the client
 * has said that it read. What happens meanwhile is not queued for it: behind the last frame it is given the rows it has
 * missed, like anyone who comes back.
 */
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { frameOf } from "../../shared/protocol/frame.ts";
import { writePart } from "../../shared/protocol/flow.ts";
import type { Connection } from "./connections.ts";

/** The most that is under way to one socket, in bytes. */
export const WINDOW_BYTES = 262_144;

export class Transfer {
  /** The row after which the state is: what it has missed begins behind it. */
  readonly seq: number;
  readonly #frames: Iterator<Uint8Array>;
  #next: Uint8Array | undefined;

  constructor(seq: number, frames: Iterator<Uint8Array>) {
    this.seq = seq;
    this.#frames = frames;
    this.#next = this.#take();
  }

  #take(): Uint8Array | undefined {
    const { done, value } = this.#frames.next();
    return done ? undefined : value;
  }

  /** Sends as much as the window lets through. True: only `last` is left, to go with what was missed. */
  send({ socket, flow }: Connection): boolean {
    for (;;) {
      const following = this.#take();
      if (!following) return true;
      socket.send(this.#next!);
      this.#next = following;
      if (flow.owed >= WINDOW_BYTES) return false;
    }
  }

  get last(): Uint8Array {
    return this.#next ?? new Uint8Array();
  }
}

/** A long frame in parts that are put together again. */
export function* inParts(frame: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; at += MAX_FRAME_BYTES) {
    const bytes = frame.subarray(at, at + MAX_FRAME_BYTES);
    yield frameOf(DOWN.part, writePart({ left: frame.length - at - bytes.length, bytes }));
  }
}
