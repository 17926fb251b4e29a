/** What close and error codes mean, in words: for people, documents and tools. PROTOCOL.md lists the same tables; a test holds them together. */
import { closeName, reactionTo, type CloseCode, type Reaction } from "./close-code.ts";
import { errorReaction, isRetryable, type ErrorCode, type ErrorReaction } from "./error-code.ts";

export interface CloseMeaning {
  readonly name: string;
  readonly meaning: string;
  readonly reaction: Reaction;
}

export interface ErrorMeaning {
  readonly meaning: string;
  readonly retryable: boolean;
  readonly reaction: ErrorReaction;
}

const CLOSES: Readonly<Record<CloseCode, string>> = {
  4400: "a frame that this protocol does not know",
  4401: "the token is missing, bad, expired or revoked",
  4403: "no right to this room, or from this origin",
  4404: "the room does not exist, or was deleted",
  4409: "a newer socket of the same session took over",
  4410: "someone with the right to removed this user",
  4413: "a frame over the limit",
  4426: "the page is older than the room understands: reload",
  4500: "the room cannot go on; nothing acknowledged is lost",
  4503: "the room moves or restarts",
  4508: "the socket went silent",
  4529: "too many messages",
  4530: "this client reads more slowly than the room speaks",
  4531: "the room has no place left",
  4532: "this client must take the state anew",
};

const ERRORS: Readonly<Record<ErrorCode, string>> = {
  "bad-input": "the value does not fit its declared type",
  "unknown-action": "the room's definition has no such action",
  forbidden: "the token does not allow this",
  "rate-limited": "more calls a second than the action's declared rate",
  gap: "an action came before the one it follows; the SDK sends again from there",
  "session-expired": "the room no longer knows this session; what was not answered did not run again",
  done: "the action took effect before; its answer is no longer kept",
  conflict: "the document is not as the caller expected",
  "document-nearly-full": "the edit was taken; the document soon takes no more",
  "document-too-large": "the document takes no more edits; it can be read, and what is deleted makes room",
  unavailable: "the change could not be stored and did not happen",
  internal: "the rules threw; nothing the action did stands",
  "not-found": "the room does not exist, and the caller did not ask to create it",
  destroyed: "the page left the room before the answer came; it may have taken effect",
  disconnected: "the connection was stopped before the answer came; it may have taken effect",
  unanswered: "no answer was waited for any longer; the action stays queued, and may have taken effect",
  overloaded: "too many actions wait for an answer",
  drifted: "the page's state differed from the room's, which is a bug; it has taken the room's",
  unsupported: "this version cannot do that",
};

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

export const closeCodes = (): [code: CloseCode, CloseMeaning][] =>
  Object.entries(CLOSES).map(([code, meaning]) => [
    Number(code) as CloseCode,
    { name: closeName(Number(code)), meaning, reaction: reactionTo(Number(code)) },
  ]);

export const errorCodes = (): [code: ErrorCode, ErrorMeaning][] =>
  (Object.entries(ERRORS) as [ErrorCode, string][]).map(([code, meaning]) => [
    code,
    { meaning, retryable: isRetryable(code), reaction: errorReaction(code) },
  ]);

/** What a RoomError's code means, of its own or of a close; undefined for a code of a game's. */
export const meaningOf = (code: string): string | undefined =>
  isErrorCode(code) ? ERRORS[code] : Object.entries(CLOSES).find(([close]) => closeName(Number(close)) === code)?.[1];
