/**
 * A page with a stock Yjs client in the simulation: a `Y.Doc`, an `Awareness`, and the reference protocol of y-protocols,
 * as `y-websocket` puts them together. It comes back by itself when its wire breaks.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import { readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import type { Scope } from "../../server/room/connections.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { undoOf } from "./documents.ts";
import type { Simulation } from "./simulation.ts";

const [SYNC, AWARENESS, AUTH, QUERY] = [0, 1, 2, 3];
const AGAIN_AFTER_MS = 300;
/** Peers forget who has said nothing for 30 s. */
const SPEAKS_EVERY_MS = 15_000;

export class StockPage {
  readonly user: string;
  readonly doc = new Y.Doc();
  readonly awareness: Awareness;
  readonly undo: Y.UndoManager;
  /** What it was told by the room that it may not. */
  readonly denied: string[] = [];
  /** With which codes it was closed. */
  readonly closed: number[] = [];
  readonly #simulation: Simulation;
  readonly #scopes: readonly Scope[];
  readonly #expiresAt: number | undefined;
  #wire: ReturnType<Simulation["stock"]> | undefined;
  /** What it has to say while its wire is opening is in what it says then. */
  #open = false;
  #gone = false;

  constructor(
    simulation: Simulation,
    user: string,
    clientID: number,
    scopes: readonly Scope[] = ["read", "presence", "write", "create"],
    expiresAt?: number,
  ) {
    this.user = user;
    this.#simulation = simulation;
    this.#scopes = scopes;
    this.#expiresAt = expiresAt;
    this.doc.clientID = clientID;
    this.awareness = new Awareness(this.doc);
    // oxlint-disable-next-line no-underscore-dangle -- its real timer; the simulation has a clock of its own
    clearInterval((this.awareness as unknown as { _checkInterval: ReturnType<typeof setInterval> })._checkInterval);
    this.undo = undoOf(this.doc);
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#say(SYNC, (to) => writeUpdate(to, update));
    });
    this.awareness.on("update", ({ added, updated, removed }: Record<"added" | "updated" | "removed", number[]>) => {
      const changed = [...added, ...updated, ...removed];
      this.#say(AWARENESS, (to) => encoding.writeVarUint8Array(to, encodeAwarenessUpdate(this.awareness, changed)));
    });
    this.#connect();
    this.#speak();
  }

  #speak(): void {
    this.#simulation.clock.after(SPEAKS_EVERY_MS, () => {
      if (this.#gone) return;
      const state = this.awareness.getLocalState();
      if (state) this.awareness.setLocalState(state);
      this.#speak();
    });
  }

  #connect(): void {
    if (this.#gone) return;
    this.#wire = this.#simulation.stock(
      this.user,
      {
        opened: () => {
          this.#open = true;
          this.#say(SYNC, (to) => writeSyncStep1(to, this.doc));
          if (this.awareness.getLocalState() !== null)
            this.#say(AWARENESS, (to) =>
              encoding.writeVarUint8Array(to, encodeAwarenessUpdate(this.awareness, [this.doc.clientID])),
            );
        },
        received: (data) => void (typeof data !== "string" && this.#heard(data)),
        closed: (code) => {
          this.closed.push(code);
          this.#wire = undefined;
          this.#open = false;
          const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
          removeAwarenessStates(this.awareness, others, this);
          this.#simulation.clock.after(AGAIN_AFTER_MS, () => this.#connect());
        },
      },
      { scopes: this.#scopes, ...(this.#expiresAt !== undefined && { expiresAt: this.#expiresAt }) },
    );
    this.#wire.open("", []);
  }

  #say(type: number, write: (to: encoding.Encoder) => void): void {
    if (!this.#open) return;
    this.#wire?.send(
      encode((to) => {
        encoding.writeVarUint(to, type);
        write(to);
      }),
    );
  }

  #heard(data: Uint8Array): void {
    const from = decoding.createDecoder(data);
    const type = decoding.readVarUint(from);
    if (type === SYNC) {
      const answer = encoding.createEncoder();
      encoding.writeVarUint(answer, SYNC);
      readSyncMessage(from, answer, this.doc, this);
      if (encoding.length(answer) > 1) this.#wire?.send(encoding.toUint8Array(answer));
    } else if (type === AWARENESS) applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(from), this);
    else if (type === AUTH) {
      decoding.readVarUint(from);
      this.denied.push(decoding.readVarString(from));
    } else if (type === QUERY)
      this.#say(AWARENESS, (to) =>
        encoding.writeVarUint8Array(to, encodeAwarenessUpdate(this.awareness, [...this.awareness.getStates().keys()])),
      );
    else throw new Error(`a frame of type ${type}`);
    if (decoding.hasContent(from)) throw new Error("a frame with more than one message");
  }

  /** Breaks the wire. */
  cut(): void {
    this.#wire?.network.drop();
  }

  destroy(): void {
    this.#gone = true;
    this.#wire?.close(1000, "");
    this.awareness.destroy();
  }
}
