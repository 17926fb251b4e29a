/** How the edge answers: an upgrade; or no, over HTTP as a problem (RFC 9457), over a socket as a close code, which is all a browser can see. */
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";

/** `more`: what a program reads of it, besides. */
export function problem(status: number, title: string, detail?: string, more: object = {}): Response {
  return Response.json(
    { title, status, ...(detail !== undefined && { detail }), ...more },
    { status, headers: { "content-type": "application/problem+json" } },
  );
}

/** What sockets were refused with at the edge, by request: of the answer only a client can see it. */
const REFUSED = new WeakMap<Request, { readonly code: CloseCode; readonly reason: string }>();
export const refusalOf = (request: Request): { readonly code: CloseCode; readonly reason: string } | undefined =>
  REFUSED.get(request);

export const isUpgrade = (request: Request): boolean => request.headers.get("upgrade")?.toLowerCase() === "websocket";

/** The answer to an upgrade: it names our protocol where the client has, and never a token. */
export function upgraded(request: Request, client: WebSocket): Response {
  const named = request.headers.get("sec-websocket-protocol")?.includes(SUBPROTOCOL);
  return new Response(null, { status: 101, webSocket: client, headers: named ? { "sec-websocket-protocol": SUBPROTOCOL } : {} });
}

/** Accepts the socket only to close it with a reason: a browser is told nothing of a refused upgrade. */
export function closeAtEdge(request: Request, code: CloseCode, reason: string): Response {
  REFUSED.set(request, { code, reason });
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(code, reason);
  return upgraded(request, client);
}

/** A class that is not bound (edge/reach.ts says what to paste). */
export function missing(detail: string): Response {
  console.error({ message: "not configured", reason: detail });
  return new Response(detail, { status: 500, headers: { "content-type": "text/plain; charset=utf-8" } });
}
