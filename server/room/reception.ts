/**
 * How one who comes is given the room: the rows it missed where it names a `seq` they lead on from, else the state. Both
 * come when the open group has closed, so that nobody is shown what is not in the journal, and joiners of one group share
 * one encoding. A state that is longer than a window is sent as a transfer, and a storm of joiners shares its bytes.
 */
import { join } from "../../shared/bytes.ts";
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { writePace } from "../../shared/protocol/flow.ts";
import { Frame } from "../../shared/protocol/frame.ts";
import { writeWelcome } from "../../shared/protocol/hello.ts";
import { UP_FRAME_MS } from "../../shared/protocol/limits.ts";
import type { Counters } from "../observe/counters.ts";
import type { MissedRow, RoomPart } from "../parts/part.ts";
import type { Birth } from "../storage/store.ts";
import type { Attachments } from "./attachments.ts";
import type { Connection } from "./connections.ts";
import type { Content } from "./content.ts";
import type { RoomHost } from "./host.ts";
import type { OpenGroup } from "./open-group.ts";
import type { Pace } from "./pace.ts";
import type { Parts } from "./parts.ts";
import { Serving, type Whole } from "./serving.ts";
import { sendAnswers, type Speech } from "./speech.ts";
import { inParts, Transfer, WINDOW_BYTES } from "./transfer.ts";

export interface ReceptionHost extends Pick<RoomHost, "now" | "log"> {
  readonly counters: Counters;
  /** Its rows, up to the newest, which is in the state that the parts hold now. */
  readonly content: Content;
  readonly parts: Parts;
  readonly group: OpenGroup;
  readonly speech: Speech;
  readonly pace: Pace;
  readonly attachments: Attachments;
  /** It hears everything from now on. */
  opened(connection: Connection): void;
  close(connection: Connection, code: CloseCode, reason: string): void;
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
    const { content } = this.#host;
    const served: Connection[] = [];
    const serving = new Serving((seq) =>
      (content.lengthSince(seq) ?? Infinity) <= WINDOW_BYTES ? content.since(seq, WINDOW_BYTES) : undefined,
    );
    for (const connection of joiners)
      if (connection.stage === "joining")
        try {
          if (this.#serve(connection, birth, serving)) served.push(connection);
        } catch (error) {
          this.#host.log("error", "a joiner could not be served", error);
          this.#host.close(connection, 4503, "the state went away while it was sent");
        }
    this.#shared = undefined;
    for (const connection of served) this.#open(connection);
  }

  /** It has read more: it may be sent more of the state, or is welcomed anew where it was spared something and has caught up. */
  credited(connection: Connection): void {
    const { flow, stage } = connection;
    if (stage === "loading") this.#sendMore(connection);
    else if (stage === "lagging" || (stage === "open" && flow.spared))
      if (flow.caughtUp) this.#resync(connection);
      else flow.wait(this.#host.now());
  }

  #sendMore(connection: Connection): void {
    const { group, log, close } = this.#host;
    try {
      if (connection.transfer!.send(connection)) group.join(connection);
      else connection.flow.wait(this.#host.now());
    } catch (error) {
      log("error", "a transfer was cut short", error);
      close(connection, 4503, "the state went away while it was sent");
    }
  }

  #resync(connection: Connection): void {
    const { content, counters, group } = this.#host;
    content.load(); // which row is the newest is known when the room is
    // What was transient is told whole again; what lasts it has, as far as it was told of it.
    if (connection.stage === "open") connection.resumeFrom = content.seq;
    counters.resyncs++;
    group.join(connection);
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
        this.#host.counters.transfers++;
        this.#host.attachments.save(connection);
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
    if (transfer && this.#host.content.lengthSince(transfer.seq) !== undefined)
      return new Transfer(this.#host.content.seq, this.#rows(transfer.seq, this.#host.content.seq, facts.stock !== undefined));
    return facts.stock === undefined ? this.#transfer(serving) : this.#stockTransfer(connection);
  }

  /** The rows above `from`, up to row `upTo`: a window's worth of them is read at a time. */
  *#rows(from: number, upTo: number, stock: boolean): Generator<Uint8Array> {
    for (let seq = from; seq < upTo;) {
      const rows = this.#host.content.since(seq, WINDOW_BYTES)?.filter((row) => row.seq <= upTo);
      if (!rows) throw new Error(`row ${seq + 1} has gone`);
      seq = rows.at(-1)!.seq;
      if (stock) yield* this.#host.content.document?.frames.stockMissed(rows) ?? [];
      else
        yield* framesOf(
          this.#written((part, frame) => part.missed?.(frame, rows)),
          [],
        );
    }
  }

  #open(connection: Connection): void {
    connection.stage = "open";
    if (connection.heldAnswers.length > 0)
      sendAnswers(connection, this.#host.content.game?.publicSeq ?? 0, connection.heldAnswers);
    connection.heldAnswers = [];
    for (const make of connection.heldFrames.values()) connection.socket.send(make());
    connection.heldFrames.clear();
    if (connection.facts.stock === undefined) connection.flow.forgive();
    this.#host.opened(connection);
  }

  // ---- to the SDK

  #transfer(serving: Serving): Transfer {
    const whole = (serving.whole ??= this.#whole());
    const document = this.#host.content.document;
    return new Transfer(whole.seq, framesOf(whole.frame, document ? document.frames.bulk(whole.seq) : []));
  }

  /** The state now, or a short while ago: what has come since is sent behind it. */
  #whole(): Whole {
    const long = this.#long;
    if (long && (this.#host.content.lengthSince(long.seq) ?? Infinity) <= long.frame.length * STALE) return long;
    const whole = { seq: this.#host.content.seq, frame: this.#written((part, frame) => part.whole?.(frame)) };
    this.#long = whole.frame.length > WINDOW_BYTES ? whole : undefined;
    return whole;
  }

  #tail(missed: readonly MissedRow[]): Uint8Array {
    const seq = this.#host.content.seq;
    return join([
      this.#written((part, frame) => part.missed?.(frame, missed)),
      this.#written((part, frame) => part.welcome?.(frame, seq)),
    ]);
  }

  /** A frame with what each part has to say. */
  #written(write: (part: RoomPart, frame: Frame) => void): Uint8Array {
    const frame = new Frame();
    for (const part of this.#host.parts.all()) write(part, frame);
    return frame.bytes();
  }

  /** The last of a state and what comes behind it: made once for all who get the same. */
  #end(last: Uint8Array | undefined, tail: Uint8Array): Uint8Array {
    if (!last || last.length === 0) return tail;
    if (this.#shared?.last !== last || this.#shared.tail !== tail) this.#shared = { last, tail, both: join([last, tail]) }; // frames are rows of messages: one behind the other they are one
    return this.#shared.both;
  }

  #welcome({ id, me, facts }: Connection, { createdAt, params }: Birth, resumed: boolean): Uint8Array {
    const { now, speech, pace } = this.#host;
    const frame = new Frame();
    frame.add(
      DOWN.welcome,
      writeWelcome({ connection: id, me, user: facts.user, now: now(), life: speech.life, epoch: createdAt, resumed, params }),
    );
    if (pace.everyMs > UP_FRAME_MS) frame.add(DOWN.pace, writePace(pace.everyMs));
    return frame.bytes();
  }

  // ---- to stock clients, which have a document and nothing else

  #stockTransfer({ stateVector }: Connection): Transfer {
    const document = this.#host.content.document;
    const seq = this.#host.content.seq;
    return new Transfer(seq, document ? document.frames.stockBulk(seq, stateVector ?? new Uint8Array(1)) : [].values());
  }

  #endStock({ socket, transfer }: Connection, missed: readonly MissedRow[]): void {
    if (transfer && transfer.last.length > 0) socket.send(transfer.last);
    const document = this.#host.content.document;
    for (const frame of document ? [...document.frames.stockMissed(missed), ...document.frames.stockWelcome()] : [])
      socket.send(frame);
    const awareness = this.#host.parts.awareness.wholeAnew();
    if (awareness) socket.send(awareness);
  }
}

function* framesOf(whole: Uint8Array, bulk: Iterable<Uint8Array>): Generator<Uint8Array> {
  if (whole.length > WINDOW_BYTES) yield* inParts(whole);
  else if (whole.length > 0) yield whole;
  yield* bulk;
}
