/**
 * Every code of an error that is not the game's own: whether the same call may succeed later, and what a client does. What
 * each means in words is in meanings.ts, which no page has to download.
 */

/**
 * `reject`: the caller is told. `resend`: nothing happened, and the SDK sends it again after a while. `await`: what it came
 * before is on its way, and it is sent again behind that. `renew`: the SDK begins another session, and rejects what waited.
 */
export type ErrorReaction = "reject" | "resend" | "await" | "renew";

export type ErrorCode =
  | "bad-input"
  | "unknown-action"
  | "forbidden"
  | "rate-limited"
  | "gap"
  | "session-expired"
  | "done"
  | "conflict"
  | "document-nearly-full"
  | "document-too-large"
  | "unavailable"
  | "internal"
  | "not-found"
  | "destroyed"
  | "disconnected"
  | "unanswered"
  | "overloaded"
  | "drifted"
  | "unsupported";

const RETRYABLE: readonly string[] = ["rate-limited", "gap", "unavailable", "disconnected", "overloaded"] satisfies ErrorCode[];

/** The same call may succeed later. A game's own codes are not: its rules have said no. */
export const isRetryable = (code: string): boolean => RETRYABLE.includes(code);

export const errorReaction = (code: string): ErrorReaction =>
  code === "gap" ? "await" : code === "session-expired" ? "renew" : code === "unavailable" ? "resend" : "reject";
