/**
 * `coterie/client/offline`: what was made outlives the page. With `createClient({ offline: indexedDb() })` the browser's
 * IndexedDB keeps
 *
 * - each room's document: a page that opens without a network shows what it had, and what was written then is sent when the
 *   room is there again;
 * - each action that has no answer: the next page of the same user, in this browser, sends it again, once and in order. What
 *   the room then refuses is told by `room.on("error")`, with `error.action` naming it. So is what is not sent: actions older
 *   than 14 days, of another version of the game, or of a room that was deleted. Another user's are left for that user.
 *
 * Of several pages each keeps its own, and one of them takes up what a closed one has left: when it connects, and when it is
 * seen again. Where the browser has no storage, forbids it or is full, the room goes on as it would without, and says so once.
 *
 * An action is sent once the browser has taken it, a few ms later than without. A document's change is stored a moment after
 * it was made: what was typed without a network in the last milliseconds before a page is closed may be missing. It was never
 * shown as saved.
 */
import { openActions } from "./actions.ts";
import { openDocument } from "./documents.ts";
import { openShelf } from "./indexed-shelf.ts";
import type { Offline } from "./offline.ts";

export type { ActingPage, Kept, KeptActions, KeptDocument, Offline } from "./offline.ts";

export interface IndexedDbOptions {
  /**
   * What the databases' names begin with. Default "coterie". Put the user's id here where several share a browser: a document
   * is shown before anybody knows who is there.
   */
  readonly prefix?: string;
}

export function indexedDb({ prefix = "coterie" }: IndexedDbOptions = {}): Offline {
  if (typeof indexedDB === "undefined") return NOWHERE; // no browser: a server that renders the page, say
  return {
    open: (room, document) => openDocument(`${prefix}:${room}`, document),
    actions: (room, page) => openActions(room, page, () => openShelf(`${prefix}:actions`)),
  };
}

const NOWHERE: Offline = { open: async () => undefined, actions: async () => undefined };
