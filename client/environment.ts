/** The outside world as the client uses it: one object, so that tests can hold the clock still and cut the wire. */

/** One socket at a time: when to open another is the connection's decision, by the close code and with jitter. */
export interface Transport {
  open(url: string, protocols: string[]): void;
  send(data: Uint8Array | string): void;
  close(code: number, reason: string): void;
}

export interface TransportEvents {
  opened(): void;
  received(data: Uint8Array | string): void;
  closed(code: number, reason: string): void;
}

export interface Environment {
  /** ms since 1970. */
  now(): number;
  /** Returns its own cancel. */
  after(ms: number, run: () => void): () => void;
  /** [0, 1). */
  random(): number;
  /** One that nobody else has. */
  uuid(): string;
  transport(events: TransportEvents): Transport;
  /** Calls `listener` when the network comes back or the page is seen again. Returns its own unsubscribe. */
  onReturn(listener: () => void): () => void;
  /** Calls `listener` when the page is hidden or shown again. Returns its own unsubscribe. */
  onHidden(listener: (hidden: boolean) => void): () => void;
  /** Makes the browser ask whoever closes the page whether they mean it. Returns its own end. */
  askBeforeLeaving(): () => void;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** How long a socket may take to open, in ms. */
const OPEN_WITHIN_MS = 10_000;

/** The real one, of browsers, Node ≥ 22, Bun, Deno and Workers alike. */
export const realEnvironment: Environment = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  uuid: () => crypto.randomUUID(),
  fetch: (url, init) => fetch(url, init),
  onReturn(listener) {
    if (typeof document === "undefined") return () => {}; // no page: nothing is hidden, and the network does not say
    const seen = (): void => void (document.visibilityState === "visible" && listener());
    addEventListener("online", listener);
    document.addEventListener("visibilitychange", seen);
    return () => {
      removeEventListener("online", listener);
      document.removeEventListener("visibilitychange", seen);
    };
  },
  onHidden(listener) {
    if (typeof document === "undefined") return () => {};
    const changed = (): void => listener(document.visibilityState === "hidden");
    document.addEventListener("visibilitychange", changed);
    changed();
    return () => document.removeEventListener("visibilitychange", changed);
  },
  askBeforeLeaving() {
    if (typeof document === "undefined") return () => {};
    const ask = (event: Event): void => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  },
  transport({ opened, received, closed }) {
    let socket: WebSocket | undefined;
    return {
      open(url, protocols) {
        let mine: WebSocket;
        try {
          mine = socket = new WebSocket(url, protocols);
        } catch (error) {
          return closed(1006, String(error)); // it could not even be made: a token with a blank in it
        }
        mine.binaryType = "arraybuffer";
        // A socket that was given up still says that it closes: that is nobody's business any more.
        const lost = (code: number, reason: string): void => {
          clearTimeout(late);
          if (mine !== socket) return;
          socket = undefined;
          closed(code, reason);
        };
        const late = setTimeout(() => {
          lost(1006, `no answer within ${OPEN_WITHIN_MS} ms`);
          mine.close();
        }, OPEN_WITHIN_MS);
        mine.addEventListener("open", () => {
          clearTimeout(late);
          if (mine === socket) opened();
        });
        mine.addEventListener("message", ({ data }) => {
          if (mine === socket) received(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
        });
        // A room never closes with 1000: whoever is between has.
        mine.addEventListener("close", ({ code, reason }) => lost(code === 1000 ? 1006 : code, reason));
      },
      send: (data) => {
        if (socket?.readyState === WebSocket.OPEN) socket.send(data as Uint8Array<ArrayBuffer> | string);
      },
      close(code, reason) {
        const given = socket;
        socket = undefined;
        given?.close(code, reason);
      },
    };
  },
};
