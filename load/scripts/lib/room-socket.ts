/** A socket of a room, by the project's own protocol and without the SDK: what is measured is the room. */
import * as decoding from "lib0/decoding";
import { clearInterval, setInterval } from "k6/timers";
import { WebSocket, type MessageEvent } from "k6/websockets";
import { Acks } from "../../../shared/acks.ts";
import { join } from "../../../shared/bytes.ts";
import { readAnswers, readFault, writeAct, type Answer } from "../../../shared/protocol/action.ts";
import { readDocumentState, readEdited, readEdits, writeEdit } from "../../../shared/protocol/document.ts";
import { DOWN } from "../../../shared/protocol/down.ts";
import { readPace, readPart } from "../../../shared/protocol/flow.ts";
import { Frame, readFrame, type Message } from "../../../shared/protocol/frame.ts";
import { readDeltaMessage, readState, readStreams } from "../../../shared/protocol/game.ts";
import { readWelcome, writeHello, type Welcome } from "../../../shared/protocol/hello.ts";
import { PING, PING_EVERY_MS, UP_FRAME_MS } from "../../../shared/protocol/limits.ts";
import { readPresenceDown } from "../../../shared/protocol/people.ts";
import { UP } from "../../../shared/protocol/up.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from "../../../shared/protocol/version.ts";
import { BASE } from "./setting.ts";

export interface Entry {
  readonly party: string;
  readonly room: string;
  readonly token: string;
  readonly session: string;
  readonly gameVersion: number;
  readonly presence: Uint8Array;
  /** Parameters to create the room with; null: do not. */
  readonly create: Uint8Array | null;
  /** Where a visit before has ended: what was missed is sent instead of the whole. */
  readonly from?: { readonly seq: number; readonly epoch: number };
}

/** What comes once one is in. */
export interface Watch {
  streams?(rows: decoding.Decoder): void;
  presence?(connection: number, fields: decoding.Decoder): void;
  edits?(update: Uint8Array): void;
  /** All own edits up to this number are durable. */
  edited?(number: number): void;
  /** A whole frame, of so many bytes. */
  frame?(bytes: number): void;
}

/** How a socket ended. */
export interface Closed {
  /** 1006: without a word. */
  readonly code: number;
  readonly reason: string;
}

export class RoomSocket {
  /** Resolves with what the room said when one is wholly in; rejects when the socket closes before. */
  readonly entered: Promise<{ readonly welcome: Welcome; readonly snapshot: Uint8Array | undefined }>;
  readonly closed: Promise<Closed>;
  /** The last row that this socket has heard of. */
  seq = 0;
  epoch = 0;
  /** The least time between two frames, in ms: what the room asks for. */
  paceMs: number = UP_FRAME_MS;
  /** Refusals that no state was needed for. */
  readonly faults: string[] = [];
  watch: Watch = {};
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #parts: Uint8Array[] = [];
  #welcome: Welcome | undefined;
  #snapshot: Uint8Array | undefined;
  #enter!: (seat: { welcome: Welcome; snapshot: Uint8Array | undefined }) => void;
  #inside = false;
  readonly #acks = new Acks();
  #acts = 0;
  #edits = 0;

  constructor(entry: Entry) {
    const { party, room, token } = entry;
    // As a header, since older versions of k6 take no protocols.
    this.#socket = new WebSocket(`${BASE.replace(/^http/, "ws")}/parties/${party}/${room}`, null, {
      headers: { "Sec-WebSocket-Protocol": `${SUBPROTOCOL}, ${TOKEN_SUBPROTOCOL_PREFIX}${token}` },
    });
    this.#socket.binaryType = "arraybuffer";
    let heartbeat: number | undefined;
    this.#socket.addEventListener("open", () => {
      this.#hello(entry);
      heartbeat = setInterval(() => this.#socket.send(PING), PING_EVERY_MS);
    });
    this.#socket.addEventListener("message", (event) => this.#received(event as MessageEvent));
    let refuse: (error: Error) => void;
    this.entered = new Promise((resolve, reject) => {
      this.#enter = resolve;
      refuse = reject;
    });
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener("close", (event) => {
        if (heartbeat !== undefined) clearInterval(heartbeat);
        // Older versions of k6 do not say the code.
        const { code = 1006, reason = "" } = event as unknown as Partial<Closed>;
        const error = new Error(`the socket was closed with ${code} ${reason}`);
        refuse(error);
        for (const { reject } of this.#answers.values()) reject(error);
        this.#answers.clear();
        resolve({ code, reason });
      });
    });
    this.entered.catch(() => {}); // nobody may be waiting
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Messages of one frame; nothing where the socket is not open. */
  say(...messages: readonly (readonly [type: number, body: Uint8Array])[]): void {
    if (!this.isOpen) return;
    const frame = new Frame();
    for (const [type, body] of messages) frame.add(type, body);
    this.#socket.send(frame.bytes());
  }

  /** Resolves with the answer, when the row that holds it is durable; rejects when the socket closes before. */
  act(action: number, input: Uint8Array): Promise<Answer> {
    const number = ++this.#acts;
    return new Promise((resolve, reject) => {
      this.#answers.set(number, { resolve, reject });
      this.say([UP.act, writeAct({ number, action, input })]);
    });
  }

  /** Edits of the room's document, in one frame: numbered from 1 on this socket. */
  edit(updates: readonly Uint8Array[]): void {
    this.say(...updates.map((update) => [UP.edit, writeEdit({ number: ++this.#edits, update })] as const));
  }

  close(): void {
    this.#socket.close(1000);
  }

  #hello({ session, gameVersion, presence, create, from = { seq: 0, epoch: 0 } }: Entry): void {
    this.say([UP.hello, writeHello({ protocol: PROTOCOL_VERSION, gameVersion, session, presence, create, ...from })]);
  }

  #received({ data }: MessageEvent): void {
    if (!(data instanceof ArrayBuffer)) return; // the heartbeat's answer
    const ack = this.#acks.read(data.byteLength);
    if (ack && this.isOpen) this.#socket.send(ack);
    if (this.#inside) this.watch.frame?.(data.byteLength);
    for (const message of readFrame(new Uint8Array(data))) this.#take(message);
  }

  #take({ type, body }: Message): void {
    switch (type) {
      case DOWN.welcome:
        this.#welcome = readWelcome(body);
        this.epoch = this.#welcome.epoch;
        this.paceMs = UP_FRAME_MS;
        return;
      case DOWN.part:
        return this.#part(body);
      case DOWN.state: {
        const { seq, snapshot } = readState(body);
        this.#snapshot = snapshot;
        return this.#reached(seq);
      }
      case DOWN.delta:
        return this.#reached(readDeltaMessage(body).seq);
      case DOWN.document:
        this.#reached(readDocumentState(body).seq);
        this.#inside = true; // it ends a welcome
        return this.#enter({ welcome: this.#welcome!, snapshot: this.#snapshot });
      case DOWN.answers:
        for (const { number, answer } of readAnswers(body).answers) {
          this.#answers.get(number)?.resolve(answer);
          this.#answers.delete(number);
        }
        return;
      case DOWN.fault: {
        const { number, code, message } = readFault(body);
        this.faults.push(code);
        this.#answers.get(number)?.reject(new Error(`${code}: ${message}`));
        this.#answers.delete(number);
        return;
      }
      case DOWN.pace:
        this.paceMs = readPace(body).everyMs;
        return;
    }
    if (this.#inside) this.#show(type, body);
  }

  #show(type: number, body: decoding.Decoder): void {
    const { streams, presence, edits, edited } = this.watch;
    if (type === DOWN.streams) streams?.(readStreams(body).body);
    else if (type === DOWN.presence && presence) {
      const { connection, fields } = readPresenceDown(body);
      presence(connection, fields);
    } else if (type === DOWN.edits) edits?.(readEdits(body).update);
    else if (type === DOWN.edited) edited?.(readEdited(body).number);
  }

  #part(body: decoding.Decoder): void {
    const { left, bytes } = readPart(body);
    this.#parts.push(bytes);
    if (left > 0) return;
    const whole = join(this.#parts);
    this.#parts = [];
    for (const message of readFrame(whole)) this.#take(message);
  }

  #reached(seq: number): void {
    this.seq = Math.max(this.seq, seq);
  }
}
