/**
 * How often someone may call: each address, each user, and each room from all of them, sockets and requests alike. What is
 * over is refused here, and wakes no room. The platform's counters do it where they are bound; where not, this isolate's own.
 */
import { Bucket } from "../../shared/bucket.ts";
import { withRetryAfter } from "../../shared/protocol/close-code.ts";
import { isLoopback } from "./keys.ts";
import { closeAtEdge, isUpgrade, problem } from "./respond.ts";

/** What is held to a number. */
export interface Limits {
  /** How many rooms of a party one user may have made that still exist. Default: any number. */
  readonly roomsPerUser?: number;
  // Calls a minute, of sockets and requests together:
  /** Of one address, before its token is looked at. Default 1,200. Binding RATE_ADDRESS. */
  readonly addressPerMinute?: number;
  /** Of one user. Default 600. Binding RATE_USER. */
  readonly userPerMinute?: number;
  /** Of all users to one room. Default 12,000. Binding RATE_ROOM. */
  readonly roomPerMinute?: number;
  /** Guests of one address. Default 60. Binding RATE_GUEST. */
  readonly guestsPerMinute?: number;
}

const KINDS = {
  address: { binding: "RATE_ADDRESS", limit: "addressPerMinute", perMinute: 1200 },
  user: { binding: "RATE_USER", limit: "userPerMinute", perMinute: 600 },
  room: { binding: "RATE_ROOM", limit: "roomPerMinute", perMinute: 12_000 },
  guest: { binding: "RATE_GUEST", limit: "guestsPerMinute", perMinute: 60 },
} as const;
export type Kind = keyof typeof KINDS;

/** When one who was refused may come again, in ms. */
const RETRY_AFTER_MS = 10_000;
/** With this many keys it is looked which can be forgotten. */
const MANY_KEYS = 10_000;

/** As the platform's rate limiting binding. */
export interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** The same, in this isolate's memory. */
export class LocalLimit implements RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, now: () => number = () => Date.now()) {
    if (!(perMinute > 0)) throw new RangeError(`${perMinute} calls a minute, expected more than 0`);
    this.#perMinute = perMinute;
    this.#now = now;
  }

  get size(): number {
    return this.#buckets.size;
  }

  async limit({ key }: { key: string }): Promise<{ success: boolean }> {
    const now = this.#now();
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      if (this.#buckets.size >= MANY_KEYS) this.#forget(now);
      this.#buckets.set(key, (bucket = new Bucket(this.#perMinute / 60, this.#perMinute)));
    }
    return { success: bucket.take(now) };
  }

  /** Those who have rested; and where nobody has, who came first: nobody's noise fills the memory. */
  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key);
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < MANY_KEYS / 2) return; // half at once: it must not be looked through for every new key
      this.#buckets.delete(key);
    }
  }
}

export class Throttle {
  readonly #limits: Limits;
  readonly #local = new Map<Kind, LocalLimit>();

  /** What `limits` does not say is the default; in development on this machine it is nothing. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The answer to one who calls too often; undefined: it may go on, as does one of whom `key` is not known. */
  async over(request: Request, env: Record<string, unknown>, kind: Kind, key: string | undefined): Promise<Response | undefined> {
    const limit = this.#limitOf(kind, env, new URL(request.url).host);
    if (!limit || key === undefined || (await limit.limit({ key })).success) return undefined;
    if (isUpgrade(request)) return closeAtEdge(request, 4529, withRetryAfter("too many connections", RETRY_AFTER_MS));
    const refused = problem(429, "rate-limited", "too many calls");
    refused.headers.set("retry-after", String(RETRY_AFTER_MS / 1000));
    return refused;
  }

  #limitOf(kind: Kind, env: Record<string, unknown>, host: string): RateLimit | undefined {
    const { binding, limit, perMinute } = KINDS[kind];
    const set = this.#limits[limit];
    if (set === undefined && env["ENV"] === "dev" && isLoopback(host)) return undefined; // everybody has one address there
    const bound = env[binding];
    if (typeof bound === "object" && bound !== null) return bound as RateLimit;
    const local = this.#local.get(kind) ?? new LocalLimit(set ?? perMinute);
    this.#local.set(kind, local);
    return local;
  }
}

/**
 * What the platform says of where a request comes from; no header that a client could set is believed. Undefined where it says
 * nothing (workerd by itself). Who has an IPv6 address has as many as its network (/64) holds: that counts as one.
 */
export function addressOf(request: Request): string | undefined {
  const address = request.headers.get("cf-connecting-ip") ?? undefined;
  if (!address?.includes(":")) return address;
  const [head, tail] = address.split("::").map((part) => (part === "" ? [] : part.split(":"))) as [string[], string[]?];
  const zeros = tail ? Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0") : [];
  const groups = [...head, ...zeros, ...(tail ?? [])].slice(0, 4);
  return groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, "")).join(":");
}
