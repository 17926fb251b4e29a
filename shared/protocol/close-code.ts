/**
 * Every close code a room or the edge uses, and what a client does about it. The band is normative: 44xx stop, 45xx try
 * again with full jitter. PROTOCOL.md lists the same table; a test holds the two together.
 */

/**
 * `stop`: do not come back by yourself. `renew`: get one new token and come back, then stop. `retry`: come back after a
 * wait with full jitter. `soon`: come back at once. `slow`: come back after a long wait.
 */
export type Reaction = "stop" | "renew" | "retry" | "soon" | "slow";

export interface CloseMeaning {
  readonly name: string;
  readonly meaning: string;
  readonly reaction: Reaction;
}

export const CLOSE_CODES = {
  4400: { name: "malformed", meaning: "a frame that this protocol does not know", reaction: "stop" },
  4401: { name: "token", meaning: "the token is missing, bad, expired or revoked", reaction: "renew" },
  4403: { name: "forbidden", meaning: "no right to this room, or from this origin", reaction: "stop" },
  4404: { name: "not-found", meaning: "the room does not exist, or was deleted", reaction: "stop" },
  4409: { name: "replaced", meaning: "a newer socket of the same session took over", reaction: "stop" },
  4410: { name: "kicked", meaning: "someone with the right to removed this user", reaction: "stop" },
  4413: { name: "too-large", meaning: "a frame over the limit", reaction: "stop" },
  4426: { name: "version", meaning: "the page is older than the room understands: reload", reaction: "stop" },
  4500: { name: "internal", meaning: "the room cannot go on; nothing acknowledged is lost", reaction: "retry" },
  4503: { name: "draining", meaning: "the room moves or restarts", reaction: "retry" },
  4508: { name: "heartbeat", meaning: "the socket went silent", reaction: "soon" },
  4529: { name: "rate", meaning: "too many messages", reaction: "slow" },
  4530: { name: "slow", meaning: "this client reads more slowly than the room speaks", reaction: "retry" },
  4531: { name: "full", meaning: "the room has no place left", reaction: "slow" },
  4532: { name: "resync", meaning: "this client must take the state anew", reaction: "retry" },
} as const;

export type CloseCode = keyof typeof CLOSE_CODES;

/** What to do after a close with `code`, ours or not: 1000 is somebody's wish, anything else unknown is the network. */
export function reactionTo(code: number): Reaction {
  if (code in CLOSE_CODES) return CLOSE_CODES[code as CloseCode].reaction;
  if (code === 1000 || (code >= 4400 && code < 4500)) return "stop";
  return "retry";
}

/** How a close reason says when to come back, at the earliest: a reason is all that a browser sees of a close. */
const RETRY_AFTER = /; retry after (\d{1,7}) ms$/;

/** `reason`, with the least time in ms before the client may come back. */
export const withRetryAfter = (reason: string, ms: number): string => `${reason}; retry after ${Math.round(ms)} ms`;

/** What a close reason asks for, in ms; 0 where it asks for nothing. */
export const retryAfterOf = (reason: string): number => Number(RETRY_AFTER.exec(reason)?.[1] ?? 0);
