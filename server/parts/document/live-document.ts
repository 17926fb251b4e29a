/** The document itself, built from its updates when somebody writes: it takes an update wholly, or is not to be used any more. */
import * as Y from "yjs";
import { singly, splitUpdate, type ClockRange, type UpdateContent } from "../../../shared/document/update.ts";
import { itemsBetween, stepsFor } from "./conflicts.ts";

/** Pieces of a stored document are about this long, in bytes: a frame holds one. */
export const PIECE_BYTES = 60_000;

/** Lists, maps and texts within each other deeper than this are nobody's: whoever deleted the outermost would run out of stack. */
const MAX_DEPTH = 100;

/**
 * The items that Yjs looks at to find all structs of an update their places: a second and a half, at the most. Two who each
 * wrote 3,000 things at the same place, one before the other, while they were apart, come to this.
 */
const MAX_STEPS = 10_000_000;

/** What an update has deleted. */
export type Deleted = readonly (readonly [client: number, range: ClockRange])[];

export class LiveDocument {
  readonly #doc = new Y.Doc();
  /** By client: what the last transaction deleted. */
  #deleted: Y.Transaction["deleteSet"]["clients"] = new Map();
  /** How many items were looked at for the places of the last update's structs. */
  steps = 0;

  /** Throws when the updates do not make a document. */
  constructor(updates: Iterable<Uint8Array>) {
    this.#doc.on("afterTransaction", (transaction: Y.Transaction) => {
      // Yjs would now delete formats that do nothing: an edit of the room's own, which nobody would be told of.
      // oxlint-disable-next-line no-underscore-dangle -- the one handle that Yjs has for it
      transaction._needFormattingCleanup = false;
      this.#deleted = transaction.deleteSet.clients;
    });
    this.#doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#doc, update);
    });
    this.#whole();
  }

  /**
   * Throws when the update cannot be applied, or rests on what is not there. Yjs may by then have applied half of it: the
   * document is spoilt, and whoever has it builds another from what was accepted.
   *
   * Returns what was deleted by it, said or not: of two values set at once, one goes; what is written into something that
   * another has deleted, goes with it.
   */
  apply(update: Uint8Array, { structs }: UpdateContent): Deleted {
    this.#deleted = new Map();
    // One by one: how far Yjs has to look for a struct's place shows when those before it have theirs.
    this.#doc.transact(() => {
      this.steps = 0;
      for (const [piece, struct] of singly(update)) {
        if (struct instanceof Y.Item) this.#place(struct);
        Y.applyUpdate(this.#doc, piece);
      }
    });
    this.#whole();
    const deleted: [number, ClockRange][] = [];
    for (const [client, ranges] of this.#deleted)
      for (const { clock, len } of ranges) deleted.push([client, { from: clock, to: clock + len }]);
    for (const [client, { from, to }] of structs) {
      const all = this.#doc.store.clients.get(client) ?? [];
      for (let at = Y.findIndexSS(all, from); at < all.length && all[at]!.id.clock < to; at++) {
        const struct = all[at]!;
        const { id, length, deleted: gone } = struct;
        if (struct instanceof Y.Item && struct.content instanceof Y.ContentType) checkDepth(struct);
        if (gone) deleted.push([client, { from: id.clock, to: id.clock + length }]);
      }
    }
    return deleted;
  }

  /** Throws where there is none for it, or none that could be found in time. */
  #place(item: Y.Item): void {
    const { client, clock } = item.id;
    this.steps += stepsFor(item, this.#doc, MAX_STEPS - this.steps);
    const between = itemsBetween(item, this.#doc, MAX_STEPS - this.steps);
    if (between === undefined) throw new Error(`struct ${client}:${clock} is between two that do not follow each other`);
    this.steps += between;
    if (this.steps === MAX_STEPS) throw new Error("its structs stand far from what they rest on");
  }

  /** Pending structs are part of what a document encodes to: they would poison every copy. */
  #whole(): void {
    const { pendingStructs, pendingDs } = this.#doc.store;
    if (pendingStructs || pendingDs) throw new Error("an update rests on structs that are not there");
  }

  /** All of it, garbage collected, in pieces that can be applied one after the other. */
  pieces(): Uint8Array[] {
    return splitUpdate(Y.encodeStateAsUpdate(this.#doc), PIECE_BYTES);
  }

  toJSON(): unknown {
    const json: Record<string, unknown> = {};
    for (const [name, type] of this.#doc.share) json[name] = jsonOf(type);
    return json;
  }

  destroy(): void {
    this.#doc.destroy();
  }
}

/**
 * An update that leads from what a document is to what it was: what has been added is deleted, and what has been deleted
 * is written again, as if somebody had undone everything since. `then`: all that the version held. `now`: all that there is.
 */
export function revertingTo(then: Uint8Array, now: Uint8Array): Uint8Array {
  const former = new Y.Doc({ gc: false });
  Y.applyUpdate(former, then);
  const since = {};
  const undo = new Y.UndoManager(former, { trackedOrigins: new Set([since]), captureTimeout: Infinity });
  Y.applyUpdate(former, now, since);
  const before = Y.encodeStateVector(former);
  undo.undo();
  const update = Y.encodeStateAsUpdate(former, before);
  undo.destroy();
  former.destroy();
  return update;
}

function checkDepth({ id, parent }: Y.Item): void {
  let depth = 1;
  for (let type = parent; type instanceof Y.AbstractType; depth++) {
    if (depth > MAX_DEPTH) throw new Error(`struct ${id.client}:${id.clock} is nested deeper than ${MAX_DEPTH}`);
    // oxlint-disable-next-line no-underscore-dangle -- Yjs knows what a type lies in by this name alone
    const item = type._item;
    if (!item) return;
    type = item.parent;
  }
}

type Root = Y.Doc["share"] extends Map<string, infer T> ? T : never;

/** A root type that was never asked for by its kind shows its items as far as they tell. */
function jsonOf(type: Root): unknown {
  const items: unknown[] = [];
  let text = "";
  const map: Record<string, unknown> = {};
  /* oxlint-disable no-underscore-dangle -- Yjs shows the items of a type by these names alone */
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    if (item.content instanceof Y.ContentString) text += item.content.str;
    else if (item.countable) items.push(...item.content.getContent().map(plain));
  }
  for (const [key, item] of type._map) if (!item.deleted) map[key] = plain(item.content.getContent().at(-1));
  /* oxlint-enable no-underscore-dangle */
  if (Object.keys(map).length > 0) return map;
  return items.length > 0 ? items : text;
}

const plain = (value: unknown): unknown => (value instanceof Y.AbstractType ? (value.toJSON() as unknown) : value);
