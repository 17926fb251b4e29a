/** Closes a socket, or answers its close, with a code and a reason that the platform takes. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  const legal = code === 1000 || code === BROKE || (code >= 3000 && code <= 4999) ? code : 1000;
  if (socket.readyState !== WebSocket.CLOSED) socket.close(legal, shorten(reason));
}

/** "Internal error", as RFC 6455 names it. */
export const BROKE = 1011;

/** A close reason holds at most 123 bytes of UTF-8. */
function shorten(reason: string): string {
  let short = reason.slice(0, 123);
  while (new TextEncoder().encode(short).length > 123) short = short.slice(0, -1);
  return short;
}
