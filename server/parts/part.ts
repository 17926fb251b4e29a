/**
 * The one seam of a room: what it holds is made of parts. A part is plain TypeScript that never touches a socket or a
 * timer; it says what changed, and the room decides when that is written and sent. All of it is synchronous.
 */
import type { ErrorCode } from "../../shared/protocol/error-code.ts";
import { Frame } from "../../shared/protocol/frame.ts";
import type { Up } from "../../shared/protocol/up.ts";
import type { Group } from "../room/group.ts";
import type { Connection } from "../room/connections.ts";
import type { Sections, Snapshot } from "../storage/pieces.ts";

/** What a part may ask of the room that holds it. */
export interface PartHost {
  /** The open group; opens one. Ask only when something is to be written in it. */
  group(): Group;
  /** What the open group says is to be written, or answered, when it closes. */
  markGroup(): void;
  /** Once the open group is written, this frame goes to that connection alone. The last of each `kind` counts. */
  behind(connection: Connection, kind: string, frame: () => Uint8Array): void;
  /** There is something transient to show. */
  mark(): void;
  /** ms since 1970; stands still within an event. */
  now(): number;
  joined(): Iterable<Connection>;
}

/** A message of a client, for the part it is meant for. */
export type PartMessage = Exclude<Up, { kind: "hello" | "ack" | "pace" | "drifted" }>;

/** What a beat says to everyone: a frame for the SDK, and the frames, of one message each, for stock Yjs clients. */
export class RoomFrame extends Frame {
  readonly stock: Uint8Array[] = [];
}

/** A journal row, as one who missed it is told of it. */
export interface MissedRow {
  readonly seq: number;
  readonly sections: Sections;
}

/** Reads a section of a snapshot, in the pieces it was given in. */
export type ReadSection = (section: number) => Iterable<Uint8Array>;

export interface RoomPart {
  /** A connection said hello, and waits for the state. */
  joined?(connection: Connection): void;
  left?(connection: Connection): void;
  /** Applies a message, if it is for this part. Throws {@link Refusal} for one that may not be, WireError for one that does not fit. */
  receive?(connection: Connection, message: PartMessage): boolean;
  /** Writes what is transient and new. */
  volatile?(frame: RoomFrame): void;
  /** The row is written: tells of it. Also called for a group that only answers. */
  durable?(frame: RoomFrame): void;
  /** Writes all of what lasts, for one who has nothing: what is to be read at once. */
  whole?(frame: Frame): void;
  /** Writes what lasts of rows that were missed. */
  missed?(frame: Frame, rows: readonly MissedRow[]): void;
  /** Writes what a new connection has to know besides, once it has all that lasts, up to `seq`: what is transient. */
  welcome?(frame: Frame, seq: number): void;
  /** Writes what lasts and this connection alone is to see. */
  personal?(connection: Connection, frame: Frame): void;
}

/** A part that lasts: it has a section in journal rows, and its own in snapshots. */
export interface KeptPart extends RoomPart {
  /** The number of its section in rows. */
  readonly section: number;
  /** Back to the snapshot: forgets everything else. */
  restore(read: ReadSection): void;
  /** Applies one row's section; `at` and `seq` are the row's. */
  replay(bytes: Uint8Array, seq: number, at: number): void;
  /** The group closes: hands over its section, and starts anew. Undefined: nothing to write. */
  collect(): Uint8Array | undefined;
  /** All that it holds, by section. */
  snapshot(): Snapshot;
  /** Throws unless a part could be restored from this. */
  check(read: ReadSection): void;
}

/** A message is refused at once: nothing changed, and its action number, if it has one, is not used up. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
