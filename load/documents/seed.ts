/** A document as several people would have made it in months: runs of typing here and there, deletions, pastes. The same every time. */
import * as Y from "yjs";
import { Draw } from "../../test/kit/random.ts";

const AUTHORS = 8;
const PARAGRAPH = "It was a bright cold day in April, and the clocks were striking thirteen. ";
/** Of each thousand changes. */
const PASTES = 6;
const DELETES = 100;
const JUMPS = 30;
/** Else people go on near where they were, in characters. */
const NEARBY = 400;
const PASTE_REPEATS = 40;
/** How long a document gets is looked at now and then: a change is about this long, in bytes, and there are some looks. */
const CHANGE_BYTES = 30;
const LOOKS = 20;

export interface Seed {
  readonly update: Uint8Array;
  /** Characters of its text. */
  readonly length: number;
}

export const TEXT = "text";

/** About `bytes` long, as an update. */
export function seed(bytes: number): Seed {
  const draw = new Draw("a long document");
  const doc = new Y.Doc();
  const text = doc.getText(TEXT);
  const ids = Array.from({ length: AUTHORS }, () => draw.below(2 ** 32));
  const lookEvery = Math.ceil(bytes / CHANGE_BYTES / LOOKS);
  const cursors = Array.from({ length: AUTHORS }, () => 0);
  for (let n = 1; ; n++) {
    const author = draw.below(AUTHORS);
    doc.clientID = ids[author]!; // whoever it is who writes now
    const kind = draw.below(1000);
    const jumps = draw.below(1000) < JUMPS;
    const at = jumps ? draw.below(text.length + 1) : Math.min(text.length, cursors[author]! + draw.below(NEARBY));
    cursors[author] = Math.max(0, at - NEARBY / 2);
    if (kind < PASTES) text.insert(at, PARAGRAPH.repeat(1 + draw.below(PASTE_REPEATS)));
    else if (kind < PASTES + DELETES) text.delete(at, Math.min(text.length - at, 1 + draw.below(10)));
    else text.insert(at, PARAGRAPH.slice(0, 1 + draw.below(12)));
    if (n % lookEvery !== 0) continue;
    const update = Y.encodeStateAsUpdate(doc);
    if (update.length >= bytes) return { update, length: text.length };
  }
}
