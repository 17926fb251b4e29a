/**
 * The public keys at `JWKS_URL`: fetched when they are first needed, kept, and asked for again when a token names a key
 * that is not among them. Whoever invents key ids causes one request in a while, and where the keys' server is down those
 * that are known go on counting for an hour.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { readWithin } from "./body.ts";

/** Keys are fetched anew when they are this old, in ms; so RFC 7517 leaves it to the application, and jose does. */
const FRESH_MS = 10 * 60_000;
/** No second request within this, in ms, whatever comes. */
const COOLDOWN_MS = 30_000;
/** Old keys count for this long, in ms, when no new ones can be had. */
const STALE_MS = 60 * 60_000;
/** How long the server of keys may take, in ms, and how much it may say, in bytes. */
const WITHIN_MS = 5000;
const MAX_BYTES = 65_536;

/** There are no keys to verify with, for now: nobody's token is at fault. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

interface Known {
  readonly key: JWTVerifyGetKey;
  readonly at: number;
}

export class RemoteKeys {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #now: () => number;
  readonly #withinMs: number;
  #known: Known | undefined;
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(
    url: string,
    now: () => number = () => Date.now(),
    ask: typeof fetch = (...request) => fetch(...request),
    withinMs: number = WITHIN_MS,
  ) {
    this.#url = url;
    this.#now = now;
    this.#fetch = ask;
    this.#withinMs = withinMs;
  }

  /** For `jwtVerify`. Throws jose's error where there is no such key, and KeysUnavailable where there are none at all. */
  readonly key: JWTVerifyGetKey = async (header, token) => {
    if (this.#age > FRESH_MS) await this.#ask();
    const known = this.#known;
    if (!known || this.#age > FRESH_MS + STALE_MS) throw new KeysUnavailable(`no keys from ${this.#url}`);
    try {
      return await known.key(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#ask(); // it may be a new one
      if (this.#known === known) throw error;
      return this.#known!.key(header, token);
    }
  };

  get #age(): number {
    return this.#known ? this.#now() - this.#known.at : Infinity;
  }

  /**
   * Asks, unless that was a short while ago. Those who come meanwhile wait for the same answer, but each by a clock of its own: a
   * request dies with the visitor it was made for, and what it promised is then never kept.
   */
  async #ask(): Promise<void> {
    if (this.#now() - this.#askedAt >= (this.#asking ? this.#withinMs : COOLDOWN_MS)) {
      this.#askedAt = this.#now();
      const asking = this.#load().finally(() => {
        if (this.#asking === asking) this.#asking = undefined;
      });
      this.#asking = asking;
    }
    if (!this.#asking) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, this.#withinMs);
    await Promise.race([this.#asking, late.promise]);
    clearTimeout(timer);
  }

  async #load(): Promise<void> {
    try {
      // Not followed: who controls what an address leads to would control who may enter.
      const response = await this.#fetch(this.#url, { redirect: "manual", signal: AbortSignal.timeout(this.#withinMs) });
      if (response.status !== 200) throw new TypeError(`status ${response.status}, expected 200`);
      const bytes = await readWithin(response.body, MAX_BYTES);
      if (!bytes) throw new TypeError(`more than ${MAX_BYTES} bytes`);
      const set = JSON.parse(new TextDecoder().decode(bytes)) as JSONWebKeySet;
      this.#known = { key: createLocalJWKSet(set), at: this.#now() };
    } catch (error) {
      console.error({ message: "no keys could be fetched", url: this.#url.split("?")[0], error: String(error) });
    }
  }
}
