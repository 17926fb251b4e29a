/**
 * The least that a room could be: what one socket says, the others are sent as it is. With `?row` each message is a row
 * of storage first, which the platform makes durable before it lets the others have it.
 */
import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly RELAY: DurableObjectNamespace<Relay>;
}

export class Relay extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, bytes BLOB)");
  }

  override fetch(request: Request): Response {
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.ctx.acceptWebSocket(ours, new URL(request.url).searchParams.has("row") ? ["row"] : []);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  override webSocketMessage(from: WebSocket, message: ArrayBuffer): void {
    if (this.ctx.getTags(from).length > 0) this.ctx.storage.sql.exec("INSERT INTO journal (bytes) VALUES (?)", message);
    for (const socket of this.ctx.getWebSockets()) if (socket !== from) socket.send(message);
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
