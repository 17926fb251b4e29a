/**
 * A Yjs document in a room: a log of updates with an index. An update is judged by the index, tried on the document itself,
 * and told to everyone once its row is written, as the bytes its author sent. Who reads is served from storage; the document
 * is built in memory only when somebody writes, and only up to a weight that an object's memory bears.
 *
 *     in a snapshot:  the document in updates of about a frame each (3); varUint(what they weigh), varUint(changedSeq), the index (4)
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { join } from "../../../shared/bytes.ts";
import { EMPTY_UPDATE, isEmpty, readUpdate, splitUpdate, type UpdateContent } from "../../../shared/document/update.ts";
import { writeFault } from "../../../shared/protocol/action.ts";
import { writeDocumentState, writeEdited, writeEdits } from "../../../shared/protocol/document.ts";
import { DOWN } from "../../../shared/protocol/down.ts";
import { encode, frameOf, type Frame } from "../../../shared/protocol/frame.ts";
import { writeDenied, writeStep1, writeUpdate } from "../../../shared/protocol/yjs.ts";
import { Closing, type Connection } from "../../room/connections.ts";
import type { Snapshot } from "../../storage/pieces.ts";
import {
  Refusal,
  type KeptPart,
  type MissedRow,
  type PartHost,
  type PartMessage,
  type ReadSection,
  type RoomFrame,
} from "../part.ts";
import type { Owners } from "./awareness-part.ts";
import { merged } from "./batches.ts";
import { Cooling } from "./cooling.ts";
import { DocumentFrames } from "./document-frames.ts";
import { DocumentIndex } from "./document-index.ts";
import { LiveDocument, PIECE_BYTES, revertingTo, type Deleted } from "./live-document.ts";
import { DOCUMENT_SECTION, INDEX_SECTION, readAccepted, readClaims, writeSection, type Accepted, type Claim } from "./stored.ts";
import { MAX_CLIENTS, Weight, type Fullness } from "./weight.ts";

export interface DocumentOptions {
  readonly host: PartHost;
  /** A heavier document is not built in memory, and takes no more edits. */
  readonly maxLiveBytes: number;
  /**
   * All updates that are stored, oldest first, up to row `seq` where it is given. May be read bit by bit: it throws where
   * what it reads has meanwhile gone.
   */
  stored(seq?: number): Iterable<Uint8Array>;
  log(message: string, error: unknown): void;
}

/** Whose an update is. */
export interface Author {
  /** `c.me`. */
  readonly me: number;
  /** The user's id. */
  readonly user: string;
}

/** What became of an update. `gap`: it rests on what the room does not have. */
export type Edited = "new" | "nothing" | "gap";

export interface DocumentInspection {
  /** What it weighs: its updates, as they are stored, and something for each struct and client. */
  readonly bytes: number;
  readonly fullness: Fullness;
  /** Client ids that have ever written. */
  readonly clients: number;
  /** Whether it is built in memory. */
  readonly live: boolean;
}

export class DocumentPart implements KeptPart, Owners {
  readonly section: number = DOCUMENT_SECTION;
  /** All of it, for those who come. */
  readonly frames: DocumentFrames;
  readonly #options: DocumentOptions;
  #index = new DocumentIndex();
  #live: LiveDocument | undefined;
  /** What the open group holds. */
  #accepted: Accepted[] = [];
  #claims: Claim[] = [];
  /** They are worth a row of their own. */
  #claimsDue = false;
  /** What the closed group has to tell, between `collect` and `durable`. */
  #closed: { seq: number; update: Uint8Array } | undefined;
  readonly #weight: Weight;
  readonly #cooling: Cooling;

  constructor(options: DocumentOptions) {
    this.#options = options;
    this.frames = new DocumentFrames(options.stored, () => this.#index);
    this.#weight = new Weight(options.maxLiveBytes, () => this.#index);
    this.#cooling = new Cooling(() => options.host.now());
  }

  // ---- what clients say

  receive(connection: Connection, message: PartMessage): boolean {
    if (message.kind !== "edit") return false;
    if (!connection.facts.scopes.includes("write")) throw new Refusal("forbidden", "the token does not allow editing");
    const { host } = this.#options;
    const weight = this.#weight;
    const before = weight.fullness;
    const edited = this.#editOf(connection, message.update);
    if (weight.fullness === "soft" && before !== "soft")
      host.behind(connection, "fullness", () =>
        frameOf(
          DOWN.fault,
          writeFault({
            number: 0,
            code: "document-nearly-full",
            message: `the document weighs ${weight.total} of ${weight.most} bytes`,
          }),
        ),
      );
    if (edited === "gap")
      host.behind(connection, "document", () => frameOf(DOWN.document, writeDocumentState(0, this.#index.stateVector())));
    else host.behind(connection, "edited", () => frameOf(DOWN.edited, writeEdited(message.number)));
    return true;
  }

  /** An update from a stock client: nothing is answered but what it can understand. */
  editByStock(connection: Connection, update: Uint8Array): void {
    const { host } = this.#options;
    if (connection.facts.scopes.includes("write")) {
      if (this.#editOf(connection, update) === "gap")
        host.behind(connection, "document", () => writeStep1(this.#index.stateVector()));
      return;
    }
    if (this.#index.judge(readUpdate(update), 0).kind === "nothing") return; // as every client says when it has come
    host.behind(connection, "denied", () => writeDenied("this token does not allow editing"));
  }

  #editOf({ me, facts }: Connection, update: Uint8Array): Edited {
    return this.edit({ me, user: facts.user.id }, update, facts.stock !== undefined);
  }

  /** Takes an update in, or says why not: by a refusal where its author can go on, by closing its socket where not. */
  edit(author: Author, update: Uint8Array, stock: boolean = false): Edited {
    this.#cooling.check(author.user);
    const content = readUpdate(update);
    const verdict = this.#index.judge(content, author.me);
    switch (verdict.kind) {
      case "nothing":
      case "gap":
        return verdict.kind;
      case "jump":
        throw new Closing(4400, `an update moves the clock of client ${verdict.client} too far`);
      case "foreign":
        throw new Closing(stock ? 4403 : 4532, `client ${verdict.client} of the document is another user's`);
      case "new":
        this.#weight.admit(update, content);
        this.#take(author, ...this.#newOf(update, content));
        return "new";
    }
  }

  /** Without what is known of it: that may be said in other words, and would be read by whoever puts rows together in another way. */
  #newOf(update: Uint8Array, content: UpdateContent): [update: Uint8Array, content: UpdateContent] {
    const known = this.#index.known(content);
    if (!known) return [update, content];
    const rest = Y.diffUpdate(update, known);
    return [rest, readUpdate(rest)];
  }

  #take({ me, user }: Author, update: Uint8Array, content: UpdateContent): void {
    this.#accept(me, update, content, this.#apply(user, update, content));
  }

  #apply(user: string, update: Uint8Array, content: UpdateContent): Deleted {
    const live = this.#built();
    try {
      const deleted = live.apply(update, content);
      this.#cooling.took(user, live.steps);
      return deleted;
    } catch (error) {
      // It may be half applied: what was accepted makes the document anew, when it is next needed.
      this.#forgetLive();
      this.#options.log("an update could not be applied", error);
      this.#cooling.spoilt(user);
      throw new Closing(4400, "an update could not be applied");
    }
  }

  #accept(me: number, update: Uint8Array, content: UpdateContent, deleted: Deleted): void {
    this.#add(me, update, content);
    this.#weight.frees(content);
    // What goes without being said is in nobody's update, and yet in what every client then says that it has.
    const unsaid = this.#index.unknown(deleted);
    if (unsaid) this.#add(0, unsaid, readUpdate(unsaid));
  }

  #add(me: number, update: Uint8Array, content: UpdateContent): void {
    const { host } = this.#options;
    host.group();
    host.markGroup();
    this.#index.add(content, me);
    this.#accepted.push({ me, update });
    this.#weight.add(update, content);
  }

  /** Throws where what is stored makes no document: that is nobody's fault who writes now. */
  #built(): LiveDocument {
    try {
      return this.#document();
    } catch (error) {
      this.#options.log("the document cannot be built from what is stored", error);
      throw new Closing(4500, "the document cannot be built");
    }
  }

  #document(): LiveDocument {
    return (this.#live ??= new LiveDocument(this.#all()));
  }

  /** All that was accepted, stored or not yet. */
  *#all(): Generator<Uint8Array> {
    yield* this.#options.stored();
    for (const { update } of this.#accepted) yield update;
  }

  #forgetLive(): void {
    this.#live?.destroy();
    this.#live = undefined;
  }

  // ---- as a whole; the open group must be closed

  /** All of it, as one update. */
  asUpdate(): Uint8Array {
    return Y.mergeUpdates([...this.#options.stored(), EMPTY_UPDATE]);
  }

  toJSON(): unknown {
    const { isTooMuch, total, most } = this.#weight;
    if (isTooMuch) throw new Refusal("document-too-large", `the document weighs ${total} bytes, and is built up to ${most}`);
    return this.#reading((live) => live.toJSON());
  }

  /** The document, let go of again where it was built for this alone: reading it makes nobody a writer. */
  #reading<T>(read: (live: LiveDocument) => T): T {
    const built = this.#live;
    try {
      return read(this.#document());
    } finally {
      if (!built) this.#forgetLive();
    }
  }

  /** Makes it again what it was, for everyone; what was done since is kept in its history. */
  revert(author: Author, then: Uint8Array): Edited {
    this.#forgetLive(); // two of them at once may be more than an object's memory bears
    const update = revertingTo(then, Y.mergeUpdates([...this.#all(), EMPTY_UPDATE]));
    return isEmpty(readUpdate(update)) ? "nothing" : this.edit(author, update);
  }

  /** Whether all of an update is in it. Throws on what is none. */
  knows(update: Uint8Array): boolean {
    return this.#index.judge(readUpdate(update), 0).kind === "nothing";
  }

  /** Enough was deleted for a snapshot to be worth while. */
  get shrinks(): boolean {
    return this.#weight.shrinks;
  }

  /** The newest row that changed it. */
  changedSeq = 0;

  // ---- whose client ids are

  mayBe(client: number, me: number): boolean {
    return this.#index.mayBe(client, me);
  }

  /**
   * Goes into the next row. True: the id was nobody's until now. Of pages that never write there may be no end: their ids are
   * somebody's while there is room.
   */
  claim(client: number, me: number): boolean {
    const claimed = this.#index.owned < MAX_CLIENTS && this.#index.claim(client, me);
    if (claimed) this.#claims.push([client, me]);
    return claimed;
  }

  /** What it has claimed is now known to nobody but this object: no socket says it again to one that wakes. */
  left({ me }: Connection): void {
    if (!this.#claims.some((claim) => claim[1] === me)) return;
    this.#claimsDue = true;
    this.#options.host.group();
    this.#options.host.markGroup();
  }

  // ---- what lasts

  collect(): Uint8Array | undefined {
    const accepted = this.#accepted;
    const claims = this.#claims;
    if (accepted.length === 0 && !this.#claimsDue) return undefined;
    if (accepted.length > 0) {
      const { seq } = this.#options.host.group();
      this.changedSeq = seq;
      this.#closed = { seq, update: merged(accepted.map((each) => each.update)) };
    }
    this.#accepted = [];
    this.#claims = [];
    this.#claimsDue = false;
    return writeSection(claims, accepted);
  }

  durable(frame: RoomFrame): void {
    const closed = this.#closed;
    this.#closed = undefined;
    if (!closed) return;
    frame.add(DOWN.edits, writeEdits(closed.seq, closed.update));
    frame.stock.push(writeUpdate(closed.update));
  }

  /** What it is, for whoever runs it. */
  inspect(): DocumentInspection {
    const { total, fullness } = this.#weight;
    return { bytes: total, fullness, clients: this.#index.clients, live: this.#live !== undefined };
  }

  get stateVector(): Uint8Array {
    return this.#index.stateVector();
  }

  /** Of what a client says that it has, as much as is in the document. */
  has(clocks: ReadonlyMap<number, number>): Uint8Array {
    return this.#index.within(clocks);
  }

  missed(frame: Frame, rows: readonly MissedRow[]): void {
    this.frames.missed(frame, rows);
  }

  welcome(frame: Frame, seq: number): void {
    this.frames.welcome(frame, seq);
  }

  // ---- storage

  snapshot(): Snapshot {
    const pieces = this.#pieces();
    this.#weight.cut(pieces);
    return new Map<number, Uint8Array | readonly Uint8Array[]>([
      [this.section, pieces],
      [
        INDEX_SECTION,
        encode((to) => {
          encoding.writeVarUint(to, this.#weight.updates);
          encoding.writeVarUint(to, this.changedSeq);
          encoding.writeUint8Array(to, this.#index.bytes());
        }),
      ],
    ]);
  }

  #pieces(): Uint8Array[] {
    if (this.#weight.updates === 0) return [];
    // Where the document is too long to be built, its updates are merged as bytes: that keeps what was deleted.
    if (!this.#live && this.#weight.isTooMuch) return splitUpdate(this.asUpdate(), PIECE_BYTES);
    return this.#reading((live) => live.pieces());
  }

  restore(read: ReadSection): void {
    this.#forgetLive();
    this.#accepted = [];
    this.#claims = [];
    this.#claimsDue = false;
    this.#closed = undefined;
    const index = join(read(INDEX_SECTION));
    this.#index = new DocumentIndex();
    this.#weight.restore(0);
    if (index.length === 0) return; // of a room that began as its definition had no document
    const from = decoding.createDecoder(index);
    this.#weight.restore(decoding.readVarUint(from));
    this.changedSeq = decoding.readVarUint(from);
    this.#index = DocumentIndex.from(from);
  }

  replay(bytes: Uint8Array, seq: number): void {
    const from = decoding.createDecoder(bytes);
    for (const [client, me] of readClaims(from)) this.#index.claim(client, me);
    for (const { me, update } of readAccepted(from)) {
      this.changedSeq = seq;
      const content = readUpdate(update);
      this.#index.add(content, me);
      this.#weight.add(update, content);
    }
  }

  check(read: ReadSection): void {
    const from = decoding.createDecoder(join(read(INDEX_SECTION)));
    decoding.readVarUint(from);
    decoding.readVarUint(from);
    DocumentIndex.from(from);
    for (const piece of read(this.section)) Y.decodeUpdate(piece);
  }
}
