/**
 * A document in frames, for those who come: read from storage and its index, so that nobody's coming has it built. All of it,
 * progressively, or what of its rows was missed; to the SDK and to stock clients, each in its own words.
 */
import * as Y from "yjs";
import { writeDocumentState, writeEdits } from "../../../shared/protocol/document.ts";
import { DOWN } from "../../../shared/protocol/down.ts";
import { frameOf, type Frame } from "../../../shared/protocol/frame.ts";
import { writeStep1, writeStep2, writeUpdate } from "../../../shared/protocol/yjs.ts";
import type { MissedRow } from "../part.ts";
import { batches, merged } from "./batches.ts";
import type { DocumentIndex } from "./document-index.ts";
import { DOCUMENT_SECTION, updatesOf } from "./stored.ts";

export class DocumentFrames {
  readonly #stored: (seq: number) => Iterable<Uint8Array>;
  readonly #index: () => DocumentIndex;

  /** `stored`: all updates up to that row, oldest first; may be read bit by bit. */
  constructor(stored: (seq: number) => Iterable<Uint8Array>, index: () => DocumentIndex) {
    this.#stored = stored;
    this.#index = index;
  }

  // ---- to the SDK

  /** All of it up to row `seq`. */
  *bulk(seq: number): Generator<Uint8Array> {
    for (const update of batches(this.#stored(seq))) yield frameOf(DOWN.edits, writeEdits(seq, update));
  }

  missed(frame: Frame, rows: readonly MissedRow[]): void {
    for (const { seq, update } of updatesIn(rows)) frame.add(DOWN.edits, writeEdits(seq, update));
  }

  /** At the end: what it holds at row `seq`. */
  welcome(frame: Frame, seq: number): void {
    frame.add(DOWN.document, writeDocumentState(seq, this.#index().stateVector()));
  }

  // ---- to stock clients

  /** What of it, up to row `seq`, a client lacks that has this; what is deleted comes at the end. */
  *stockBulk(seq: number, stateVector: Uint8Array): Generator<Uint8Array> {
    const nothing = stateVector.length <= 1;
    for (const update of batches(this.#stored(seq))) {
      const lacked = nothing ? update : Y.diffUpdate(update, stateVector);
      if (lacked[0] !== 0) yield writeUpdate(lacked); // an update begins with the number of clients that have structs in it
    }
  }

  *stockMissed(rows: readonly MissedRow[]): Generator<Uint8Array> {
    for (const { update } of updatesIn(rows)) yield writeUpdate(update);
  }

  /** At the end: with it the client knows that it has everything, and is asked what the room lacks. */
  stockWelcome(): Uint8Array[] {
    return [writeStep2(this.#index().deletes()), writeStep1(this.#index().stateVector())];
  }
}

function* updatesIn(rows: readonly MissedRow[]): Generator<{ seq: number; update: Uint8Array }> {
  for (const { seq, sections } of rows) {
    const bytes = sections.get(DOCUMENT_SECTION);
    const updates = bytes ? [...updatesOf(bytes)] : [];
    if (updates.length > 0) yield { seq, update: merged(updates) };
  }
}
