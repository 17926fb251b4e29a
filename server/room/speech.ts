/**
 * What the room says to those in it, each thing encoded once a dialect: a beat's volatile frame, what a row holds once it is
 * written, and the refusals that change nothing. It decides nothing: when it speaks is the beat's affair.
 */
import { writeAnswers, writeFault, type NumberedAnswer } from "../../shared/protocol/action.ts";
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import type { ErrorCode } from "../../shared/protocol/error-code.ts";
import { writePace } from "../../shared/protocol/flow.ts";
import { frameOf } from "../../shared/protocol/frame.ts";
import { writeLife } from "../../shared/protocol/hello.ts";
import { KEPT_ANSWERS, UP_FRAME_MS } from "../../shared/protocol/limits.ts";
import { writeStep1 } from "../../shared/protocol/yjs.ts";
import { Counters } from "../observe/counters.ts";
import { RoomFrame } from "../parts/part.ts";
import type { Attachments } from "./attachments.ts";
import type { Beat } from "./beat.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Content } from "./content.ts";
import { HARD_BYTES, type Lane } from "./flow.ts";
import type { Asker, Group } from "./group.ts";
import type { RoomHost } from "./host.ts";
import type { Pace } from "./pace.ts";
import type { Parts } from "./parts.ts";
import type { StockClients } from "./stock-clients.ts";

export interface SpeechHost extends Pick<RoomHost, "now" | "random"> {
  readonly counters: Counters;
  readonly connections: Connections;
  readonly attachments: Attachments;
  readonly content: Content;
  readonly parts: Parts;
  readonly pace: Pace;
  readonly stock: StockClients;
  readonly beat: Beat;
  /** Everybody was told something. */
  spoke(now: number): void;
  close(connection: Connection, code: CloseCode, reason: string): void;
}

export class Speech {
  /** Random at every start of the object, and at every return to storage: another number, another instance. */
  life: number;
  readonly #host: SpeechHost;
  /** The sockets have to be told of a new life. */
  #newLife = false;
  /** Stock clients have to be told what the document is: what they said of it since may be lost, and they keep no count. */
  #askStock = false;
  /** Clients have to be told of another pace. */
  #newPace = false;

  constructor(host: SpeechHost) {
    this.#host = host;
    this.life = host.random();
  }

  /** Those who were told of another life are here. */
  tellLife(): void {
    this.#newLife = true;
    this.#host.beat.mark();
  }

  /** Memory has gone back to storage. */
  beginLife(): void {
    this.life = this.#host.random();
    this.#askStock = true;
    this.tellLife();
  }

  tellPace(): void {
    this.#newPace = true;
    this.#host.beat.mark();
  }

  /** A beat's first step: what is transient. */
  volatile(): void {
    const { counters, content, parts, pace } = this.#host;
    const frame = new RoomFrame();
    if (this.#newLife) this.#sayLife(frame);
    const { document } = this.#askStock ? content.load() : {};
    if (document) frame.stock.push(writeStep1(document.stateVector));
    this.#askStock = false;
    if (this.#newPace) frame.add(DOWN.pace, writePace(pace.everyMs));
    this.#newPace = false;
    for (const part of parts.all()) part.volatile?.(frame);
    if (frame.empty && frame.stock.length === 0) return;
    counters.beats++;
    this.#broadcast(frame, "volatile");
  }

  #sayLife(frame: RoomFrame): void {
    const { parts, stock, pace } = this.#host;
    this.#newLife = false;
    frame.add(DOWN.life, writeLife(this.life));
    parts.awareness.renewAll();
    stock.tellStillHere(); // when it was due is not known any more
    this.#newPace ||= pace.everyMs > UP_FRAME_MS; // with another life begins the usual pace
  }

  /** Its second step, behind the row: secrets, answers, what changed for everyone, and what is for one alone. */
  durable(group: Group): void {
    const { content, connections, attachments, parts } = this.#host;
    const { seq } = content;
    for (const [connection, secrets] of content.game?.secrets(connections.open()) ?? []) {
      const frame = frameOf(DOWN.secrets, secrets);
      if (connections.tell(connection, frame, "durable", this.#host.now(), seq - 1)) attachments.save(connection);
    }
    for (const [asker, answers] of group.answers) answer(asker, content.game?.publicSeq ?? 0, [...answers.values()]);
    const frame = new RoomFrame();
    for (const part of parts.all()) part.durable?.(frame);
    if (!frame.empty || frame.stock.length > 0) this.#broadcast(frame, "durable");
    for (const [connection, frames] of group.behind)
      for (const [kind, make] of frames)
        if (connection.stage === "open") connection.socket.send(make());
        else connection.heldFrames.set(kind, make);
  }

  #broadcast(frame: RoomFrame, lane: Lane): void {
    const { connections, attachments, content, spoke } = this.#host;
    const now = this.#host.now();
    const heard = lane === "durable" ? content.seq - 1 : content.seq;
    const tell = (bytes: Uint8Array, stock: boolean): void => {
      for (const behind of connections.broadcast(bytes, lane, now, heard, stock)) attachments.save(behind);
    };
    if (!frame.empty) tell(frame.bytes(), false);
    for (const stock of frame.stock) tell(stock, true);
    spoke(now);
  }

  /** Refused at once: nothing has changed. */
  refuse(connection: Connection, number: number, code: ErrorCode, message: string): void {
    const { counters, close } = this.#host;
    const { socket, flow } = connection;
    if (flow.owed > HARD_BYTES) return close(connection, 4530, "it reads nothing, and says what cannot be");
    Counters.add(counters.refused, code);
    socket.send(frameOf(DOWN.fault, writeFault({ number, code, message })));
  }
}

function answer(asker: Asker, after: number, answers: readonly NumberedAnswer[]): void {
  if (typeof asker === "function") return answers.forEach(asker);
  if (asker.stage === "gone") return;
  if (asker.stage === "open") sendAnswers(asker, after, answers);
  else asker.heldAnswers = [...asker.heldAnswers, ...answers].slice(-KEPT_ANSWERS);
}

/** They count once the client has row `after`. */
export function sendAnswers({ socket }: Connection, after: number, answers: readonly NumberedAnswer[]): void {
  socket.send(frameOf(DOWN.answers, writeAnswers(after, answers)));
}
