/** Every code of an error that is not the game's own: what it means, whether the same call may succeed later, and what a client does. */

/**
 * `reject`: the caller is told. `resend`: nothing happened, and the SDK sends it again after a while. `await`: what it came
 * before is on its way, and it is sent again behind that. `renew`: the SDK begins another session, and rejects what waited.
 */
export type ErrorReaction = "reject" | "resend" | "await" | "renew";

export interface ErrorMeaning {
  readonly meaning: string;
  readonly retryable: boolean;
  readonly reaction: ErrorReaction;
}

export const ERROR_CODES = {
  "bad-input": { meaning: "the value does not fit its declared type", retryable: false, reaction: "reject" },
  "unknown-action": { meaning: "the room's definition has no such action", retryable: false, reaction: "reject" },
  forbidden: { meaning: "the token does not allow this", retryable: false, reaction: "reject" },
  "rate-limited": { meaning: "more calls a second than the action's declared rate", retryable: true, reaction: "reject" },
  gap: {
    meaning: "an action came before the one it follows; the SDK sends again from there",
    retryable: true,
    reaction: "await",
  },
  "session-expired": {
    meaning: "the room no longer knows this session; what was not answered did not run again",
    retryable: false,
    reaction: "renew",
  },
  done: { meaning: "the action took effect before; its answer is no longer kept", retryable: false, reaction: "reject" },
  conflict: { meaning: "the document is not as the caller expected", retryable: false, reaction: "reject" },
  "document-nearly-full": {
    meaning: "the edit was taken; the document soon takes no more",
    retryable: false,
    reaction: "reject",
  },
  "document-too-large": {
    meaning: "the document takes no more edits; it can be read, and what is deleted makes room",
    retryable: false,
    reaction: "reject",
  },
  unavailable: { meaning: "the change could not be stored and did not happen", retryable: true, reaction: "resend" },
  internal: { meaning: "the rules threw; nothing the action did stands", retryable: false, reaction: "reject" },
  "not-found": {
    meaning: "the room does not exist, and the caller did not ask to create it",
    retryable: false,
    reaction: "reject",
  },
  destroyed: {
    meaning: "the page left the room before the answer came; it may have taken effect",
    retryable: false,
    reaction: "reject",
  },
  disconnected: {
    meaning: "the connection was stopped before the answer came; it may have taken effect",
    retryable: true,
    reaction: "reject",
  },
  unanswered: {
    meaning: "no answer was waited for any longer; the action stays queued, and may have taken effect",
    retryable: false,
    reaction: "reject",
  },
  overloaded: { meaning: "too many actions wait for an answer", retryable: true, reaction: "reject" },
  drifted: {
    meaning: "the page's state differed from the room's, which is a bug; it has taken the room's",
    retryable: false,
    reaction: "reject",
  },
  unsupported: { meaning: "this version cannot do that", retryable: false, reaction: "reject" },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);
