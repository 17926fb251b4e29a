/**
 * How one who comes is given the room: the rows it missed where it names a `seq` they lead on from, else the state. Both
 * come when the open group has closed, so that nobody is shown what is not in the journal, and joiners of one group share
 * one encoding. A state that is longer than a window is sent as a transfer, and a storm of joiners shares its bytes.
 */
import { join } from "../../shared/bytes.ts";
import { writeAnswers, type NumberedAnswer } from "../../shared/protocol/action.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { writePace } from "../../shared/protocol/flow.ts";
import { Frame } from "../../shared/protocol/frame.ts";
import { writeWelcome } from "../../shared/protocol/hello.ts";
import { UP_FRAME_MS } from "../../shared/protocol/limits.ts";
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import type { AwarenessPart } from "../parts/document/awareness-part.ts";
import type { DocumentPart } from "../parts/document/document-part.ts";
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
  /** How many bytes the rows above `seq` have; undefined where that is too long ago. */
  lengthSince(seq: number): number | undefined;
  /** The first of the rows above `seq`, up to `most` bytes of them, but at least one; undefined where that is too long ago. */
  since(seq: number, most: number): readonly MissedRow[] | undefined;
  parts(): readonly RoomPart[];
  document(): DocumentPart | undefined;
  awareness(): AwarenessPart;
  /** It waits for the next group. */
  join(connection: Connection): void;
  /** The state is on its way to it. */
  loading(connection: Connection): void;
  /** It hears everything from now on. */
  opened(connection: Connection): void;
  close(connection: Connection, code: CloseCode, reason: string): void;
  log(message: string, error: unknown): void;
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
  /** The frame that joiners of one group share. */
  #shared: { last: Uint8Array; tail: Uint8Array; both: Uint8Array } | undefined;

  constructor(host: ReceptionHost) {
    this.#host = host;
  }

  /** Serves those who waited for the group that has just closed. */
  serve(joiners: readonly Connection[], birth: Birth): void {
    const served: Connection[] = [];
    const serving = new Serving((seq) =>
      (this.#host.lengthSince(seq) ?? Infinity) <= WINDOW_BYTES ? this.#host.since(seq, WINDOW_BYTES) : undefined,
    );
    for (const connection of joiners)
      if (connection.stage === "joining")
        try {
          if (this.#serve(connection, birth, serving)) served.push(connection);
        } catch (error) {
          this.#host.log("a joiner could not be served", error);
          this.#host.close(connection, 4503, "the state went away while it was sent");
        }
    this.#shared = undefined;
    for (const connection of served) this.#open(connection);
  }

  /** It has read more, and may be sent more. */
  credited(connection: Connection): void {
    if (connection.stage !== "loading") return;
    try {
      if (connection.transfer!.send(connection)) this.#host.join(connection);
      else connection.flow.wait(this.#host.now());
    } catch (error) {
      this.#host.log("a transfer was cut short", error);
      this.#host.close(connection, 4503, "the state went away while it was sent");
    }
  }

  /** The state it holds may have changed without a row: the room has gone back to storage. */
  forget(): void {
    this.#long = undefined;
  }

  /** True: it has everything. */
  #serve(connection: Connection, birth: Birth, serving: Serving): boolean {
    const { socket, facts, flow, resumeFrom } = connection;
    const stock = facts.stock !== undefined;
    let missed = connection.transfer || resumeFrom > 0 ? serving.since(connection.transfer?.seq ?? resumeFrom) : undefined;
    if (!connection.transfer && !stock) socket.send(this.#welcome(connection, birth, missed !== undefined));
    while (!missed) {
      const { transfer } = connection;
      if (transfer && transfer.last.length > 0) socket.send(transfer.last);
      connection.transfer = this.#next(connection, serving);
      if (!connection.transfer.send(connection)) {
        connection.stage = "loading";
        flow.wait(this.#host.now());
        this.#host.loading(connection);
        return false;
      }
      missed = serving.since(connection.transfer.seq);
    }
    if (stock) this.#endStock(connection, missed);
    else {
      const own = this.#written((part, frame) => part.personal?.(connection, frame));
      for (const frame of framesOf(own, [])) socket.send(frame);
      socket.send(
        this.#end(
          connection.transfer?.last,
          serving.tail(missed, (rows) => this.#tail(rows)),
        ),
      );
    }
    connection.transfer = undefined;
    connection.stateVector = undefined;
    return true;
  }

  /** What it is sent bit by bit: the state; and where more has come behind that than is sent at once, the rows, or the state again. */
  #next(connection: Connection, serving: Serving): Transfer {
    const { transfer, facts } = connection;
    if (transfer && this.#host.lengthSince(transfer.seq) !== undefined)
      return new Transfer(this.#host.seq(), this.#rows(transfer.seq, this.#host.seq(), facts.stock !== undefined));
    return facts.stock === undefined ? this.#transfer(serving) : this.#stockTransfer(connection);
  }

  /** The rows above `from`, up to row `upTo`: a window's worth of them is read at a time. */
  *#rows(from: number, upTo: number, stock: boolean): Generator<Uint8Array> {
    for (let seq = from; seq < upTo;) {
      const rows = this.#host.since(seq, WINDOW_BYTES)?.filter((row) => row.seq <= upTo);
      if (!rows) throw new Error(`row ${seq + 1} has gone`);
      seq = rows.at(-1)!.seq;
      if (stock) yield* this.#host.document()?.stockMissed(rows) ?? [];
      else
        yield* framesOf(
          this.#written((part, frame) => part.missed?.(frame, rows)),
          [],
        );
    }
  }

  #open(connection: Connection): void {
    connection.stage = "open";
    if (connection.heldAnswers.length > 0) sendAnswers(connection, this.#host.toldSeq(), connection.heldAnswers);
    connection.heldAnswers = [];
    for (const make of connection.heldFrames.values()) connection.socket.send(make());
    connection.heldFrames.clear();
    if (connection.facts.stock === undefined) connection.flow.forgive();
    this.#host.opened(connection);
  }

  // ---- to the SDK

  #transfer(serving: Serving): Transfer {
    const whole = (serving.whole ??= this.#whole());
    const document = this.#host.document();
    return new Transfer(whole.seq, framesOf(whole.frame, document ? document.bulk(whole.seq) : []));
  }

  /** The state now, or a short while ago: what has come since is sent behind it. */
  #whole(): Whole {
    const long = this.#long;
    if (long && (this.#host.lengthSince(long.seq) ?? Infinity) <= long.frame.length * STALE) return long;
    const whole = { seq: this.#host.seq(), frame: this.#written((part, frame) => part.whole?.(frame)) };
    this.#long = whole.frame.length > WINDOW_BYTES ? whole : undefined;
    return whole;
  }

  #tail(missed: readonly MissedRow[]): Uint8Array {
    const seq = this.#host.seq();
    return join([
      this.#written((part, frame) => part.missed?.(frame, missed)),
      this.#written((part, frame) => part.welcome?.(frame, seq)),
    ]);
  }

  /** A frame with what each part has to say. */
  #written(write: (part: RoomPart, frame: Frame) => void): Uint8Array {
    const frame = new Frame();
    for (const part of this.#host.parts()) write(part, frame);
    return frame.bytes();
  }

  /** The last of a state and what comes behind it: made once for all who get the same. */
  #end(last: Uint8Array | undefined, tail: Uint8Array): Uint8Array {
    if (!last || last.length === 0) return tail;
    if (this.#shared?.last !== last || this.#shared.tail !== tail) this.#shared = { last, tail, both: join([last, tail]) }; // frames are rows of messages: one behind the other they are one
    return this.#shared.both;
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

  // ---- to stock clients, which have a document and nothing else

  #stockTransfer({ stateVector }: Connection): Transfer {
    const document = this.#host.document();
    const seq = this.#host.seq();
    return new Transfer(seq, document ? document.stockBulk(seq, stateVector ?? new Uint8Array(1)) : [].values());
  }

  #endStock({ socket, transfer }: Connection, missed: readonly MissedRow[]): void {
    if (transfer && transfer.last.length > 0) socket.send(transfer.last);
    const document = this.#host.document();
    for (const frame of document ? [...document.stockMissed(missed), ...document.stockWelcome()] : []) socket.send(frame);
    const awareness = this.#host.awareness().wholeAnew();
    if (awareness) socket.send(awareness);
  }
}

/** What those who are served together share. */
class Serving {
  whole: Whole | undefined;
  readonly #read: (seq: number) => readonly MissedRow[] | undefined;
  readonly #missed = new Map<number, readonly MissedRow[] | undefined>();
  readonly #tails = new Map<readonly MissedRow[], Uint8Array>();

  /** `read` gives the rows above a `seq`, if they lead on from it and are few enough to be sent at once: each is asked for once. */
  constructor(read: (seq: number) => readonly MissedRow[] | undefined) {
    this.#read = read;
  }

  since(seq: number): readonly MissedRow[] | undefined {
    if (!this.#missed.has(seq)) this.#missed.set(seq, this.#read(seq));
    return this.#missed.get(seq);
  }

  tail(missed: readonly MissedRow[], write: (missed: readonly MissedRow[]) => Uint8Array): Uint8Array {
    const tail = this.#tails.get(missed) ?? write(missed);
    this.#tails.set(missed, tail);
    return tail;
  }
}

function* framesOf(whole: Uint8Array, bulk: Iterable<Uint8Array>): Generator<Uint8Array> {
  if (whole.length > WINDOW_BYTES) yield* inParts(whole);
  else if (whole.length > 0) yield whole;
  yield* bulk;
}

export function sendAnswers({ socket }: Connection, after: number, answers: readonly NumberedAnswer[]): void {
  const frame = new Frame();
  frame.add(DOWN.answers, writeAnswers(after, answers));
  socket.send(frame.bytes());
}
