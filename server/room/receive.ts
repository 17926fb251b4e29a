/**
 * A frame on its way in: how much its sender may say, then what it says, then who may say that, and at last the part that it
 * is for. All of it is synchronous: no other frame comes between. Who breaks a rule of the protocol is closed; what cannot be
 * is refused at once, and has changed nothing.
 */
import { withRetryAfter, type CloseCode } from "../../shared/protocol/close-code.ts";
import { readFrame } from "../../shared/protocol/frame.ts";
import { MAX_DOCUMENT_FRAME_BYTES, MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { readUp, type Up } from "../../shared/protocol/up.ts";
import { readY } from "../../shared/protocol/yjs.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { WireError } from "../../shared/schema/wire.ts";
import type { Counters } from "../observe/counters.ts";
import { Refusal, type PartMessage } from "../parts/part.ts";
import type { Attachments } from "./attachments.ts";
import { Closing, type Connection } from "./connections.ts";
import type { Door } from "./door.ts";
import type { RoomHost } from "./host.ts";
import type { Pace } from "./pace.ts";
import type { Parts } from "./parts.ts";
import type { Reception } from "./reception.ts";
import type { Silence } from "./silence.ts";
import type { Speech } from "./speech.ts";
import type { StockClients } from "./stock-clients.ts";
import { STRANDED } from "./sweep.ts";
import type { Throttle } from "./throttle.ts";

/** Who has said too much waits this long at the least before it comes back, in ms. */
const RETRY_AFTER_MS = 5000;
/** A client may say what it likes as often as it likes: this many in an object's life are logged, and all are counted. */
const LOGGED_DRIFTS = 10;

export interface ReceiverHost extends Pick<RoomHost, "now" | "log"> {
  readonly definition: AnyRoom;
  readonly counters: Counters;
  readonly throttle: Throttle;
  readonly pace: Pace;
  readonly silence: Silence;
  readonly attachments: Attachments;
  readonly parts: Parts;
  readonly stock: StockClients;
  readonly door: Door;
  readonly reception: Reception;
  readonly speech: Speech;
}

export class Receiver {
  readonly #host: ReceiverHost;
  /** The longest frame that is read, in bytes. */
  readonly #maxBytes: number;

  constructor(host: ReceiverHost) {
    this.#host = host;
    this.#maxBytes = host.definition.document ? MAX_DOCUMENT_FRAME_BYTES : MAX_FRAME_BYTES;
  }

  receive(connection: Connection, bytes: Uint8Array): void {
    const { counters, pace, stock, door, log } = this.#host;
    counters.framesIn++;
    counters.bytesIn += bytes.length;
    connection.bytesIn += bytes.length;
    pace.frame();
    try {
      this.#mayHear(connection, bytes);
      if (connection.facts.stock === undefined)
        for (const message of readFrame(bytes)) {
          if (connection.stage === "gone") break; // for something said before
          this.#dispatch(connection, readUp(message));
        }
      else stock.receive(connection, readY(bytes));
    } catch (error) {
      let code: CloseCode = 4400;
      if (error instanceof Closing) code = error.code;
      else log("info", "closed a connection for a malformed frame", error);
      door.close(connection, code, error instanceof Error ? error.message : "malformed");
    }
  }

  /** Throws where nothing more is to be heard of it. */
  #mayHear(connection: Connection, bytes: Uint8Array): void {
    const { throttle, pace, speech } = this.#host;
    if (bytes.length > this.#maxBytes)
      throw new Closing(4413, `a frame of ${bytes.length} bytes, expected at most ${this.#maxBytes}`);
    const now = this.#host.now();
    connection.heardAt = now;
    if (now > connection.facts.expiresAt) throw new Closing(4401, "the token has expired");
    if (connection.stage === "stranded") throw new Closing(4503, STRANDED);
    const echo = connection.echoes?.takes(bytes, connection.flow.isAsked) ?? false;
    if (!echo && !throttle.allows(connection, bytes.length, now))
      throw new Closing(4529, withRetryAfter("too many messages", RETRY_AFTER_MS));
    if (pace.changes(now)) speech.tellPace();
  }

  #dispatch(connection: Connection, message: Up): void {
    const { door, reception, silence, attachments, counters, log } = this.#host;
    if (message.kind === "hello") return door.hello(connection, message);
    if (connection.stage === "greeting") throw new Closing(4400, `${message.kind} before hello`);
    switch (message.kind) {
      case "ack":
        connection.flow.acknowledge(message.bytes);
        return reception.credited(connection);
      case "pace":
        silence.paced(connection, message.everyMs);
        if (connection.stage === "open") attachments.save(connection);
        return;
      case "drifted":
        if (counters.drifts++ < LOGGED_DRIFTS) log("error", `a client's state differed from the room's after row ${message.seq}`);
        return;
      default:
        counters.messages++;
        this.#hand(connection, message);
    }
  }

  /** To the part that it is for. */
  #hand(connection: Connection, message: PartMessage): void {
    const { parts, attachments, speech } = this.#host;
    try {
      if (!parts.for(message).some((part) => part.receive?.(connection, message)))
        throw new Refusal("unknown-action", `this room takes no ${message.kind}`);
      if (message.kind === "presence") attachments.saveSoon(connection);
    } catch (error) {
      const full = error instanceof Refusal && error.code === "document-too-large";
      const number = message.kind === "act" || (message.kind === "edit" && full) ? message.number : 0;
      if (error instanceof Refusal) speech.refuse(connection, number, error.code, error.message);
      else if (error instanceof WireError) speech.refuse(connection, number, "bad-input", error.reason);
      else throw error;
    }
  }
}
