/**
 * A WebSocket by hand, on a bare TCP socket: what the generator itself costs must be little beside the servers. It masks
 * with zeros, so that a frame can be made once and sent as it is, and it offers no compression.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const FIN = 0x80;
const OPCODE = 0x0f;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const MASKED = 0x80;
/** Lengths from here on take two bytes more, and from the second on eight. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;

export class Wire {
  /** With the frames' own heads. */
  bytes = 0;
  /** The code of the close frame that came. */
  closed: number | undefined;
  /** Resolves when the server has said close, or the socket has gone. */
  readonly ended: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #socket: Socket;
  readonly #received: (body: Buffer) => void;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Nothing can be read before this many are there: a long frame is put together once. */
  #needed = 2;

  private constructor(socket: Socket, received: (body: Buffer) => void) {
    this.#socket = socket;
    this.#received = received;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.#end(1006));
    this.ended = this.#ended.promise;
  }

  /** `received`: the body of each binary frame, within the memory it came in. */
  static async open(
    port: number,
    path: string,
    received: (body: Buffer) => void,
    protocols: readonly string[] = [],
  ): Promise<Wire> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    const key = randomBytes(16).toString("base64");
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n` +
        `${protocols.length > 0 ? `Sec-WebSocket-Protocol: ${protocols.join(", ")}\r\n` : ""}\r\n`,
    );
    let answer: Buffer = Buffer.alloc(0);
    let end = -1;
    while (end === -1) {
      const [bytes] = (await once(socket, "data")) as [Buffer];
      answer = Buffer.concat([answer, bytes]);
      end = answer.indexOf("\r\n\r\n");
    }
    const head = answer.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(`the upgrade was refused: ${head.split("\r\n")[0]}`);
    const wire = new Wire(socket, received);
    if (answer.length > end + 4) wire.#take(answer.subarray(end + 4));
    return wire;
  }

  /** A frame made by {@link framed}. */
  send(frame: Buffer): void {
    if (this.closed === undefined) this.#socket.write(frame);
  }

  close(): void {
    this.#socket.destroy();
  }

  #end(code: number): void {
    this.closed ??= code;
    this.#ended.resolve();
  }

  #take(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      const frame = frameIn(bytes);
      if (typeof frame === "number") {
        this.#needed = frame;
        break;
      }
      bytes = bytes.subarray(frame.end);
      this.#one(frame.opcode, frame.body);
    }
    this.#chunks = [bytes];
    this.#length = bytes.length;
  }

  #one(opcode: number, body: Buffer): void {
    if (opcode === BINARY) this.#received(body);
    else if (opcode === PING) this.send(framed(body, PONG));
    else if (opcode === CLOSE) this.#end(body.length < 2 ? 1005 : body.readUInt16BE(0));
    else if (opcode !== TEXT && opcode !== PONG) throw new Error(`a frame of kind ${opcode}`);
  }
}

/** The first frame, or how many bytes it takes to know more. */
function frameIn(bytes: Buffer): { opcode: number; body: Buffer; end: number } | number {
  if (bytes.length < 2) return 2;
  if ((bytes[0]! & FIN) === 0) throw new Error("a frame in fragments");
  const short = bytes[1]!;
  const start = short === LENGTH_16 ? 4 : short === LENGTH_64 ? 10 : 2;
  if (bytes.length < start) return start;
  const length = short === LENGTH_16 ? bytes.readUInt16BE(2) : short === LENGTH_64 ? Number(bytes.readBigUInt64BE(2)) : short;
  const end = start + length;
  return bytes.length < end ? end : { opcode: bytes[0]! & OPCODE, body: bytes.subarray(start, end), end };
}

/** A client's frame, as it goes over the wire. */
export function framed(body: Uint8Array, opcode: number = BINARY): Buffer {
  const head = body.length < LENGTH_16 ? Buffer.alloc(6) : body.length <= 0xffff ? Buffer.alloc(8) : Buffer.alloc(14);
  head[0] = FIN | opcode;
  if (head.length === 6) head[1] = MASKED | body.length;
  else if (head.length === 8) {
    head[1] = MASKED | LENGTH_16;
    head.writeUInt16BE(body.length, 2);
  } else {
    head[1] = MASKED | LENGTH_64;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}
