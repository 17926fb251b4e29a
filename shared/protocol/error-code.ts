/** Every code of an error that is not the game's own, with its meaning and whether the same call may succeed later. */
export interface ErrorMeaning {
  readonly meaning: string;
  readonly retryable: boolean;
}

export const ERROR_CODES = {
  "bad-input": { meaning: "the value does not fit its declared type", retryable: false },
  "unknown-action": { meaning: "the room's definition has no such action", retryable: false },
  forbidden: { meaning: "the token does not allow this", retryable: false },
  "rate-limited": { meaning: "more calls a second than the action's declared rate", retryable: true },
  gap: { meaning: "an action came before the one it follows; the SDK sends again from there", retryable: true },
  "session-expired": {
    meaning: "the room no longer knows this session; what was not answered did not run again",
    retryable: false,
  },
  done: { meaning: "the action took effect before; its answer is no longer kept", retryable: false },
  unavailable: { meaning: "the change could not be stored and did not happen", retryable: true },
  internal: { meaning: "the rules threw; nothing the action did stands", retryable: false },
  "not-found": { meaning: "the room does not exist, and the caller did not ask to create it", retryable: false },
  destroyed: { meaning: "the page left the room before the answer came; it may have taken effect", retryable: false },
  disconnected: { meaning: "the connection was stopped before the answer came; it may have taken effect", retryable: true },
  overloaded: { meaning: "too many actions wait for an answer", retryable: true },
  unsupported: { meaning: "this version cannot do that", retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);
