/** A socket that only watches, and counts what a player is sent: frames, bytes on the wire, live values. */
import { puzzle } from "../demo/puzzle/rules.ts";
import { puzzleRoom } from "../demo/puzzle/room.ts";
import { Acks } from "../shared/acks.ts";
import { DOWN } from "../shared/protocol/down.ts";
import { encode, frameOf, readFrame } from "../shared/protocol/frame.ts";
import { readStreams } from "../shared/protocol/game.ts";
import { writeHello } from "../shared/protocol/hello.ts";
import { UP } from "../shared/protocol/up.ts";
import { PROTOCOL_VERSION } from "../shared/protocol/version.ts";
import { readMoves } from "./moves.ts";

export interface Counts {
  frames: number;
  /** With the WebSocket's own header: 2 bytes, 4 above 125. */
  bytes: number;
  /** Live values of rows (drags). */
  moves: number;
}

export class Observer {
  counts: Counts = { frames: 0, bytes: 0, moves: 0 };
  readonly #socket: WebSocket;
  readonly #acks = new Acks();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#count(new Uint8Array(data as ArrayBuffer)));
  }

  static async join(origin: string, id: string): Promise<Observer> {
    const response = await fetch(`${origin}/auth/guest`, {
      method: "POST",
      body: JSON.stringify({ name: "observer", scopes: ["read"] }),
    });
    const { token } = (await response.json()) as { token: string };
    const socket = new WebSocket(`${origin.replace("http", "ws")}/parties/${puzzleRoom.name}/${id}`, [
      "coterie.v1",
      `auth.${token}`,
    ]);
    socket.binaryType = "arraybuffer";
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("close", ({ code, reason }) => reject(new Error(`${code} ${reason}`)));
    });
    const hello = frameOf(
      UP.hello,
      writeHello({
        protocol: PROTOCOL_VERSION,
        gameVersion: puzzle.version,
        session: crypto.randomUUID(),
        seq: 0,
        epoch: 0,
        presence: encode((to) => puzzleRoom.presence.type.write(to, { cursor: null })),
        create: null,
      }),
    );
    const observer = new Observer(socket);
    socket.send(hello as Uint8Array<ArrayBuffer>);
    return observer;
  }

  #count(bytes: Uint8Array): void {
    const ack = this.#acks.read(bytes.length);
    if (ack) this.#socket.send(ack);
    this.counts.frames++;
    this.counts.bytes += bytes.length + (bytes.length > 125 ? 4 : 2);
    for (const { type, body } of readFrame(bytes))
      if (type === DOWN.streams) readMoves(readStreams(body).body, () => this.counts.moves++);
  }

  close(): void {
    this.#socket.close(1000, "");
  }
}
