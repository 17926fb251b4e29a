/**
 * A long session of several authors, drawn from a seed: runs of typing where the cursor is, backspaces, jumps, cuts, pastes
 * and undo. It is replayed on whatever the author's document holds at that moment, so that concurrency makes of it what it will.
 */
import * as Y from "yjs";
import { Draw } from "../kit/random.ts";

const LETTERS = "etaoin shrdlu\nEé🙂";

export class Author {
  /** What it has done: each letter typed or cut back is one. */
  operations = 0;
  undone = 0;
  readonly #doc: Y.Doc;
  readonly #text: Y.Text;
  readonly #draw: Draw;
  readonly #undo: Y.UndoManager;
  /** Where it goes when others write, while this one rests; and as a number, while it does not. */
  #cursor: Y.RelativePosition;
  #at = 0;

  constructor(doc: Y.Doc, ...seed: (string | number)[]) {
    this.#doc = doc;
    this.#text = doc.getText("text");
    this.#draw = new Draw(...seed);
    this.#undo = new Y.UndoManager(this.#text, { captureTimeout: 0, trackedOrigins: new Set([this]) });
    this.#cursor = Y.createRelativePositionFromTypeIndex(this.#text, 0);
  }

  /** Some `count` operations, in one transaction; or now and then an undo, or a redo. */
  burst(count: number): void {
    const draw = this.#draw;
    if (draw.chance(0.08)) {
      this.operations++;
      if (this.#undo.undo()) this.undone++;
      if (draw.chance(0.4)) this.#undo.redo();
      return;
    }
    this.#at = Y.createAbsolutePositionFromRelativePosition(this.#cursor, this.#doc)?.index ?? 0;
    this.#doc.transact(() => {
      for (let left = count; left > 0; left--) this.#act();
    }, this);
    this.#cursor = Y.createRelativePositionFromTypeIndex(this.#text, this.#at);
  }

  #act(): void {
    const draw = this.#draw;
    const text = this.#text;
    const kind = draw.next();
    let at = this.#at;
    this.operations++;
    if (kind < 0.02) at = draw.below(text.length + 1);
    else if (kind < 0.25 && at > 0) text.delete(--at, 1);
    else if (kind < 0.26) {
      const length = Math.min(text.length - at, draw.below(30));
      if (length > 0) text.delete(at, length);
    } else {
      const typed = kind < 0.27 ? "pasted ".repeat(1 + draw.below(8)) : LETTERS.charAt(draw.below(14));
      text.insert(at, typed);
      at += typed.length;
    }
    this.#at = at;
  }

  destroy(): void {
    this.#undo.destroy();
  }
}
