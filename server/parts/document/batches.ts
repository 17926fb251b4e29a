/** The updates of a document as they are sent to who reads it: short ones merged, and long ones split, into about a frame each. */
import * as Y from "yjs";
import { splitUpdate } from "../../../shared/document/update.ts";

/** Short ones are merged into ones of about this length, in bytes, and those far longer are split: a frame holds one. */
const BATCH_BYTES = 32_000;
const LONGEST_BYTES = 64_000;

export function* batches(updates: Iterable<Uint8Array>): Generator<Uint8Array> {
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

/** Several, at least one, as one; one alone stays what its author sent. */
export const merged = (updates: Uint8Array[]): Uint8Array => (updates.length === 1 ? updates[0]! : Y.mergeUpdates(updates));
