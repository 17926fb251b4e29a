/**
 * A Yjs document in a room: a log of updates with an index. An update is judged by the index, tried on the document itself,
 * and told to everyone once its row is written, as the bytes its author sent. Who reads is served from storage; the document
 * is built in memory only when somebody writes, and only up to a length that an object's memory bears.
 *
 *     a row's section:  varUint(claims) { varUint(client) varUint(me) }* { varUint(me) varUint8Array(update) }*
 *     in a snapshot:    the document in updates of about a frame each (3); varUint(what they weigh), varUint(changedSeq), the index (4)
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { join } from "../../../shared/bytes.ts";
import { EMPTY_UPDATE, isEmpty, readUpdate, splitUpdate, type UpdateContent } from "../../../shared/document/update.ts";
import { writeFault } from "../../../shared/protocol/action.ts";
import { withRetryAfter } from "../../../shared/protocol/close-code.ts";
import { writeDocumentState, writeEdited, writeEdits } from "../../../shared/protocol/document.ts";
import { DOWN } from "../../../shared/protocol/down.ts";
import { encode, Frame } from "../../../shared/protocol/frame.ts";
import { writeDenied, writeStep1, writeStep2, writeUpdate } from "../../../shared/protocol/yjs.ts";
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
import { DocumentIndex } from "./document-index.ts";
import { LiveDocument, PIECE_BYTES, revertingTo, type Deleted } from "./live-document.ts";

export interface DocumentOptions {
  readonly host: PartHost;
  /** A longer document is not built in memory, and takes no more edits. */
  readonly maxLiveBytes: number;
  /**
   * All updates that are stored, oldest first, up to row `seq` where it is given. May be read bit by bit: it throws where
   * what it reads has meanwhile gone.
   */
  stored(seq?: number): Iterable<Uint8Array>;
  log(message: string, error: unknown): void;
}

/** Who has spoilt the document takes no part in it for this long, in ms: nobody can buy one rebuild after the other. */
const COOL_DOWN_MS = 60_000;
/**
 * Whose update took long to find its place waits before the next: for each so many steps a millisecond, so that one user
 * takes no more than a tenth of the object's time with it. So many, at once, are nothing.
 */
const STEPS_PER_MS = 500;
const FREE_STEPS = 100_000;
/**
 * What of a document takes memory besides its bytes, as bytes: built, a document of ordinary text takes eleven times its length,
 * which is some 200 bytes a struct whatever its length; a deleted range, which leaves a struct cut in three, takes some 500, and
 * a client id, which is also in every state vector, as much as that.
 */
const STRUCT_WEIGHT = 10;
const RANGE_WEIGHT = 40;
const CLIENT_WEIGHT = 100;
/** Every writer's page has an id, for good: as many are a hundred pages a day, for more than a year. */
const MAX_CLIENTS = 50_000;
/** Of the most that a document may weigh: from here it is to be seen to, and from there who writes is told. */
const WARN_SHARE = 0.5;
const SOFT_SHARE = 0.8;
/** What only deletes is taken up to this: it makes room, once a snapshot is cut without what was deleted. */
const DELETES_SHARE = 1.1;

/** A snapshot is cut for the sake of room once this share of the document was deleted. */
const SHRINK_SHARE = 0.05;

/** How full a document is: `warn` shows in `…/inspect`, `soft` is told to who writes, `hard` takes no more edits. */
export type Fullness = "ok" | "warn" | "soft" | "hard";

/** In rows, and in snapshots; there the index has its own. */
export const DOCUMENT_SECTION = 3;
const INDEX_SECTION = 4;

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

type Claim = readonly [client: number, me: number];

interface Accepted {
  readonly me: number;
  readonly update: Uint8Array;
}

export class DocumentPart implements KeptPart, Owners {
  readonly section: number = DOCUMENT_SECTION;
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
  /** What all updates weigh that are stored or accepted. */
  #updates = 0;
  /** User → until when, in ms. */
  readonly #cooling = new Map<string, number>();

  constructor(options: DocumentOptions) {
    this.#options = options;
  }

  // ---- what clients say

  receive(connection: Connection, message: PartMessage): boolean {
    if (message.kind !== "edit") return false;
    if (!connection.facts.scopes.includes("write")) throw new Refusal("forbidden", "the token does not allow editing");
    const { host } = this.#options;
    const before = this.fullness;
    const edited = this.#editOf(connection, message.update);
    if (this.fullness === "soft" && before !== "soft")
      host.behind(connection, "fullness", () =>
        frameOf(
          DOWN.fault,
          writeFault({
            number: 0,
            code: "document-nearly-full",
            message: `the document weighs ${this.#weight} of ${this.#options.maxLiveBytes} bytes`,
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
    const { host, maxLiveBytes } = this.#options;
    const cools = (this.#cooling.get(author.user) ?? 0) - host.now();
    if (cools > 0) throw new Closing(4529, withRetryAfter("an update of this user was none, or took long to be applied", cools));
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
        if (this.#weightWith(update, content) > maxLiveBytes * (content.structs.size > 0 ? 1 : DELETES_SHARE))
          throw new Refusal(
            "document-too-large",
            `the document weighs ${this.#weight} bytes, and takes edits up to ${maxLiveBytes}`,
          );
        if (this.#index.clients + this.#index.newClients(content) > MAX_CLIENTS)
          throw new Refusal("document-too-large", `the document is by ${this.#index.clients} clients, and takes ${MAX_CLIENTS}`);
        this.#take(author, ...this.#newOf(update, content));
        return "new";
    }
  }

  get #weight(): number {
    return this.#updates + CLIENT_WEIGHT * this.#index.clients;
  }

  #weightWith(update: Uint8Array, content: UpdateContent): number {
    return this.#weight + weightOf(update, content) + CLIENT_WEIGHT * this.#index.newClients(content);
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
      if (live.steps > FREE_STEPS) this.#cool(user, live.steps / STEPS_PER_MS);
      return deleted;
    } catch (error) {
      // It may be half applied: what was accepted makes the document anew, when it is next needed.
      this.#forgetLive();
      this.#options.log("an update could not be applied", error);
      this.#cool(user, COOL_DOWN_MS);
      throw new Closing(4400, "an update could not be applied");
    }
  }

  #cool(user: string, ms: number): void {
    const now = this.#options.host.now();
    for (const [other, until] of this.#cooling) if (until <= now) this.#cooling.delete(other);
    this.#cooling.set(user, now + ms);
  }

  #accept(me: number, update: Uint8Array, content: UpdateContent, deleted: Deleted): void {
    this.#add(me, update, content);
    // What goes without being said is in nobody's update, and yet in what every client then says that it has.
    for (const ranges of content.deletes.values()) for (const { from, to } of ranges) this.#deleted += to - from;
    if (this.fullness !== "ok" && this.#deleted > this.#weight * SHRINK_SHARE) this.shrinks = true;
    const unsaid = this.#index.unknown(deleted);
    if (unsaid) this.#add(0, unsaid, readUpdate(unsaid));
  }

  #add(me: number, update: Uint8Array, content: UpdateContent): void {
    const { host } = this.#options;
    host.group();
    host.markGroup();
    this.#index.add(content, me);
    this.#accepted.push({ me, update });
    this.#updates += weightOf(update, content);
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
    if (this.#weight > this.#options.maxLiveBytes)
      throw new Refusal(
        "document-too-large",
        `the document weighs ${this.#weight} bytes, and is built up to ${this.#options.maxLiveBytes}`,
      );
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
  shrinks = false;
  /** Clocks deleted since the last one, which are about as many bytes of text. */
  #deleted = 0;
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

  get fullness(): Fullness {
    const share = this.#weight / this.#options.maxLiveBytes;
    return share >= 1 ? "hard" : share >= SOFT_SHARE ? "soft" : share >= WARN_SHARE ? "warn" : "ok";
  }

  /** What it is, for whoever runs it. */
  inspect(): DocumentInspection {
    return { bytes: this.#weight, fullness: this.fullness, clients: this.#index.clients, live: this.#live !== undefined };
  }

  get stateVector(): Uint8Array {
    return this.#index.stateVector();
  }

  /** Of what a client says that it has, as much as is in the document. */
  has(clocks: ReadonlyMap<number, number>): Uint8Array {
    return this.#index.within(clocks);
  }

  missed(frame: Frame, rows: readonly MissedRow[]): void {
    for (const { seq, update } of this.#updatesIn(rows)) frame.add(DOWN.edits, writeEdits(seq, update));
  }

  /** And for a stock client. */
  *stockMissed(rows: readonly MissedRow[]): Generator<Uint8Array> {
    for (const { update } of this.#updatesIn(rows)) yield writeUpdate(update);
  }

  *#updatesIn(rows: readonly MissedRow[]): Generator<{ seq: number; update: Uint8Array }> {
    for (const { seq, sections } of rows) {
      const bytes = sections.get(this.section);
      const updates = bytes ? [...updatesOf(bytes)] : [];
      if (updates.length > 0) yield { seq, update: merged(updates) };
    }
  }

  welcome(frame: Frame, seq: number): void {
    frame.add(DOWN.document, writeDocumentState(seq, this.#index.stateVector()));
  }

  /** All of it up to row `seq`, for the SDK. */
  *bulk(seq: number): Generator<Uint8Array> {
    for (const update of batches(this.#options.stored(seq))) yield frameOf(DOWN.edits, writeEdits(seq, update));
  }

  /** What of it, up to row `seq`, a stock client lacks that has this; what is deleted comes at the end. */
  *stockBulk(seq: number, stateVector: Uint8Array): Generator<Uint8Array> {
    const nothing = stateVector.length <= 1;
    for (const update of batches(this.#options.stored(seq))) {
      const lacked = nothing ? update : Y.diffUpdate(update, stateVector);
      if (lacked[0] !== 0) yield writeUpdate(lacked); // an update begins with the number of clients that have structs in it
    }
  }

  /** The end of what a stock client is sent that has just come: with it, it knows that it has everything, and is asked what the room lacks. */
  stockWelcome(): Uint8Array[] {
    return [writeStep2(this.#index.deletes()), writeStep1(this.#index.stateVector())];
  }

  // ---- storage

  snapshot(): Snapshot {
    const pieces = this.#pieces();
    this.shrinks = false;
    this.#deleted = 0;
    this.#updates = pieces.reduce((sum, piece) => sum + weightOf(piece, readUpdate(piece)), 0);
    return new Map<number, Uint8Array | readonly Uint8Array[]>([
      [this.section, pieces],
      [
        INDEX_SECTION,
        encode((to) => {
          encoding.writeVarUint(to, this.#updates);
          encoding.writeVarUint(to, this.changedSeq);
          encoding.writeUint8Array(to, this.#index.bytes());
        }),
      ],
    ]);
  }

  #pieces(): Uint8Array[] {
    if (this.#updates === 0) return [];
    // Where the document is too long to be built, its updates are merged as bytes: that keeps what was deleted.
    if (!this.#live && this.#weight > this.#options.maxLiveBytes) return splitUpdate(this.asUpdate(), PIECE_BYTES);
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
    this.#updates = 0;
    if (index.length === 0) return; // of a room that began as its definition had no document
    const from = decoding.createDecoder(index);
    this.#updates = decoding.readVarUint(from);
    this.changedSeq = decoding.readVarUint(from);
    this.#index = DocumentIndex.from(from);
  }

  replay(bytes: Uint8Array, seq: number): void {
    const from = decoding.createDecoder(bytes);
    for (const [client, me] of claimsOf(from)) this.#index.claim(client, me);
    for (const { me, update } of acceptedOf(from)) {
      this.changedSeq = seq;
      const content = readUpdate(update);
      this.#index.add(content, me);
      this.#updates += weightOf(update, content);
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

/** Of an update that comes: what it deletes may part structs in two. */
function weightOf({ length }: Uint8Array, { count, deletes }: UpdateContent): number {
  let weight = length + STRUCT_WEIGHT * count;
  for (const ranges of deletes.values()) weight += RANGE_WEIGHT * ranges.length;
  return weight;
}

/** Short updates are merged into ones of about this length, in bytes, and those far longer are split: a frame holds one. */
const BATCH_BYTES = 32_000;
const LONGEST_BYTES = 64_000;

function* batches(updates: Iterable<Uint8Array>): Generator<Uint8Array> {
  let batch: Uint8Array[] = [];
  let length = 0;
  for (const update of updates) {
    if (length > 0 && length + update.length > BATCH_BYTES) {
      yield* splitUpdate(merged(batch), LONGEST_BYTES);
      batch = [];
      length = 0;
    }
    batch.push(update);
    length += update.length;
  }
  if (batch.length > 0) yield* splitUpdate(merged(batch), LONGEST_BYTES);
}

/** The updates in a row's section. */
export function* updatesOf(section: Uint8Array): Generator<Uint8Array> {
  const from = decoding.createDecoder(section);
  claimsOf(from);
  for (const { update } of acceptedOf(from)) yield update;
}

/** The section of a row without its updates: whose client ids are. Throws on what cannot be read. */
export const withoutUpdates = (section: Uint8Array): Uint8Array => writeSection(claimsOf(decoding.createDecoder(section)), []);

const writeSection = (claims: readonly Claim[], accepted: readonly Accepted[]): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, claims.length);
    for (const [client, me] of claims) {
      encoding.writeVarUint(to, client);
      encoding.writeVarUint(to, me);
    }
    for (const { me, update } of accepted) {
      encoding.writeVarUint(to, me);
      encoding.writeVarUint8Array(to, update);
    }
  });

const claimsOf = (from: Decoder): Claim[] =>
  Array.from({ length: decoding.readVarUint(from) }, () => [decoding.readVarUint(from), decoding.readVarUint(from)]);

function* acceptedOf(from: Decoder): Generator<Accepted> {
  while (decoding.hasContent(from)) yield { me: decoding.readVarUint(from), update: decoding.readVarUint8Array(from) };
}

const merged = (updates: Uint8Array[]): Uint8Array => (updates.length === 1 ? updates[0]! : Y.mergeUpdates(updates));

function frameOf(type: number, body: Uint8Array): Uint8Array {
  const frame = new Frame();
  frame.add(type, body);
  return frame.bytes();
}
