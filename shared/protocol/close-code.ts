/**
 * Every close code a room or the edge uses, and what a client does about it. The band is normative: 44xx stop, 45xx try
 * again with full jitter. What each means in words is in meanings.ts, which no page has to download.
 */

/**
 * `stop`: do not come back by yourself. `renew`: get one new token and come back, then stop. `retry`: come back after a
 * wait with full jitter. `soon`: come back at once. `slow`: come back after a long wait.
 */
export type Reaction = "stop" | "renew" | "retry" | "soon" | "slow";

const NAMES = {
  4400: "malformed",
  4401: "token",
  4403: "forbidden",
  4404: "not-found",
  4409: "replaced",
  4410: "kicked",
  4413: "too-large",
  4426: "version",
  4500: "internal",
  4503: "draining",
  4508: "heartbeat",
  4529: "rate",
  4530: "slow",
  4531: "full",
  4532: "resync",
} as const;

export type CloseCode = keyof typeof NAMES;

const isCloseCode = (code: number): code is CloseCode => code in NAMES;

/** What an error that came of this close is called; "disconnected" where the code is not ours. */
export const closeName = (code: number): string => (isCloseCode(code) ? NAMES[code] : "disconnected");

const EXCEPTIONS: Readonly<Record<number, Reaction>> = { 1000: "stop", 4401: "renew", 4508: "soon", 4529: "slow", 4531: "slow" };

/** What to do after a close with `code`, ours or not: 1000 is somebody's wish, anything else unknown is the network. */
export const reactionTo = (code: number): Reaction => EXCEPTIONS[code] ?? (code >= 4400 && code < 4500 ? "stop" : "retry");

/** How a close reason says when to come back, at the earliest: a reason is all that a browser sees of a close. */
const RETRY_AFTER = /; retry after (\d{1,7}) ms$/;

/** `reason`, with the least time in ms before the client may come back. */
export const withRetryAfter = (reason: string, ms: number): string => `${reason}; retry after ${Math.round(ms)} ms`;

/** What a close reason asks for, in ms; 0 where it asks for nothing. */
export const retryAfterOf = (reason: string): number => Number(RETRY_AFTER.exec(reason)?.[1] ?? 0);
