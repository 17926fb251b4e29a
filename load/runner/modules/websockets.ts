/**
 * `k6/websockets`: an iteration lasts as long as one of its sockets is open. Frames are masked with zeros, which costs
 * nothing, and never compressed: what the generator takes must be little beside the server.
 */
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import type { VirtualUser } from "../virtual-user.ts";

interface Params {
  readonly headers?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
}

const EVENTS = ["open", "message", "error", "close", "ping", "pong"] as const;
type EventName = (typeof EVENTS)[number];
type Listener = (event: Readonly<Record<string, unknown>>) => void;
const PROTOCOL_HEADER = "sec-websocket-protocol";
const HANDSHAKE_TIMEOUT_MS = 60_000;

export function websocketsModule(user: VirtualUser): object {
  const { run } = user;
  const { builtin } = run;

  class K6WebSocket {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSING = 2;
    readonly CLOSED = 3;
    readonly url: string;
    binaryType: "blob" | "arraybuffer" = "blob";
    onopen: Listener | null = null;
    onmessage: Listener | null = null;
    onerror: Listener | null = null;
    onclose: Listener | null = null;
    onping: Listener | null = null;
    onpong: Listener | null = null;
    readonly #socket: WebSocket;
    readonly #listeners = new Map<EventName, Listener[]>();
    readonly #tags: Record<string, string>;
    #tcp: Socket | undefined;
    #read = 0;
    #written = 0;

    constructor(url: string, protocols?: string | readonly string[] | null, params?: Params | null) {
      this.url = url;
      this.#tags = Object.fromEntries(Object.entries(params?.tags ?? {}).map(([key, value]) => [key, String(value)]));
      const began = performance.now();
      const headers = Object.entries(params?.headers ?? {});
      // k6 sends the header as it is; here it has to be known, since the answer is compared with it.
      const asked = headers.find(([name]) => name.toLowerCase() === PROTOCOL_HEADER)?.[1].split(/,\s*/) ?? [];
      this.#socket = new WebSocket(url, [...asked, ...[protocols ?? []].flat()], {
        headers: Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== PROTOCOL_HEADER)),
        perMessageDeflate: false,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        generateMask: (mask) => mask.fill(0),
      });
      this.#socket.binaryType = "arraybuffer";
      const over = user.begin(() => {
        this.#socket.terminate();
        ended();
      });
      let counted = false;
      /** Once, however the socket ends. */
      const ended = (): void => {
        if (!counted) return;
        counted = false;
        this.#count();
        run.openSockets--;
        this.#add(builtin.ws_session_duration, performance.now() - began);
      };
      this.#socket.on("upgrade", ({ socket }) => (this.#tcp = socket));
      this.#socket.on("open", () => {
        counted = true;
        run.openSockets++;
        this.#add(builtin.ws_sessions, 1);
        this.#add(builtin.ws_connecting, performance.now() - began);
        this.#emit("open", {});
      });
      this.#socket.on("message", (data: ArrayBuffer, binary: boolean) => {
        this.#add(builtin.ws_msgs_received, 1);
        this.#count();
        const bytes = binary ? data : Buffer.from(data).toString();
        this.#emit("message", {
          data: typeof bytes === "string" || this.binaryType === "arraybuffer" ? bytes : new Blob([bytes]),
        });
      });
      this.#socket.on("ping", () => this.#emit("ping", {}));
      this.#socket.on("pong", () => this.#emit("pong", {}));
      this.#socket.on("error", (error) => this.#emit("error", { error: error.message }));
      this.#socket.on("close", (code, reason) => {
        ended();
        this.#emit("close", { code, reason: reason.toString() });
        over();
      });
    }

    get readyState(): number {
      return this.#socket.readyState;
    }
    get bufferedAmount(): number {
      return this.#socket.bufferedAmount;
    }
    get protocol(): string {
      return this.#socket.protocol;
    }

    addEventListener(name: EventName, listener: Listener): void {
      if (!EVENTS.includes(name)) throw new Error(`a WebSocket has no event ${name}`);
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    }

    send(data: string | ArrayBuffer | ArrayBufferView): void {
      if (data instanceof Blob) throw new TypeError("a Blob cannot be sent by this runner: send its bytes");
      this.#socket.send(data);
      this.#add(builtin.ws_msgs_sent, 1);
    }

    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason);
    }

    ping(): void {
      this.#socket.ping();
    }

    #add(metric: Parameters<VirtualUser["add"]>[0], value: number): void {
      user.add(metric, value, this.#tags);
    }

    /** What has gone over the wire since the last look, with the frames' heads and the handshake. */
    #count(): void {
      if (!this.#tcp) return;
      const { bytesRead, bytesWritten } = this.#tcp;
      this.#add(builtin.data_received, bytesRead - this.#read);
      this.#add(builtin.data_sent, bytesWritten - this.#written);
      this.#read = bytesRead;
      this.#written = bytesWritten;
    }

    #emit(type: EventName, fields: Readonly<Record<string, unknown>>): void {
      const listeners = this.#listeners.get(type) ?? [];
      const own = this[`on${type}`];
      if (!own && listeners.length === 0) return;
      const event = { type, timestamp: Date.now(), ...fields };
      user.guard(() => own?.(event));
      for (const listener of listeners) user.guard(() => listener(event));
    }
  }

  return { WebSocket: K6WebSocket, Blob };
}
