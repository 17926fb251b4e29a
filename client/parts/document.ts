/**
 * The document on the client: a `Y.Doc` and an `Awareness` that an editor binds to. What the page changes goes up, numbered,
 * and counts as saved once the room says that it is durable. On every new socket the room says what it has, and is sent what
 * it lacks: nothing that was made offline, or on the way when the wire broke, is lost, and nothing is sent twice.
 */
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import * as Y from "yjs";
import { Bucket } from "../../shared/bucket.ts";
import { EMPTY_UPDATE, readStateVector, readUpdate, splitUpdate } from "../../shared/document/update.ts";
import { writeEdit } from "../../shared/protocol/document.ts";
import type { Down } from "../../shared/protocol/down.ts";
import type { Frame } from "../../shared/protocol/frame.ts";
import { MAX_DOCUMENT_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { UP } from "../../shared/protocol/up.ts";
import { RoomError } from "../../shared/room/room-error.ts";
import type { KeptDocument } from "../offline/offline.ts";
import { versionsOf, type Versions, type VersionsHost } from "../versions.ts";
import type { ClientHost, ClientPart } from "./part.ts";

export interface DocumentHost extends ClientHost {
  error(error: RoomError): unknown;
}

/** An edit is sent in pieces of this, in bytes, so that a paste does not hold up what else the page says. */
const PIECE_BYTES = 48_000;
/** An edit's number, type and length in a frame, in bytes. */
const HEAD_BYTES = 24;
/** What a page may send: less than the room takes of one connection, in bytes a second and at once. */
const BUDGET = { perSecond: 200_000, atOnce: 800_000 };

/**
 * What comes of a long document is applied together after this, in ms: each time that Yjs is given something it looks
 * through what it has, and the editor shows it; both cost more than the reading.
 */
const APPLY_EVERY_MS = 150;

/** What has happened to the edits of this page on this socket. */
interface Sent {
  readonly number: number;
  readonly update: Uint8Array;
}

export class DocumentClient implements ClientPart, KeptDocument {
  readonly doc: Y.Doc = new Y.Doc();
  readonly awareness: Awareness = new Awareness(this.doc);
  /** The newest row that is in the document. */
  seq = 0;
  /** The room has given all that it had. */
  loaded = false;
  readonly versions: Versions;
  readonly #host: DocumentHost;
  /** Changes that wait to be sent, and those sent that the room has not called durable. */
  #unsent: Uint8Array[] = [];
  #sent: Sent[] = [];
  #number = 0;
  /** The room may lack something that is in neither: it is found out when it says what it has. */
  #unconfirmed = false;
  /** Some of it was not taken: it is said again with the next change that rests on it, and on the next socket. */
  #refused = false;
  /** The page has been told of a change that no frame holds. */
  #saidTooLong = false;
  /** The room has said what it has, on this socket. */
  #met = false;
  /** What it last said that it has, on whichever socket. */
  #theirs: Uint8Array | undefined;
  #points = false;
  /** Pieces of a long document that have come and not been applied; what ends their wait. */
  #arrived: Uint8Array[] = [];
  #unwait: (() => void) | undefined;
  readonly #budget = new Bucket(BUDGET.perSecond, BUDGET.atOnce);

  constructor(host: DocumentHost, http: VersionsHost) {
    this.#host = host;
    this.versions = versionsOf(http);
    // The room says who goes, and keeps those who are quiet; a timer that speaks every 15 s would keep it from sleeping.
    // oxlint-disable-next-line no-underscore-dangle -- the one handle that Awareness has for it
    clearInterval((this.awareness as unknown as { _checkInterval: ReturnType<typeof setInterval> })._checkInterval);
    this.doc.on("update", this.#updated);
    this.awareness.on("update", (_changes: unknown, origin: unknown) => {
      if (origin === this) return;
      this.#points = true;
      host.flush();
    });
  }

  /** Changes that are not known to be durable. */
  get pending(): number {
    return this.#unsent.length + this.#sent.length + (this.#unconfirmed || this.#refused ? 1 : 0);
  }

  /** What of the document the room may lack, as an update; undefined for nothing. */
  get unsaved(): Uint8Array | undefined {
    return this.pending > 0 ? Y.encodeStateAsUpdate(this.doc, this.#theirs) : undefined;
  }

  receive(message: Down): boolean {
    switch (message.kind) {
      case "edits":
        if (!this.#met) {
          // Every piece of the state bears the row of the whole: it is had when the room has said so.
          this.#arrived.push(message.update);
          this.#unwait ??= this.#host.after(APPLY_EVERY_MS, () => this.#apply());
          return true;
        }
        Y.applyUpdate(this.doc, message.update, this);
        this.seq = Math.max(this.seq, message.seq);
        return true;
      case "edited":
        this.#sent = this.#sent.filter(({ number }) => number > message.number);
        if (this.pending === 0) this.#saidTooLong = false;
        this.#host.flush();
        return true;
      case "fault":
        if (message.code !== "document-too-large") return false;
        if (this.#sent.some(({ number }) => number === message.number)) this.#refuse();
        this.#host.error(new RoomError(message.code, { reason: message.message }));
        return true;
      case "document":
        this.#apply();
        this.seq = Math.max(this.seq, message.seq);
        this.#meet(message.stateVector);
        return true;
      case "awareness":
        this.#heard(message.update);
        return true;
      default:
        return false;
    }
  }

  /** Applies what has come of a long document. */
  #apply(): void {
    this.#unwait?.();
    this.#unwait = undefined;
    const updates = this.#arrived.splice(0);
    if (updates.length === 0) return;
    // For whoever listens to updates, Yjs writes out all of what has come: that takes a fifth of the time again.
    this.doc.off("update", this.#updated);
    this.doc.on("afterTransaction", this.#changedMeanwhile);
    try {
      this.take(updates, this);
    } finally {
      this.doc.off("afterTransaction", this.#changedMeanwhile);
      this.doc.on("update", this.#updated);
    }
  }

  readonly #updated = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this) this.#changed(this.#met ? update : undefined);
  };

  readonly #changedMeanwhile = ({ origin }: { origin: unknown }): void => {
    if (origin !== this) this.#changed(undefined);
  };

  /** By the page. Without an update it is part of what the room lacks, once that has said what it has. */
  #changed(update: Uint8Array | undefined): void {
    if (update) this.#unsent.push(update);
    else this.#unconfirmed = true;
    this.#host.flush();
    this.#host.changed();
  }

  take(updates: readonly Uint8Array[], origin: unknown): void {
    this.doc.transact(() => updates.forEach((update) => Y.applyUpdate(this.doc, update, origin)), origin);
  }

  whole(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc);
  }

  kept(): void {
    this.#host.changed();
  }

  /** The room says everyone's state, this page's too, under clocks of its own: which must not undo what the page has said since. */
  #heard(update: Uint8Array): void {
    const own = this.awareness.getLocalState();
    applyAwarenessUpdate(this.awareness, update, this);
    if (own && JSON.stringify(this.awareness.getLocalState()) !== JSON.stringify(own)) this.awareness.setLocalState(own);
  }

  /** What rests on what was refused is refused as well, and what else is under way may be sent once more. */
  #refuse(): void {
    this.#refused = true;
    this.#sent = [];
    this.#unsent = [];
  }

  /** The room has said what it has: what it lacks is to be sent. */
  #meet(stateVector: Uint8Array): void {
    // What was sent and is not known to be durable is either in what the room says that it has, or is said again.
    const unsure = this.#unconfirmed || this.#refused || this.#sent.length > 0;
    // Of a long document that has just come it lacks nothing: to write that out would take as long as to look through all of it.
    const lacking = unsure || this.#isAhead(stateVector) ? Y.encodeStateAsUpdate(this.doc, stateVector) : EMPTY_UPDATE;
    const { structs, deletes } = readUpdate(lacking);
    // What was refused, and lacks still, would be refused again until something changes.
    if (!this.#refused || structs.size === 0 || this.#sent.length + this.#unsent.length > 0) {
      this.#sent = [];
      // Whether the room knows all that is deleted here its state vector does not tell: it is said where it may not.
      if (structs.size > 0 || (unsure && deletes.size > 0)) this.#unsent = [lacking];
      this.#refused = false;
    }
    this.#unconfirmed = false;
    this.#theirs = stateVector;
    this.#met = true;
    this.loaded = true;
    this.#points = this.awareness.getLocalState() !== null;
    this.#host.flush();
  }

  /** Whether there are structs here that the room has not. */
  #isAhead(stateVector: Uint8Array): boolean {
    const { store } = this.doc;
    const theirs = readStateVector(stateVector);
    return [...store.clients.keys()].some((client) => Y.getState(store, client) > (theirs.get(client) ?? 0));
  }

  /** The socket is new. */
  again(): void {
    this.#apply();
    this.#unconfirmed ||= this.#refused || this.#unsent.length > 0 || this.#sent.length > 0;
    this.#unsent = [];
    this.#sent = [];
    this.#refused = false;
    this.#number = 0;
    this.#met = false;
    this.#forgetOthers();
  }

  /** The state comes once more, on the same socket: until all of it is here, what rows it has is not known. */
  anew(): void {
    this.#apply();
    this.#unconfirmed ||= this.#unsent.length > 0;
    this.#unsent = [];
    this.#met = false;
  }

  /** The object behind the room is new, and may not have stored what was under way. */
  newLife(): void {
    this.#unsent = [...this.#sent.map(({ update }) => update), ...this.#unsent];
    this.#sent = [];
    this.#points = this.awareness.getLocalState() !== null; // it may not have been kept
    this.#host.flush();
  }

  /** Nobody is told of while the room is not heard; who is there is told anew, maybe with the clocks that were known. */
  #forgetOthers(): void {
    const { clientID } = this.awareness; // the document's may be another: Yjs gives it a new one when somebody else writes under it
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== clientID);
    removeAwarenessStates(this.awareness, others, this);
    for (const client of this.awareness.meta.keys()) if (client !== clientID) this.awareness.meta.delete(client);
  }

  /** The page is another user's from now on, and the client id stays the last one's: what is written and shown now has another. */
  rename(): void {
    const state = this.awareness.getLocalState();
    this.doc.clientID = Math.floor(Math.random() * 2 ** 32);
    this.awareness.clientID = this.doc.clientID;
    this.awareness.setLocalState(state);
  }

  /** The connection is gone for now. */
  away(): void {
    this.#forgetOthers();
  }

  /** The page has left for good. The document stays the page's. */
  destroy(): void {
    this.#apply();
    this.awareness.destroy();
  }

  send(frame: Frame): void {
    if (!this.#met) return;
    if (this.#points) {
      this.#points = false;
      frame.add(UP.awareness, encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]));
    }
    if (this.#unsent.length === 0) return;
    const pieces = splitUpdate(this.#unsent.length === 1 ? this.#unsent[0]! : Y.mergeUpdates(this.#unsent), PIECE_BYTES);
    this.#unsent = [];
    for (const [index, update] of pieces.entries()) {
      if (update.length > MAX_DOCUMENT_FRAME_BYTES - HEAD_BYTES) {
        this.#refuse();
        return this.#sayTooLong(update.length);
      }
      const room = frame.empty || frame.fits(update.length + HEAD_BYTES);
      const waitMs = this.#budget.waitMs(this.#host.now(), update.length);
      if (!room || waitMs > 0) {
        this.#unsent = pieces.slice(index);
        return this.#host.flush(waitMs);
      }
      this.#budget.spend(update.length);
      this.#sent.push({ number: ++this.#number, update });
      frame.add(UP.edit, writeEdit({ number: this.#number, update }));
    }
  }

  #sayTooLong(length: number): void {
    if (this.#saidTooLong) return;
    this.#saidTooLong = true;
    this.#host.error(
      new RoomError("bad-input", {
        reason: "a change to the document is too long to be sent: it stays on this page, with all that rests on it",
        received: `${length} bytes`,
        expected: `at most ${MAX_DOCUMENT_FRAME_BYTES - HEAD_BYTES} in one piece`,
      }),
    );
  }
}
