/** What has been measured of rooms (`npm run bench -- cost`), and is reckoned with. All of it is in load/measured.json. */
import measured from "../measured.json" with { type: "json" };

/** One room, in a second in which everybody is busy; a join besides. */
export interface RoomUse {
  /** People in it. */
  readonly players: number;
  /** Moves, or keystrokes, a second of each. */
  readonly rate: number;
  /** Actions that last, a second of each: a piece taken, a piece put down; every keystroke. */
  readonly actions: number;
  /** WebSocket messages a second that the room was sent, and sent. */
  readonly framesIn: number;
  readonly framesOut: number;
  /** Bytes of these, a second. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Rows of the journal a second, and their bytes. */
  readonly journalRows: number;
  readonly journalBytes: number;
  /** Rows as SQLite counts them, alarms among them, a second. */
  readonly rowsWritten: number;
  /** Share of the time in which it could not have slept, since a timer was pending. */
  readonly awake: number;
  /** Of a core. */
  readonly cpu: number;
  /** A join. */
  readonly joinCpuMs: number;
  readonly joinBytesOut: number;
  readonly joinRowsRead: number;
  readonly joinRowsWritten: number;
  /** Bytes of its database at the end. */
  readonly stored: number;
}

export interface KindUse {
  /** The one whose figures are reckoned with. */
  readonly reference: RoomUse;
  readonly rooms: readonly RoomUse[];
  /** Rows written for one of the journal in the long run: it is removed some day, and snapshots take its place. */
  readonly billedRowsPerRow: number;
}

export interface Measured {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
  readonly game: KindUse;
  readonly document: KindUse;
  /** Of servers of the kind that is rented by the month, ms of a core. */
  readonly machines: { readonly colyseusCpuMsPerMove: number; readonly hocuspocusCpuMsPerEdit: number };
  /** ms of a core in which a function reads 1 MB of state from JSON and writes it again. */
  readonly rewriteMsPerMB: number;
}

/** What was measured last. */
export const MEASURED: Measured = measured;
