/** The outside world as the client uses it: one object, so that tests can hold the clock still and cut the wire. */
import ReconnectingWebSocket from "partysocket/ws";

/** A socket that is opened again and again: `reconnect()` opens it, and nothing else does. */
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

/** The real one: partysocket for the wire, so that browsers, Node ≥ 22 and Workers behave alike. */
export const realEnvironment: Environment = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
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
    let target = "";
    let named: string[] = [];
    // One attempt a call: when to try again is the connection's decision, by the close code and with jitter.
    const socket = new ReconnectingWebSocket(
      () => target,
      () => named,
      { startClosed: true, maxRetries: 0, maxEnqueuedMessages: 0, connectionTimeout: OPEN_WITHIN_MS },
    );
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", opened);
    socket.addEventListener("message", ({ data }: MessageEvent) =>
      received(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer)),
    );
    let asked = false;
    // partysocket reports a failed or lost socket as 1000; a room never closes with it unless we did.
    socket.addEventListener("close", ({ code, reason }) => closed(code === 1000 && !asked ? 1006 : code, reason));
    // A lost socket has said so by its close; one that could not even be made (a token with a blank in it) says only this.
    socket.addEventListener("error", ({ message }: { message?: string }) => closed(1006, message ?? ""));
    return {
      open(url, protocols) {
        target = url;
        named = protocols;
        asked = false;
        socket.reconnect();
      },
      send: (data) => void socket.send(data as Uint8Array<ArrayBuffer> | string),
      close(code, reason) {
        asked = true;
        socket.close(code, reason);
      },
    };
  },
};
