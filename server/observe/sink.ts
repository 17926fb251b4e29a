/**
 * Where a worker says what happens: lines for people, points for counting. One small interface, for the platform's own (logs
 * of `[observability]`, a dataset of Analytics Engine) and for tests. Nothing of a token or a secret comes here: paths
 * without their query, no headers, and reasons that are the room's own words.
 */

/** A line: what happened, and its fields. */
export interface Entry {
  readonly level: "info" | "error";
  readonly message: string;
  /** The request by which it came, as the platform names it, and where a socket began. */
  readonly request?: string | undefined;
  readonly party?: string | undefined;
  readonly room?: string | undefined;
  readonly user?: string | undefined;
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  /** With which code a socket was closed, and why. */
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
  readonly ms?: number;
  readonly error?: unknown;
}

/** Something to be counted: a request, or a socket that closed. */
export interface Point {
  readonly kind: "request" | "closed";
  readonly party: string;
  readonly room: string;
  /** The status of a request, or the code of a close. */
  readonly code: number;
  readonly ms: number;
}

export interface Sink {
  log(entry: Entry): void;
  point(point: Point): void;
}

/** Of the binding `ANALYTICS`, as much as is needed. */
interface Dataset {
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
}

/** The longest index of a data point, in bytes (Analytics Engine's limit). */
const MAX_INDEX = 96;

/** The console, whose objects the platform keeps as JSON; and the dataset that is bound as ANALYTICS, if one is. */
export function sinkOf(env: unknown): Sink {
  const bound = (env as { ANALYTICS?: unknown } | undefined)?.ANALYTICS;
  const dataset = typeof bound === "object" && bound !== null ? (bound as Dataset) : undefined;
  return {
    log: ({ level, ...entry }) => console[level](entry),
    point: ({ kind, party, room, code, ms }) =>
      dataset?.writeDataPoint({
        indexes: [`${party}/${room}`.slice(0, MAX_INDEX)],
        blobs: [kind, party, room, String(code)],
        doubles: [1, ms],
      }),
  };
}

/** For tests: keeps what it is told. */
export class MemorySink implements Sink {
  readonly entries: Entry[] = [];
  readonly points: Point[] = [];

  log(entry: Entry): void {
    this.entries.push(entry);
  }

  point(point: Point): void {
    this.points.push(point);
  }
}
