/** What the players of one room did and were told, kept outside of the room: the truth that everything is held against. */
import { RoomError } from "coterie";

export type Move =
  | { readonly name: "add"; readonly n: number }
  | { readonly name: "grab"; readonly id: number }
  | { readonly name: "drop"; readonly id: number; readonly x: number; readonly y: number }
  | { readonly name: "roll" };

export type Answer =
  | { readonly kind: "done"; readonly seq: number; readonly value: unknown }
  | { readonly kind: "refused"; readonly code: string };

export interface Entry {
  readonly user: string;
  /** The session's number for it, known by order: 1, 2, 3, … */
  readonly number: number;
  readonly move: Move;
  answer: Answer | undefined;
}

export class Ledger {
  readonly entries: Entry[] = [];
  /** Answered, and not yet looked for in the journal. */
  fresh: Entry[] = [];

  /** Enters what a user does now, and its answer once that comes. */
  enter(user: string, number: number, move: Move, answer: Promise<{ seq: number; value: unknown }>): void {
    const entry: Entry = { user, number, move, answer: undefined };
    this.entries.push(entry);
    const settle = (settled: Answer): void => {
      entry.answer = settled;
      this.fresh.push(entry);
    };
    answer.then(
      ({ seq, value }) => settle({ kind: "done", seq, value }),
      (error: unknown) => settle({ kind: "refused", code: error instanceof RoomError ? error.code : String(error) }),
    );
  }

  /** What has no answer. */
  get pending(): Entry[] {
    return this.entries.filter(({ answer }) => !answer);
  }
}

/** An entry in words. */
export const describe = ({ user, number, move, answer }: Entry): string =>
  `${user}'s action ${number} ${JSON.stringify(move)}, answered ${JSON.stringify(answer)}`;
