/** Has snapshots taken, a step each time the alarm rings: when there is something to do, and nobody is in its way. */
import type { Alarms, Task } from "./alarms.ts";
import { CompactionPlan } from "./compaction-plan.ts";
import type { Connections } from "./connections.ts";
import type { Content } from "./content.ts";
import type { RoomHost } from "./host.ts";

export interface CompactingHost extends Pick<RoomHost, "now" | "log"> {
  readonly content: Content;
  readonly connections: Connections;
  readonly alarms: Alarms;
  /** Closes the open group. */
  flush(): void;
}

export class Compacting implements Task {
  readonly #host: CompactingHost;
  readonly #plan = new CompactionPlan();
  #due: number | undefined;

  constructor(host: CompactingHost) {
    this.#host = host;
  }

  /** A row was written. */
  look(): void {
    if (this.#due !== undefined || !this.#host.content.compactionDue) return;
    this.#due = this.#host.now();
    this.#host.alarms.arm();
  }

  due(): number | undefined {
    return this.#due;
  }

  ring(now: number): void {
    const { content, connections, flush } = this.#host;
    content.load();
    flush(); // a snapshot is of a row, not of what is still open
    const someoneLoads = connections.has(({ stage }) => stage === "loading");
    this.#due = this.#plan.waits(someoneLoads, now) ?? this.#step(now);
  }

  /** Returns when the next is due; undefined: there is none. */
  #step(now: number): number | undefined {
    const { content, log } = this.#host;
    try {
      content.compact();
      if (content.compactionDue) return now;
      this.#plan.done();
      return undefined;
    } catch (error) {
      log("error", "no snapshot could be cut; it is tried again later", error); // the rows are all there
      return this.#plan.failed(now);
    }
  }
}
