/** What the room says on one socket: counted and acknowledged, long frames put together, and read message by message. */
import { join } from "../shared/bytes.ts";
import { readDown, type Down } from "../shared/protocol/down.ts";
import { writeAck, type Part } from "../shared/protocol/flow.ts";
import { frameOf, readFrame } from "../shared/protocol/frame.ts";
import { ACK_EVERY_BYTES } from "../shared/protocol/limits.ts";
import { UP } from "../shared/protocol/up.ts";

export interface InboxHost {
  message(message: Down): void;
  /** Sends this at once. */
  acknowledge(frame: Uint8Array): void;
}

export class Inbox {
  readonly #host: InboxHost;
  /** Bytes read on this socket, and how many of them the room has been told of. */
  #read = 0;
  #acknowledged = 0;
  /** The parts of a long frame that have come. */
  #parts: Uint8Array[] = [];

  constructor(host: InboxHost) {
    this.#host = host;
  }

  /** The socket is new. */
  again(): void {
    this.#read = 0;
    this.#acknowledged = 0;
    this.#parts = [];
  }

  /** Throws where a frame cannot be read; some of it may have been, then. */
  take(bytes: Uint8Array): void {
    this.#read += bytes.length;
    // At once, and not with what else there is to say: while a long state comes, the room waits for this to send more.
    if (this.#read - this.#acknowledged >= ACK_EVERY_BYTES) {
      this.#acknowledged = this.#read;
      this.#host.acknowledge(frameOf(UP.ack, writeAck(this.#read)));
    }
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
