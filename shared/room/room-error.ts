/** The one error of the SDK: a code to branch on, words for people, and whether the same call may succeed later. */
import { isRetryable } from "../protocol/error-code.ts";

export interface RoomErrorDetails {
  readonly reason?: string | undefined;
  readonly received?: string | undefined;
  readonly expected?: string | undefined;
  readonly unsaved?: Uint8Array | undefined;
  readonly action?: UnsavedAction | undefined;
}

/** An action of an earlier page, whose promise is gone with it. */
export interface UnsavedAction {
  readonly name: string;
  /** As it was given. */
  readonly input: unknown;
  /** When it was made, in ms since 1970, by the clock of its page. */
  readonly at: number;
}

/** `code` is one of the game's own codes, one of ours, or the name of a close code: `meaningOf(code)` of `coterie` puts ours in words. */
export class RoomError<C extends string = string> extends Error {
  override readonly name: string = "RoomError";
  readonly code: C;
  /** More than the code says; empty where there is nothing more to say. */
  readonly reason: string;
  readonly retryable: boolean;
  /** What came, where the error is about a value. */
  readonly received: string | undefined;
  /** What would have fitted. */
  readonly expected: string | undefined;
  /**
   * Where a room with a document was stopped: what the page has written that may not be there, as a Yjs update on what the
   * room had. It is in `room.doc` as well, as long as the page lives.
   */
  readonly unsaved: Uint8Array | undefined;
  /** Where it is about an action that was made before this page was opened: which one. */
  readonly action: UnsavedAction | undefined;
  constructor(code: C, { reason = "", received, expected, unsaved, action }: RoomErrorDetails = {}) {
    super(reason ? `${code}: ${reason}` : code);
    this.code = code;
    this.reason = reason;
    this.retryable = isRetryable(code);
    this.received = received;
    this.expected = expected;
    this.unsaved = unsaved;
    this.action = action;
  }
}
