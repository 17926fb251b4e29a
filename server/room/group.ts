/**
 * A journal group: everything that will share one row. Memory runs ahead of the journal by the open one (open-group.ts) and no
 * more. It holds who waits for that row: private answers, and sockets that are to be given the state.
 */
import type { Answer, NumberedAnswer } from "../../shared/protocol/action.ts";
import type { Connection } from "./connections.ts";

/** Who is told what became of an action: a socket, or server code that waits. */
export type Asker = Connection | ((answer: NumberedAnswer) => void);

export class Group {
  /** The row this group will be. */
  readonly seq: number;
  /** The one time of everything in the row, `c.now`: when the first of it came, in ms since 1970. */
  readonly at: number;
  readonly answers: Map<Asker, Map<number, NumberedAnswer>> = new Map();
  readonly joiners: Connection[] = [];
  /** Server code that waits for the row. */
  readonly waiting: { resolve(): void; reject(error: Error): void }[] = [];
  /** Frames for one connection alone, by kind. */
  readonly behind: Map<Connection, Map<string, () => Uint8Array>> = new Map();

  constructor(seq: number, at: number) {
    this.seq = seq;
    this.at = at;
  }

  /** An answer of this row. */
  answer(asker: Asker, number: number, answer: Answer): void {
    this.again(asker, { number, seq: this.seq, answer });
  }

  /**
   * An answer given before: told again behind this row, since it may be of this very row. Told once, however often it is
   * asked for: a frame of a few bytes a question must not buy megabytes of answers.
   */
  again(asker: Asker, answer: NumberedAnswer): void {
    const answers = this.answers.get(asker);
    if (answers) answers.set(answer.number, answer);
    else this.answers.set(asker, new Map([[answer.number, answer]]));
  }
}
