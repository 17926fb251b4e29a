/** Broken promises, as they are found: of which kind, by which witness, in words. */

/**
 * lost: acknowledged and not there.       doubled: took effect, or was stored, more than once.
 * gap: the order has a hole.              changed: what was stored or answered is not what it was.
 * refused: an answer no rule gives.       diverged: two clients, or a client and the room, differ.
 * stuck: it did not come to rest.
 */
export type Kind = "lost" | "doubled" | "gap" | "changed" | "refused" | "diverged" | "stuck";

/** journal: the room's file. state: what the clients were shown in the end. client: what one was shown on the way. */
export type Witness = "journal" | "state" | "client";

export interface Violation {
  readonly kind: Kind;
  readonly witness: Witness;
  readonly room: string;
  readonly words: string;
  /** How many kills there had been. */
  readonly kills: number;
}

export class Violations {
  readonly found: Violation[] = [];
  /** Counted by whoever kills. */
  kills = 0;

  report(kind: Kind, witness: Witness, room: string, words: string): void {
    this.found.push({ kind, witness, room, words, kills: this.kills });
  }
}
