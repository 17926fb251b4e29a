/**
 * A WebSocket by hand, on a bare TCP socket: for clients that do what no library would. It can stop reading, or go on
 * sending whatever it was told. It offers no compression, and reads of what comes only how often and with what code it ends.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from "../../shared/protocol/version.ts";

const FIN_BINARY = 0x82;
const FIN_TEXT = 0x81;
const OPCODE = 0x0f;
const CLOSE = 0x8;
const MASKED = 0x80;
/** Lengths from here on take two bytes more, and from the second on eight. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;

export class RawSocket {
  /** The code of the close frame that came. */
  closeCode: number | undefined;
  /** Frames that came, the last one excepted. */
  frames = 0;
  /** Resolves when the room has said close, or the socket has gone. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  #unread: Uint8Array = new Uint8Array();

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    socket.on("data", (bytes: Uint8Array) => {
      this.#read(bytes);
      if (this.closeCode !== undefined) resolve();
    });
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => resolve());
  }

  /** Opens a socket to `path` of this machine's `port`, without a `token` as stock clients do; throws when the upgrade is refused. */
  static async open(port: number, path: string, token?: string): Promise<RawSocket> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        "Connection: Upgrade",
        "Upgrade: websocket",
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        "Sec-WebSocket-Version: 13",
        ...(token === undefined ? [] : [`Sec-WebSocket-Protocol: ${SUBPROTOCOL}, ${TOKEN_SUBPROTOCOL_PREFIX}${token}`]),
        "\r\n",
      ].join("\r\n"),
    );
    let answer = "";
    while (!answer.includes("\r\n\r\n")) {
      const [bytes] = (await once(socket, "data")) as [Buffer];
      answer += bytes.toString("latin1");
    }
    const [head, rest] = [answer.slice(0, answer.indexOf("\r\n\r\n")), answer.slice(answer.indexOf("\r\n\r\n") + 4)];
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(`the upgrade was refused: ${head.split("\r\n")[0]}`);
    const opened = new RawSocket(socket);
    opened.#read(Buffer.from(rest, "latin1"));
    return opened;
  }

  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** Reads nothing from here on: what comes stays in the kernel, and then at the sender. */
  pause(): void {
    this.#socket.pause();
  }

  /** Sends bytes made by {@link masked}. False: the socket takes no more, wait for `drained`. */
  send(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  /** Resolves when the socket takes more, or has gone. */
  async drained(): Promise<void> {
    if (this.open && this.#socket.writableNeedDrain)
      await Promise.race([once(this.#socket, "drain"), once(this.#socket, "close")]);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(bytes: Uint8Array): void {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const frame = frameIn(this.#unread);
      if (!frame) return;
      this.#unread = this.#unread.subarray(frame.end);
      if (frame.opcode !== CLOSE) this.frames++;
      else this.closeCode = frame.body.length < 2 ? 1005 : (frame.body[0]! << 8) | frame.body[1]!;
    }
  }
}

/** The first frame of `bytes`, when all of it is there. A server masks nothing. */
function frameIn(bytes: Uint8Array): { opcode: number; body: Uint8Array; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const short = bytes[1]!;
  const start = short === LENGTH_16 ? 4 : short === LENGTH_64 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length = short === LENGTH_16 ? view.getUint16(2) : short === LENGTH_64 ? Number(view.getBigUint64(2)) : short;
  const end = start + length;
  return bytes.length < end ? undefined : { opcode: bytes[0]! & OPCODE, body: bytes.subarray(start, end), end };
}

/** A text frame of a client. */
export const maskedText = (text: string): Uint8Array => masked(new TextEncoder().encode(text), FIN_TEXT);

/** A frame of a client, binary where nothing else is said, as it goes over the wire. */
export function masked(body: Uint8Array, first: number = FIN_BINARY): Uint8Array {
  if (body.length > 0xffff) throw new RangeError(`a frame of ${body.length} bytes, expected at most 65,535`);
  const short = body.length < LENGTH_16;
  const head = short ? [first, MASKED | body.length] : [first, MASKED | LENGTH_16, body.length >> 8, body.length & 0xff];
  const mask = randomBytes(MASK_BYTES);
  const frame = new Uint8Array(head.length + MASK_BYTES + body.length);
  frame.set(head);
  frame.set(mask, head.length);
  for (let index = 0; index < body.length; index++)
    frame[head.length + MASK_BYTES + index] = body[index]! ^ mask[index % MASK_BYTES]!;
  return frame;
}
