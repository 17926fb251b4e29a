/**
 * What goes over a client's sockets, one after the other: a WebSocket for clients that let themselves be given one. It goes
 * to wherever the server listens just now, which after a restart is another port, and writes down what comes.
 */
import * as decoding from "lib0/decoding";
import type { Workerd } from "../faults/workerd.ts";

/** y-protocols. */
export const AWARENESS = 1;
export const DENIED = 2;

/** What the server said of one client's awareness. */
export interface Told {
  readonly client: number;
  readonly clock: number;
  /** JSON. */
  readonly state: string;
}

export class Wire {
  /** How often a socket opened, and the codes with which they closed. */
  opened = 0;
  readonly closed: number[] = [];
  /** The length of each frame, in bytes, and the type of message that it begins with. */
  readonly frames: { readonly type: number; readonly bytes: number }[] = [];
  /** In the dialect of stock clients only. */
  readonly told: Told[] = [];
  /** The last socket. */
  socket: WebSocket | undefined;

  received(frame: Uint8Array, stock: boolean): void {
    this.frames.push({ type: frame[0] ?? -1, bytes: frame.length });
    if (stock && frame[0] === AWARENESS) this.told.push(...readTold(frame));
  }

  get longest(): number {
    return Math.max(0, ...this.frames.map(({ bytes }) => bytes));
  }

  count(type: number): number {
    return this.frames.filter((frame) => frame.type === type).length;
  }
}

export function atPort(server: Workerd, url: string | URL): string {
  const address = new URL(url);
  address.port = String(server.port);
  return address.href;
}

/** As each of those clients wants it. */
export type SocketClass = typeof WebSocket & (new (url: string | URL, protocols?: string | string[]) => WebSocket);

/** As a class, since that is what those clients make one from. */
export function socketClass(server: Workerd, wire: Wire): SocketClass {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(atPort(server, url), protocols);
      wire.socket = this;
      this.addEventListener("open", () => wire.opened++);
      this.addEventListener("close", ({ code }) => wire.closed.push(code));
      // Where there is nobody, Node 22 leaves it at an error; the standard, and so whoever reconnects, has a close follow it.
      this.addEventListener("error", () => {
        if (this.readyState === WebSocket.CONNECTING)
          this.dispatchEvent(Object.assign(new Event("close"), { code: 1006, reason: "" }));
      });
      this.addEventListener("message", ({ data }) => {
        if (!(data instanceof ArrayBuffer)) throw new Error("a stock client was sent text"); // which some of them take for an empty message
        wire.received(new Uint8Array(data), true);
      });
    }
  };
}

function* readTold(frame: Uint8Array): Generator<Told> {
  const outer = decoding.createDecoder(frame);
  decoding.readVarUint(outer);
  const from = decoding.createDecoder(decoding.readVarUint8Array(outer));
  for (let left = decoding.readVarUint(from); left > 0; left--)
    yield { client: decoding.readVarUint(from), clock: decoding.readVarUint(from), state: decoding.readVarString(from) };
}
