/**
 * How servers call a room: each call is a turn of its own. What is read does not run ahead of the journal; what is changed is
 * answered once its row is written.
 */
import type { NumberedAnswer } from "../../shared/protocol/action.ts";
import type { Content } from "./content.ts";
import type { OpenGroup } from "./open-group.ts";

export interface CallsHost {
  readonly group: OpenGroup;
  readonly content: Content;
  /** Runs this as a turn of the room. */
  turn<T>(happen: () => T): T;
  /** Closes the open group. */
  flush(): void;
}

export class Calls {
  readonly #host: CallsHost;

  constructor(host: CallsHost) {
    this.#host = host;
  }

  /** Closes the open group: for a read of what lasts, in a turn that is under way. */
  flush(): void {
    this.#host.flush();
  }

  /** Reads with the open group closed. */
  atRest<T>(read: () => T): T {
    const { turn, flush } = this.#host;
    return turn(() => {
      flush();
      return read();
    });
  }

  /** Runs an action, and resolves with its answer once the row is written; what `run` throws rejects. */
  answered(run: (resolve: (answer: NumberedAnswer) => void) => void): Promise<NumberedAnswer> {
    const { turn } = this.#host;
    return new Promise((resolve) => {
      turn(() => run(resolve));
    });
  }

  /**
   * Changes something, and resolves with the newest row once that is written. Where nothing changes it waits for the open group
   * all the same, which may hold what was known. What `change` throws rejects.
   */
  durably(change: () => void): Promise<number> {
    const { turn, group, content } = this.#host;
    return new Promise((resolve, reject) => {
      turn(() => {
        change();
        group.whenWritten({ resolve: () => resolve(content.seq), reject });
      });
    });
  }
}
