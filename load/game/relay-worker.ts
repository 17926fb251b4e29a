/** The least that a table with a beat could be: what was said within 16 ms goes to everyone as one frame. It knows nothing, and keeps nothing. */
import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly RELAY: DurableObjectNamespace<Relay>;
}

const BEAT_MS = 16;

export class Relay extends DurableObject<Env> {
  #said: Uint8Array[] = [];

  override fetch(): Response {
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.ctx.acceptWebSocket(ours);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  override webSocketMessage(_from: WebSocket, message: ArrayBuffer): void {
    if (this.#said.push(new Uint8Array(message)) === 1) setTimeout(() => this.#beat(), BEAT_MS);
  }

  #beat(): void {
    const frame = new Uint8Array(this.#said.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const message of this.#said) {
      frame.set(message, at);
      at += message.length;
    }
    this.#said = [];
    for (const socket of this.ctx.getWebSockets()) socket.send(frame);
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }
}

export default {
  fetch(request, env): Response | Promise<Response> {
    const room = new URL(request.url).pathname;
    return request.headers.get("upgrade") === "websocket" ? env.RELAY.getByName(room).fetch(request) : new Response("ok");
  },
} satisfies ExportedHandler<Env>;
