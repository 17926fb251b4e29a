/** What a room has done since it last said so: it says it when something has woken it anyway, and sets no timer. */
import type { Counters } from "./counters.ts";

export interface Tally {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly rows: number;
  readonly rowBytes: number;
}

const NOTHING: Tally = { bytesIn: 0, bytesOut: 0, framesIn: 0, framesOut: 0, rows: 0, rowBytes: 0 };

/** What `now` is above `before`; undefined where that is nothing. */
export function since(now: Readonly<Counters>, before: Tally = NOTHING): Tally | undefined {
  const tally: Tally = {
    bytesIn: now.bytesIn - before.bytesIn,
    bytesOut: now.bytesOut - before.bytesOut,
    framesIn: now.framesIn - before.framesIn,
    framesOut: now.framesOut - before.framesOut,
    rows: now.rows - before.rows,
    rowBytes: now.rowBytes - before.rowBytes,
  };
  return Object.values(tally).some((count) => count > 0) ? tally : undefined;
}
