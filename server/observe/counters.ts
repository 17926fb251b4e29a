/** What a room has done since its object woke: plain numbers, counted where things happen and read at `…/inspect`. */
export class Counters {
  framesIn = 0;
  bytesIn = 0;
  framesOut = 0;
  bytesOut = 0;
  /** Frames kept from readers that were too slow, and times one was given the state anew. */
  spared = 0;
  resyncs = 0;
  /** Beats that showed something. */
  beats = 0;
  /** Journal rows written, and their bytes. */
  rows = 0;
  rowBytes = 0;
  /** Messages refused at once, and connections closed, by code. */
  readonly refused: Record<string, number> = {};
  readonly closed: Record<string, number> = {};

  /** One more of `what`. */
  static add(counts: Record<string, number>, what: string | number): void {
    counts[what] = (counts[what] ?? 0) + 1;
  }
}
