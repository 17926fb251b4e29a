/**
 * Where a worker says what happens: lines for people, points for counting. One small interface, for the platform's own (logs
 * of `[observability]`, a dataset of Analytics Engine) and for tests. Nothing of a token or a secret comes here: paths
 * without their query, no headers, and reasons that are the room's own words.
 */

import { redactor } from "./redact.ts";
import type { Tally } from "./tally.ts";

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
  /** The stack, where there is one. */
  readonly error?: string | undefined;
}

/**
 * Something to be counted: a request; a socket that was let in and has closed, with its bytes since the object last woke; what a
 * room has done since it last said so, which it does when its last socket has closed and when its alarm rings.
 */
export interface Point extends Partial<Tally> {
  readonly kind: "request" | "closed" | "room";
  readonly party: string;
  readonly room: string;
  /** The status of a request, or the code of a close, at the edge too; 0 of a room. */
  readonly code: number;
  /** How long a request took, or a socket was open; 0 of a room. */
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

/**
 * A data point:
 *
 *     index1   party/room
 *     blob1    kind     blob2    party   blob3    room      blob4    code
 *     double1  1        double2  ms      double3  bytesIn   double4  bytesOut
 *     double5  framesIn double6  framesOut double7 rows     double8  rowBytes
 */
function columns({ kind, party, room, code, ms, ...tally }: Point): Parameters<Dataset["writeDataPoint"]>[0] {
  const { bytesIn = 0, bytesOut = 0, framesIn = 0, framesOut = 0, rows = 0, rowBytes = 0 } = tally;
  return {
    indexes: [`${party}/${room}`.slice(0, MAX_INDEX)],
    blobs: [kind, party, room, String(code)],
    doubles: [1, ms, bytesIn, bytesOut, framesIn, framesOut, rows, rowBytes],
  };
}

/** The console, whose objects the platform keeps as JSON; and the dataset that is bound as ANALYTICS, if one is. */
export function sinkOf(env: unknown): Sink {
  const bound = (env as { ANALYTICS?: unknown } | undefined)?.ANALYTICS;
  const dataset = typeof bound === "object" && bound !== null ? (bound as Dataset) : undefined;
  return {
    log: ({ level, ...entry }) => console[level](entry),
    point: (point) => dataset?.writeDataPoint(columns(point)),
  };
}

/** What a worker of this environment speaks to: `observe`'s sink, or the platform's, behind the last look for secrets. */
export function sinkFor(observe: ((env: unknown) => Sink) | undefined, env: object): Sink {
  const sink = (observe ?? sinkOf)(env);
  const clean = redactor(env);
  const cleaned = <T extends object>(fields: T): T =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]: [string, unknown]) => [name, typeof value === "string" ? clean(value) : value]),
    ) as T;
  return { log: (entry) => sink.log(cleaned(entry)), point: (point) => sink.point(cleaned(point)) };
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
