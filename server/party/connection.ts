/** A connection of a PartyKit class: the platform's socket, given an id, an address, and a state that sleeps with it. */
import { PartyError } from "./party-error.ts";
import type { Connection } from "./server-class.ts";

/** What a socket keeps through hibernation. */
export interface Attachment {
  readonly id: string;
  readonly uri: string;
  /** When it was let in, in ms since 1970. */
  readonly since: number;
  readonly state: unknown;
}

/** The platform's own limits: tags of a socket, its id among them; characters of one; bytes of an attachment. */
const MAX_TAGS = 10;
const MAX_TAG = 256;
const MAX_ATTACHMENT = 16_384;

/** `sleeps`: the state is kept in the socket. Where it is not, it may be anything, and lives as long as the object. */
export function asConnection(socket: WebSocket, attachment: Attachment, sleeps: boolean): Connection {
  const { id, uri } = attachment;
  let { state } = attachment;
  const keep = (next: unknown): unknown => {
    const value = next ?? null;
    if (sleeps) attach(socket, { ...attachment, state: value });
    return (state = value);
  };
  // Not by assignment: the platform's own methods of these names are hidden by them.
  return Object.defineProperties(socket, {
    id: { value: id },
    uri: { value: uri },
    socket: { value: socket },
    state: { get: () => state },
    setState: {
      value: (next: unknown) => keep(typeof next === "function" ? (next as (state: unknown) => unknown)(state) : next),
    },
    serializeAttachment: { value: (next: unknown) => void keep(next) },
    deserializeAttachment: { value: () => state },
  }) as Connection;
}

/** Throws PartyError "state-too-large", and what is no data is the platform's DataCloneError; the socket keeps what it had. */
export function attach(socket: WebSocket, attachment: Attachment | null): void {
  try {
    WebSocket.prototype.serializeAttachment.call(socket, attachment);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(String(MAX_ATTACHMENT))) throw error;
    throw new PartyError(
      "state-too-large",
      `the state of a connection, with its id and address, is more than ${MAX_ATTACHMENT} bytes: keep the rest in room.storage`,
    );
  }
}

export const attached = (socket: WebSocket): Attachment | null =>
  WebSocket.prototype.deserializeAttachment.call(socket) as Attachment | null;

/** The id, which is a connection's first tag, and those that the class gives it. Throws PartyError "bad-tags". */
export function tagsOf(id: string, given: readonly unknown[]): string[] {
  const tags = [...new Set([id, ...given])];
  if (tags.length > MAX_TAGS) throw new PartyError("bad-tags", `${tags.length} tags, its id among them: at most ${MAX_TAGS}`);
  for (const tag of tags)
    if (typeof tag !== "string" || tag === "" || tag.length > MAX_TAG)
      throw new PartyError(
        "bad-tags",
        `a tag ${typeof tag === "string" ? `of ${tag.length} characters` : `that is ${typeof tag}`}: expected text of 1 to ${MAX_TAG}`,
      );
  return tags as string[];
}
