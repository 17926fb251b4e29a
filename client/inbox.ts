/** What the room says on one socket: counted and acknowledged, long frames put together, and read message by message. */
import { Acks } from "../shared/acks.ts";
import { join } from "../shared/bytes.ts";
import { readDown, type Down } from "../shared/protocol/down.ts";
import type { Part } from "../shared/protocol/flow.ts";
import { readFrame } from "../shared/protocol/frame.ts";

export interface InboxHost {
  message(message: Down): void;
  /** Sends this at once. */
  acknowledge(frame: Uint8Array): void;
}

export class Inbox {
  readonly #host: InboxHost;
  #acks = new Acks();
  /** The parts of a long frame that have come. */
  #parts: Uint8Array[] = [];

  constructor(host: InboxHost) {
    this.#host = host;
  }

  /** The socket is new. */
  again(): void {
    this.#acks = new Acks();
    this.#parts = [];
  }

  /** Throws where a frame cannot be read; some of it may have been, then. */
  take(bytes: Uint8Array): void {
    const ack = this.#acks.read(bytes.length);
    // At once, and not with what else there is to say: while a long state comes, the room waits for this to send more.
    if (ack) this.#host.acknowledge(ack);
    this.#messages(bytes);
  }

  #messages(bytes: Uint8Array): void {
    for (const message of readFrame(bytes)) {
      const down = readDown(message);
      if (down?.kind === "part") this.#part(down);
      else if (down) this.#host.message(down);
    }
  }

  /** Of a long frame: read when it is whole. */
  #part({ left, bytes }: Part): void {
    this.#parts.push(bytes);
    if (left > 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#messages(join(parts));
  }
}
