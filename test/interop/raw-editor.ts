/** The least that speaks y-protocols over a WebSocket, as people write it themselves: no watchdog, no renewal, one wait between two tries. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import { readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import type * as Y from "yjs";

const SYNC = 0;
const AWARENESS = 1;
const QUERY = 3;
const STEP2 = 1;
const RETRY_MS = 200;

export class RawEditor {
  readonly awareness: Awareness;
  synced = false;
  /** How often it has been given everything. */
  timesSynced = 0;
  socket: WebSocket | undefined;
  readonly #doc: Y.Doc;
  /** Its own id: one that is stolen later shows nothing. */
  readonly #client: number;
  readonly #url: string;
  readonly #WebSocket: typeof WebSocket;
  wanted = true;

  constructor(url: string, doc: Y.Doc, awareness: Awareness, socketClass: typeof WebSocket) {
    this.#url = url;
    this.#doc = doc;
    this.#client = doc.clientID;
    this.awareness = awareness;
    this.#WebSocket = socketClass;
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#say(SYNC, (to) => writeUpdate(to, update));
    });
    awareness.on("update", (_changes: unknown, origin: unknown) => {
      if (origin !== this) this.#sayAwareness();
    });
    this.connect();
  }

  connect(): void {
    this.wanted = true;
    this.#open();
  }

  #open(): void {
    const socket = new this.#WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.#say(SYNC, (to) => writeSyncStep1(to, this.#doc));
      if (this.awareness.getLocalState() !== null) this.#sayAwareness();
    });
    socket.addEventListener("message", ({ data }) => this.#read(new Uint8Array(data as ArrayBuffer)));
    socket.addEventListener("close", ({ code }) => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.synced = false;
      const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.#doc.clientID);
      removeAwarenessStates(this.awareness, others, this);
      for (const client of others) this.awareness.meta.delete(client);
      if (code >= 4400 && code < 4500) this.wanted = false;
      setTimeout(() => this.wanted && this.socket === undefined && this.#open(), RETRY_MS);
    });
  }

  /** Goes without a word. */
  disconnect(): void {
    this.wanted = false;
    this.socket?.close();
  }

  #read(frame: Uint8Array): void {
    const from = decoding.createDecoder(frame);
    const type = decoding.readVarUint(from);
    if (type === AWARENESS) applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(from), this);
    else if (type === QUERY)
      this.#say(AWARENESS, (to) =>
        encoding.writeVarUint8Array(to, encodeAwarenessUpdate(this.awareness, [...this.awareness.getStates().keys()])),
      );
    else if (type === SYNC) {
      const to = encoding.createEncoder();
      encoding.writeVarUint(to, SYNC);
      if (readSyncMessage(from, to, this.#doc, this) === STEP2 && !this.synced) {
        this.synced = true;
        this.timesSynced++;
      }
      if (encoding.length(to) > 1) this.send(encoding.toUint8Array(to));
    }
  }

  #sayAwareness(): void {
    this.#say(AWARENESS, (to) => encoding.writeVarUint8Array(to, encodeAwarenessUpdate(this.awareness, [this.#client])));
  }

  #say(type: number, write: (to: encoding.Encoder) => void): void {
    this.send(
      encoding.encode((to) => {
        encoding.writeVarUint(to, type);
        write(to);
      }),
    );
  }

  send(frame: Uint8Array): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(frame);
  }
}
