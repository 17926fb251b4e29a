/**
 * The connection of one room: when to try, when to wait, when to stop.
 *
 *            connect()              token           opened           welcome
 *     idle ────────────▶ authorizing ────▶ opening ───────▶ greeting ───────▶ open
 *      ▲                      ▲               │                │               │
 *      │ disconnect()         │ time is up    ▼ closed         ▼ closed        ▼ closed, silent
 *      └── (from any)      waiting ◀──────────┴────────────────┴───────────────┤ "retry", "soon", "slow"
 *                             │                                                │
 *                             └── stopped ◀────────────────────────────────────┘ "stop", or "renew" twice in a minute
 *
 * What a close means is the table's to say (shared/protocol/close-code.ts). A connection never gives up by itself on a
 * network that fails, and never tries again what the room has told it to stop.
 */
import { reactionTo, retryAfterOf, type Reaction } from "../shared/protocol/close-code.ts";
import { PING, PING_EVERY_MS, PONG, PONG_WITHIN_MS } from "../shared/protocol/limits.ts";
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from "../shared/protocol/version.ts";
import { waitMs } from "./backoff.ts";
import type { Environment, Transport } from "./environment.ts";

/** Why a token is asked for: `renew` after the room refused the last one; `refresh` before it ends, while the socket is open. */
export type AuthReason = "connect" | "reconnect" | "renew" | "refresh";

export type ConnectionState =
  | { readonly kind: "idle" }
  | { readonly kind: "authorizing"; readonly abort: AbortController; readonly cancel: () => void }
  | { readonly kind: "opening" }
  | { readonly kind: "greeting"; readonly cancel: () => void }
  | { readonly kind: "open"; readonly cancel: () => void }
  | {
      readonly kind: "waiting";
      /** What the last socket was closed with; 0: none was. */
      readonly code: number;
      readonly retryInMs: number;
      readonly reason: string;
      readonly ask: AuthReason;
      readonly cancel: () => void;
    }
  | { readonly kind: "stopped"; readonly code: number; readonly reason: string };

export interface ConnectionEvents {
  /** The socket is open: says hello on it. */
  greet(): Uint8Array;
  received(frame: Uint8Array): void;
  changed(state: ConnectionState): void;
  /** A heartbeat was answered: `rtt` is new. */
  beat?(): void;
}

/** What has gone over the wire of one room, in frames and bytes, heartbeats too. */
export interface Traffic {
  readonly received: { readonly frames: number; readonly bytes: number };
  readonly sent: { readonly frames: number; readonly bytes: number };
}

/** A token that has not come is waited for no longer than this, in ms. */
const TOKEN_WITHIN_MS = 30_000;
/** A socket that opened and then says nothing is given up after this, in ms. */
const WELCOME_WITHIN_MS = 10_000;
/** A second refused token within this time, in ms, and the connection stops. */
const RENEW_AGAIN_AFTER_MS = 60_000;
/** The longest that a room is believed when it says when to come back, in ms. */
const LONGEST_RETRY_AFTER_MS = 300_000;
/** A connection that held this long, in ms, starts again with short waits. */
const STABLE_AFTER_MS = 10_000;

export class Connection {
  #state: ConnectionState = { kind: "idle" };
  /** Round trip of the last heartbeat, in ms. */
  rtt: number | undefined;
  readonly traffic = { received: { frames: 0, bytes: 0 }, sent: { frames: 0, bytes: 0 } };
  readonly #url: string;
  readonly #token: (reason: AuthReason, signal: AbortSignal) => Promise<string>;
  readonly #events: ConnectionEvents;
  readonly #environment: Environment;
  readonly #transport: Transport;
  #unwatch: (() => void) | undefined;
  #attempt = 0;
  #everOpen = false;
  #renewedAt = -Infinity;
  #openedAt = 0;
  #heardAt = 0;
  #pingedAt = 0;

  constructor(
    url: string,
    token: (reason: AuthReason, signal: AbortSignal) => Promise<string>,
    events: ConnectionEvents,
    environment: Environment,
  ) {
    this.#url = url;
    this.#token = token;
    this.#events = events;
    this.#environment = environment;
    this.#transport = environment.transport({
      opened: () => this.#opened(),
      received: (data) => this.#received(data),
      closed: (code, reason) => this.#closed(code, reason),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether it has been open since it was last asked to connect. */
  get everOpen(): boolean {
    return this.#everOpen;
  }

  connect(): void {
    this.#unwatch ??= this.#environment.onReturn(() => this.#nudge());
    if (this.#state.kind !== "idle" && this.#state.kind !== "stopped" && this.#state.kind !== "waiting") return;
    this.#attempt = 0;
    void this.#authorize(this.#everOpen ? "reconnect" : "connect");
  }

  disconnect(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    if (this.#state.kind === "idle") return;
    this.#leave();
    this.#become({ kind: "idle" });
    this.#everOpen = false;
    this.#transport.close(1000, "");
  }

  send(data: Uint8Array | string): void {
    count(this.traffic.sent, data);
    this.#transport.send(data);
  }

  /** The room has answered the greeting. */
  welcomed(): void {
    this.#leave();
    this.#everOpen = true;
    this.#openedAt = this.#environment.now();
    this.#become({ kind: "open", cancel: this.#beatAfter(0) });
  }

  /** Closes what there is and tries again, at once: for a client that has lost its place. */
  restart(): void {
    if (this.#state.kind === "greeting" || this.#state.kind === "open") this.#lost("soon", "restart");
  }

  /** The network is back, or the page is seen again: a wait is over, and an open socket is asked whether it still lives. */
  #nudge(): void {
    if (this.#state.kind === "waiting") void this.#authorize(this.#state.ask);
    else if (this.#state.kind === "open") {
      this.#leave();
      this.#become({ kind: "open", cancel: this.#beatAfter(0) });
    }
  }

  async #authorize(reason: AuthReason): Promise<void> {
    this.#leave();
    const abort = new AbortController();
    const late = (): void => this.#lost("retry", `no token within ${TOKEN_WITHIN_MS} ms`, reason);
    const cancel = this.#environment.after(TOKEN_WITHIN_MS, late);
    this.#become({ kind: "authorizing", abort, cancel });
    let token: string;
    try {
      token = await this.#token(reason, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted)
        this.#lost("retry", `no token: ${error instanceof Error ? error.message : String(error)}`, reason);
      return;
    }
    if (abort.signal.aborted) return;
    cancel();
    this.#become({ kind: "opening" });
    this.#transport.open(this.#url, [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${token}`]);
  }

  #opened(): void {
    if (this.#state.kind !== "opening") return;
    this.#heardAt = this.#environment.now();
    this.#become({ kind: "greeting", cancel: this.#environment.after(WELCOME_WITHIN_MS, () => this.#silent()) });
    this.send(this.#events.greet());
  }

  #received(data: Uint8Array | string): void {
    if (this.#state.kind !== "greeting" && this.#state.kind !== "open") return;
    this.#heardAt = this.#environment.now();
    count(this.traffic.received, data);
    if (typeof data !== "string") this.#events.received(data);
    else if (data === PONG) {
      this.rtt = this.#heardAt - this.#pingedAt;
      this.#events.beat?.();
    }
  }

  /** Asks after `ms`, then listens for an answer; any frame is one. */
  #beatAfter(ms: number): () => void {
    return this.#environment.after(ms, () => {
      this.#pingedAt = this.#environment.now();
      this.send(PING);
      const cancel = this.#environment.after(PONG_WITHIN_MS, () => {
        if (this.#heardAt < this.#pingedAt) this.#silent();
        else if (this.#state.kind === "open")
          this.#become({ kind: "open", cancel: this.#beatAfter(PING_EVERY_MS - PONG_WITHIN_MS) });
      });
      this.#become({ kind: "open", cancel });
    });
  }

  #silent(): void {
    this.#lost("soon", "the socket went silent");
  }

  #closed(code: number, reason: string): void {
    if (this.#state.kind !== "opening" && this.#state.kind !== "greeting" && this.#state.kind !== "open") return;
    const reaction = reactionTo(code);
    if (reaction === "stop") this.#stop(code, reason);
    else if (reaction === "renew") this.#renew(code, reason);
    else this.#lost(reaction, reason, "reconnect", code, Math.min(retryAfterOf(reason), LONGEST_RETRY_AFTER_MS));
  }

  #renew(code: number, reason: string): void {
    const now = this.#environment.now();
    if (now - this.#renewedAt < RENEW_AGAIN_AFTER_MS) return this.#stop(code, reason);
    this.#renewedAt = now;
    void this.#authorize("renew");
  }

  /** `ask`: why the next token is asked for. One that was to be renewed and could not be had is still to be renewed. */
  #lost(reaction: Exclude<Reaction, "stop">, reason: string, ask: AuthReason = "reconnect", code = 0, retryAfterMs = 0): void {
    const stable = this.#state.kind === "open" && this.#environment.now() - this.#openedAt >= STABLE_AFTER_MS;
    this.#leave();
    if (stable) this.#attempt = 0;
    const retryInMs = waitMs(
      reaction === "soon" && this.#attempt > 0 ? "retry" : reaction,
      this.#attempt++,
      this.#environment.random(),
      retryAfterMs,
    );
    const cancel = this.#environment.after(retryInMs, () => void this.#authorize(ask));
    this.#become({ kind: "waiting", code, retryInMs, reason, ask, cancel });
    this.#transport.close(1000, "");
  }

  /** Closes what there is, and does not try again by itself. */
  stop(code: number, reason: string): void {
    this.#stop(code, reason);
    this.#transport.close(1000, "");
  }

  #stop(code: number, reason: string): void {
    this.#leave();
    this.#become({ kind: "stopped", code, reason });
    this.#everOpen = false;
  }

  /** Ends what the present state has going. */
  #leave(): void {
    const state = this.#state;
    if (state.kind === "authorizing") state.abort.abort();
    if ("cancel" in state) state.cancel();
  }

  #become(state: ConnectionState): void {
    const before = this.#state.kind;
    this.#state = state;
    if (before !== state.kind) this.#events.changed(state);
  }
}

function count(to: { frames: number; bytes: number }, { length }: Uint8Array | string): void {
  to.frames++;
  to.bytes += length; // texts are heartbeats: ASCII
}
