/** What a PartyKit class asked for and cannot have: an error of its own, with a code to tell it by. */
export type PartyErrorCode =
  /** A binding that wrangler.toml does not have; the message holds the lines to paste. */
  | "not-bound"
  /** A party that the worker does not host. */
  | "no-such-party"
  /** An id that no room can have. */
  | "bad-room"
  /** More tags than a connection can have, or one that is too long, empty, or no text. */
  | "bad-tags"
  /** A connection's state, with its id and address, is more than a sleeping socket can keep. */
  | "state-too-large"
  /** PartyKit had it, and it is not here. */
  | "unsupported";

export class PartyError extends Error {
  override readonly name = "PartyError";
  readonly code: PartyErrorCode;

  constructor(code: PartyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The words of whatever was thrown: PartyKit shows them to who called. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
