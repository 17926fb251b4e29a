/** The SDK inside workerd: its socket is an upgrade of the worker under test, everything else is the real thing. */
import { env, exports } from "cloudflare:workers";
import { createClient } from "coterie/client";
import { realEnvironment, type Environment, type TransportEvents } from "../../client/environment.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      BOARD: DurableObjectNamespace;
      PUZZLE: DurableObjectNamespace;
      NOTES: DurableObjectNamespace;
      MATCH: DurableObjectNamespace;
      LOBBY: DurableObjectNamespace;
      MAIN_PARTY: DurableObjectNamespace;
      CHAT: DurableObjectNamespace;
      LIVE_POLL: DurableObjectNamespace;
    }
  }
}

/** On the loopback name, since a dev secret counts nowhere else. */
export const ORIGIN = "http://localhost:8787";

/** The worker under test. */
export function fetchWorker(path: string, init?: RequestInit): Promise<Response> {
  return (exports as unknown as { default: { fetch(url: string, init?: RequestInit): Promise<Response> } }).default.fetch(
    `${ORIGIN}${path}`,
    init,
  );
}

/** Opens a socket by hand; `protocols` as a browser would send them. */
export async function upgrade(
  path: string,
  protocols: readonly string[],
  headers: Record<string, string> = {},
): Promise<WebSocket> {
  const response = await fetchWorker(path, {
    headers: { upgrade: "websocket", "sec-websocket-protocol": protocols.join(", "), ...headers },
  });
  const socket = response.webSocket;
  if (!socket) throw new Error(`no socket: ${response.status} ${await response.text()}`);
  socket.binaryType = "arraybuffer";
  socket.accept();
  return socket;
}

/** Resolves with the close of a socket. */
export const closed = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })));

export const guest = async (name: string, scopes?: readonly string[]): Promise<string> => {
  const response = await fetchWorker("/auth/guest", { method: "POST", body: JSON.stringify({ name, scopes }) });
  return ((await response.json()) as { token: string }).token;
};

export const environment: Environment = {
  ...realEnvironment,
  fetch: (url, init) => fetchWorker(new URL(url).pathname + new URL(url).search, init),
  transport(events: TransportEvents) {
    let socket: WebSocket | undefined;
    return {
      open(url, protocols) {
        upgrade(new URL(url).pathname, protocols).then(
          (opened) => {
            socket = opened;
            opened.addEventListener("message", ({ data }) =>
              events.received(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer)),
            );
            opened.addEventListener("close", ({ code, reason }) => opened === socket && events.closed(code, reason));
            events.opened();
          },
          (error: unknown) => events.closed(1006, String(error)),
        );
      },
      send: (data) => socket?.send(data),
      close(code, reason) {
        const old = socket;
        socket = undefined;
        old?.close(code, reason);
        events.closed(code, reason);
      },
    };
  },
};

/** A client of its own, as a guest of this name. */
export const clientOf = (name: string): ReturnType<typeof createClient> =>
  createClient({ host: ORIGIN, guest: { name }, environment });

/** Waits until `test` holds; looks again after whatever happens next. */
export async function until(test: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (test()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited four seconds for: ${what}`);
}

export { env, SUBPROTOCOL };
