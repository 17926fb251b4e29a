/**
 * How a snapshot takes the place of old rows: what the room holds is cut in one turn into a buffer, and then step by step
 *
 *     clearing    what an interrupted one has left is removed
 *     writing     the pieces are written beside the snapshot that counts
 *     verifying   and read back: they are what was cut, and a room can be loaded from them
 *     (adopted)   in one write the new one counts, and the old one is nobody's
 *     sweeping    which is removed, with the rows that are not worth keeping
 *
 * each step in an event of its own with a bounded amount of work, so that nobody in the room waits for it. Whenever it is
 * cut short, the snapshot that counted still counts, and the rows behind it are all there.
 */
import { equal } from "../../shared/bytes.ts";
import type { Piece, Store } from "../storage/store.ts";

/** The most bytes that one step writes or reads, but for a single piece. */
const STEP_BYTES = 1_000_000;
/** The most rows, and pieces, that one step removes. */
const STEP_ROWS = 500;

type Work =
  | { readonly kind: "resting" }
  | { readonly kind: "clearing" | "writing" | "verifying"; readonly seq: number; readonly pieces: readonly Piece[]; next: number }
  | { readonly kind: "sweeping"; readonly rowsUpTo: number };

export interface CompactionHost {
  readonly store: Store;
  /** Throws unless a room can be loaded from these. */
  check(pieces: readonly Piece[]): void;
  /** The snapshot of row `seq` counts now; returns up to which row the journal is not worth keeping. */
  adopted(seq: number, length: number): number;
}

export class Compaction {
  readonly #host: CompactionHost;
  #work: Work = { kind: "resting" };

  constructor(host: CompactionHost) {
    this.#host = host;
  }

  get resting(): boolean {
    return this.#work.kind === "resting";
  }

  /** Takes over what the room holds after row `seq`. */
  begin(seq: number, pieces: readonly Piece[]): void {
    this.#work = { kind: "clearing", seq, pieces, next: 0 };
  }

  /** Gives up what it was at: the room has gone back to storage, or storage fails. */
  drop(): void {
    this.#work = { kind: "resting" };
  }

  /** One step. Throws when storage does; then it rests, and nothing is lost. */
  step(): void {
    const work = this.#work;
    this.#work = { kind: "resting" };
    this.#work = this.#after(work);
  }

  #after(work: Work): Work {
    const { store, check, adopted } = this.#host;
    switch (work.kind) {
      case "resting":
        return work;
      case "clearing":
        return store.sweep(0, STEP_ROWS) ? work : { ...work, kind: "writing" };
      case "writing": {
        const end = stepFrom(work.pieces, work.next);
        for (let number = work.next; number < end; number++) store.draft(work.seq, number, work.pieces[number]!);
        return end < work.pieces.length ? { ...work, next: end } : { ...work, kind: "verifying", next: 0 };
      }
      case "verifying": {
        const end = stepFrom(work.pieces, work.next);
        for (let number = work.next; number < end; number++) {
          const [cut, piece] = [work.pieces[number]!, store.piece(work.seq, number)];
          if (cut.section !== piece?.section || !equal(cut.bytes, piece.bytes))
            throw new Error(`piece ${number} of the snapshot at ${work.seq} is not what was written`);
        }
        if (end < work.pieces.length) return { ...work, next: end };
        check(work.pieces);
        store.adopt(work.seq);
        return {
          kind: "sweeping",
          rowsUpTo: adopted(
            work.seq,
            work.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0),
          ),
        };
      }
      case "sweeping":
        return store.sweep(work.rowsUpTo, STEP_ROWS) ? work : { kind: "resting" };
    }
  }
}

/** The piece after the last that a step from `next` on takes. */
function stepFrom(pieces: readonly Piece[], next: number): number {
  let end = next;
  for (let bytes = 0; end < pieces.length; end++) {
    bytes += pieces[end]!.bytes.length;
    if (bytes > STEP_BYTES && end > next) break;
  }
  return end;
}
