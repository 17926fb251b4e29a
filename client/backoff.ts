/**
 * How long to wait before the next attempt: full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/),
 * so that a thousand clients of one room that went away do not come back in one instant.
 */
import type { Reaction } from "../shared/protocol/close-code.ts";

/** Longest wait before attempt 1, 2, 3, … in ms: doubling from the first, up to the last. */
const RETRY = { firstMs: 500, lastMs: 10_000 };
/** After `slow` (rate, full room): the room asked for patience. */
const SLOW = { firstMs: 10_000, lastMs: 300_000 };

/** `random` in [0, 1); `retryAfterMs`: what the server asked for, as the least. */
export function waitMs(reaction: Exclude<Reaction, "stop">, attempt: number, random: number, retryAfterMs = 0): number {
  if (reaction === "soon") return retryAfterMs;
  const { firstMs, lastMs } = reaction === "slow" ? SLOW : RETRY;
  const longest = Math.min(lastMs, firstMs * 2 ** Math.min(attempt, 20));
  return retryAfterMs + Math.round(random * longest);
}
