/**
 * A token that lasts as long as the socket: when most of its life is over another is asked for and handed to the room, so that
 * nothing breaks off. Where that fails the old way remains: the room closes the socket when the token ends, and the page comes anew.
 */
import type { Environment } from "./environment.ts";

/** When another is asked for: this share of a token's life, give or take a tenth of it, lest all pages ask at once. */
const AT = 0.8;
const JITTER = 0.1;
/** What failed is tried again after half of what is left, and not sooner than this, in ms. */
const LEAST_MS = 1000;

export interface RefreshHost {
  /** The room's clock, in ms since 1970. */
  now(): number;
  /** Another token, from the app. */
  token(signal: AbortSignal): Promise<string>;
  /** Hands it to the room; false: it was not taken. */
  hand(token: string, signal: AbortSignal): Promise<boolean>;
  failed(error: unknown): void;
}

export class Refresh {
  readonly #environment: Environment;
  readonly #host: RefreshHost;
  #cancel: () => void = () => {};
  #abort: AbortController | undefined;

  constructor(environment: Environment, host: RefreshHost) {
    this.#environment = environment;
    this.#host = host;
  }

  /** The socket is open with this token. */
  start(token: string): void {
    this.stop();
    const life = lifeOf(token);
    if (!life) return; // not ours to read: the room says when it has ended
    const share = AT + (this.#environment.random() - 0.5) * 2 * JITTER;
    this.#after(life.endsAt - this.#host.now() - (1 - share) * life.ms, life.endsAt);
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#abort?.abort();
    this.#abort = undefined;
  }

  #after(ms: number, endsAt: number): void {
    this.#cancel = this.#environment.after(Math.max(LEAST_MS, ms), () => void this.#refresh(endsAt));
  }

  async #refresh(endsAt: number): Promise<void> {
    const { signal } = (this.#abort = new AbortController());
    try {
      const token = await this.#host.token(signal);
      if (signal.aborted) return;
      // A cache of the app's, maybe: handed over and timed anew it would be asked for every second.
      if ((lifeOf(token)?.endsAt ?? Infinity) <= endsAt) throw new RangeError("the new token ends no later than the one before");
      const taken = await this.#host.hand(token, signal);
      if (!signal.aborted && taken) this.start(token);
    } catch (error) {
      if (signal.aborted) return;
      this.#host.failed(error);
      const left = endsAt - this.#host.now();
      if (left > 2 * LEAST_MS) this.#after(left / 2, endsAt);
    }
  }
}

/** When a JWT ends, and how long it was to last, in ms; undefined where it does not say. */
function lifeOf(token: string): { endsAt: number; ms: number } | undefined {
  const { exp, iat } = claimsOf(token);
  return typeof exp === "number" && typeof iat === "number" && exp > iat
    ? { endsAt: exp * 1000, ms: (exp - iat) * 1000 }
    : undefined;
}

/** What a JWT says, none where it is none. It is not verified: that is the room's affair. */
export function claimsOf(token: string): { readonly exp?: unknown; readonly iat?: unknown; readonly sub?: unknown } {
  try {
    const body = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(body)) as object;
  } catch {
    return {};
  }
}
