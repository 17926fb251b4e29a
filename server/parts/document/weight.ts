/**
 * How heavy a document is, which is what it would take to be built in memory, and so how full. Built, a document of ordinary text
 * takes eleven times its length, which is some 200 bytes a struct whatever its length; a deleted range, which leaves a struct cut
 * in three, takes some 500, and a client id, which is also in every state vector, as much as that.
 */
import { readUpdate, type UpdateContent } from "../../../shared/document/update.ts";
import { Refusal } from "../part.ts";
import type { DocumentIndex } from "./document-index.ts";

/** What takes memory besides the bytes of the updates, as bytes. */
const STRUCT_WEIGHT = 10;
const RANGE_WEIGHT = 40;
const CLIENT_WEIGHT = 100;
/** Every writer's page has an id, for good: as many are a hundred pages a day, for more than a year. */
export const MAX_CLIENTS = 50_000;
/** Of the most that a document may weigh: from here it is to be seen to, and from there who writes is told. */
const WARN_SHARE = 0.5;
const SOFT_SHARE = 0.8;
/** What only deletes is taken up to this: it makes room, once a snapshot is cut without what was deleted. */
const DELETES_SHARE = 1.1;
/** A snapshot is cut for the sake of room once this share of the document was deleted. */
const SHRINK_SHARE = 0.05;

/** How full a document is: `warn` shows in `…/inspect`, `soft` is told to who writes, `hard` takes no more edits. */
export type Fullness = "ok" | "warn" | "soft" | "hard";

export class Weight {
  /** The most that it may weigh and be built. */
  readonly most: number;
  readonly #index: () => DocumentIndex;
  /** What all updates weigh that are stored or accepted. */
  #updates = 0;
  /** Clocks deleted since the last snapshot, which are about as many bytes of text. */
  #deleted = 0;
  /** Enough was deleted for a snapshot to be worth while. */
  #shrinks = false;

  constructor(most: number, index: () => DocumentIndex) {
    this.most = most;
    this.#index = index;
  }

  get total(): number {
    return this.#updates + CLIENT_WEIGHT * this.#index().clients;
  }

  /** Of the updates alone: what a snapshot keeps. */
  get updates(): number {
    return this.#updates;
  }

  get fullness(): Fullness {
    const share = this.total / this.most;
    return share >= 1 ? "hard" : share >= SOFT_SHARE ? "soft" : share >= WARN_SHARE ? "warn" : "ok";
  }

  /** It cannot be built. */
  get isTooMuch(): boolean {
    return this.total > this.most;
  }

  get shrinks(): boolean {
    return this.#shrinks;
  }

  /** Throws Refusal where there is no room for an update. */
  admit(update: Uint8Array, content: UpdateContent): void {
    const index = this.#index();
    const clients = index.newClients(content);
    const most = this.most * (content.structs.size > 0 ? 1 : DELETES_SHARE);
    if (this.total + weightOf(update, content) + CLIENT_WEIGHT * clients > most)
      throw new Refusal("document-too-large", `the document weighs ${this.total} bytes, and takes edits up to ${this.most}`);
    if (index.clients + clients > MAX_CLIENTS)
      throw new Refusal("document-too-large", `the document is by ${index.clients} clients, and takes ${MAX_CLIENTS}`);
  }

  add(update: Uint8Array, content: UpdateContent): void {
    this.#updates += weightOf(update, content);
  }

  /** What an update deletes makes room one day. */
  frees({ deletes }: UpdateContent): void {
    for (const ranges of deletes.values()) for (const { from, to } of ranges) this.#deleted += to - from;
    if (this.fullness !== "ok" && this.#deleted > this.total * SHRINK_SHARE) this.#shrinks = true;
  }

  /** A snapshot holds it in these pieces. */
  cut(pieces: readonly Uint8Array[]): void {
    this.#shrinks = false;
    this.#deleted = 0;
    this.#updates = pieces.reduce((sum, piece) => sum + weightOf(piece, readUpdate(piece)), 0);
  }

  restore(updates: number): void {
    this.#updates = updates;
  }
}

/** Of an update that comes: what it deletes may part structs in two. */
function weightOf({ length }: Uint8Array, { count, deletes }: UpdateContent): number {
  let weight = length + STRUCT_WEIGHT * count;
  for (const ranges of deletes.values()) weight += RANGE_WEIGHT * ranges.length;
  return weight;
}
