/**
 * How one who comes is given the room: the rows it missed where it names a `seq` they lead on from, else the state. Both
 * come when the open group has closed, so that nobody is shown what is not in the journal, and joiners of one group share
 * one encoding. A state that is longer than a window is sent as a transfer, and a storm of joiners shares its bytes.
 */
import { writeAnswers, type NumberedAnswer } from "../../shared/protocol/action.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { writePace } from "../../shared/protocol/flow.ts";
import { Frame } from "../../shared/protocol/frame.ts";
import { writeWelcome } from "../../shared/protocol/hello.ts";
import { UP_FRAME_MS } from "../../shared/protocol/limits.ts";
import type { MissedRow, RoomPart } from "../parts/part.ts";
import type { Birth } from "../storage/store.ts";
import type { Connection } from "./connections.ts";
import { inParts, Transfer, WINDOW_BYTES } from "./transfer.ts";

export interface ReceptionHost {
  now(): number;
  life(): number;
  /** What clients are to leave between two frames, in ms. */
  everyMs(): number;
  /** The newest row, which is in the state that the parts hold now. */
  seq(): number;
  /** The newest row that clients were told of. */
  toldSeq(): number;
  /** The rows above `seq`; undefined where that is too long ago. */
  since(seq: number): readonly MissedRow[] | undefined;
  parts(): readonly RoomPart[];
  /** It waits for the next group. */
  join(connection: Connection): void;
  /** It hears everything from now on. */
  opened(connection: Connection): void;
}

/** The state after a row, as a frame. */
interface Whole {
  readonly seq: number;
  readonly frame: Uint8Array;
}

/** A cut state is used again as long as the rows behind it are shorter than this share of it. */
const STALE = 0.25;

export class Reception {
  readonly #host: ReceptionHost;
  /** The last state that was longer than a window. */
  #long: Whole | undefined;

  constructor(host: ReceptionHost) {
    this.#host = host;
  }

  /** Serves those who waited for the group that has just closed. */
  serve(joiners: readonly Connection[], birth: Birth): void {
    let whole: Whole | undefined;
    let atOnce: Uint8Array | undefined;
    const opened: Connection[] = [];
    for (const connection of joiners) {
      if (connection.stage !== "joining") continue;
      const { transfer, socket, resumeFrom } = connection;
      const from = transfer?.seq ?? resumeFrom;
      const missed = from > 0 || transfer ? this.#missed(from) : undefined;
      if (!transfer) socket.send(this.#welcome(connection, birth, missed !== undefined));
      if (missed) socket.send(concat(transfer?.last, this.#tail(missed)));
      else {
        whole ??= this.#whole();
        if (whole.frame.length > WINDOW_BYTES) {
          this.#load(connection, whole);
          continue;
        }
        socket.send((atOnce ??= concat(whole.frame, this.#tail([]))));
      }
      connection.transfer = undefined;
      opened.push(connection);
    }
    for (const connection of opened) this.#open(connection);
  }

  /** It has read more, and may be sent more. */
  credited(connection: Connection): void {
    if (connection.stage === "loading") this.#pump(connection);
  }

  #open(connection: Connection): void {
    connection.stage = "open";
    if (connection.heldAnswers.length > 0) sendAnswers(connection, this.#host.toldSeq(), connection.heldAnswers);
    connection.heldAnswers = [];
    connection.flow.forgive();
    this.#host.opened(connection);
  }

  #load(connection: Connection, { seq, frame }: Whole): void {
    connection.transfer = new Transfer(seq, inParts(frame));
    connection.stage = "loading";
    this.#pump(connection);
  }

  #pump(connection: Connection): void {
    if (connection.transfer!.send(connection)) {
      connection.stage = "joining";
      this.#host.join(connection);
    } else connection.flow.wait(this.#host.now());
  }

  /** The rows above `seq`, if they are few enough to be sent at once. */
  #missed(seq: number): readonly MissedRow[] | undefined {
    const missed = this.#host.since(seq);
    return missed && lengthOf(missed) <= WINDOW_BYTES ? missed : undefined;
  }

  /** The state now, or a short while ago: what has come since is sent behind it. */
  #whole(): Whole {
    const long = this.#long;
    if (long) {
      const since = this.#host.since(long.seq);
      if (since && lengthOf(since) <= long.frame.length * STALE) return long;
    }
    const frame = new Frame();
    for (const part of this.#host.parts()) part.whole?.(frame);
    const whole = { seq: this.#host.seq(), frame: frame.bytes() };
    this.#long = whole.frame.length > WINDOW_BYTES ? whole : undefined;
    return whole;
  }

  /** The state it holds may have changed without a row: it goes back to storage. */
  forget(): void {
    this.#long = undefined;
  }

  #tail(missed: readonly MissedRow[]): Uint8Array {
    const frame = new Frame();
    for (const part of this.#host.parts()) part.welcome?.(frame, missed);
    return frame.bytes();
  }

  #welcome({ id, me, facts }: Connection, { createdAt, params }: Birth, resumed: boolean): Uint8Array {
    const { now, life, everyMs } = this.#host;
    const frame = new Frame();
    frame.add(
      DOWN.welcome,
      writeWelcome({ connection: id, me, user: facts.user, now: now(), life: life(), epoch: createdAt, resumed, params }),
    );
    if (everyMs() > UP_FRAME_MS) frame.add(DOWN.pace, writePace(everyMs()));
    return frame.bytes();
  }
}

export function sendAnswers({ socket }: Connection, after: number, answers: readonly NumberedAnswer[]): void {
  const frame = new Frame();
  frame.add(DOWN.answers, writeAnswers(after, answers));
  socket.send(frame.bytes());
}

const lengthOf = (rows: readonly MissedRow[]): number => {
  let length = 0;
  for (const { sections } of rows) for (const bytes of sections.values()) length += bytes.length;
  return length;
};

/** Frames are rows of messages: two of them, one behind the other, are one. */
function concat(a: Uint8Array | undefined, b: Uint8Array): Uint8Array {
  if (!a || a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
