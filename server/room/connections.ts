/**
 * The sockets of a room and who is behind each. What must outlive the object's memory goes into the socket's attachment,
 * which the platform keeps through hibernation.
 */
import type { NumberedAnswer } from "../../shared/protocol/action.ts";
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import { PING_EVERY_MS } from "../../shared/protocol/limits.ts";
import type { User } from "../../shared/protocol/user.ts";
import { QUERY_AWARENESS } from "../../shared/protocol/yjs.ts";
import type { TokenScope } from "../auth/token.ts";
import { Counters } from "../observe/counters.ts";
import type { Shown } from "../parts/document/awareness-table.ts";
import { Echoes } from "./echoes.ts";
import { Flow, type Lane } from "./flow.ts";
import type { Transfer } from "./transfer.ts";

/** A stock Yjs client, which speaks y-protocols and not our own. */
export type StockClient = "y-websocket" | "y-partyserver";

export type { TokenScope as Scope };

/** What the edge has verified about a connection. The room believes these and nothing that a client says of itself. */
export interface Facts {
  readonly user: User;
  readonly scopes: readonly TokenScope[];
  /** When the token ends, and when it was issued, in ms since 1970. */
  readonly expiresAt: number;
  readonly issuedAt?: number;
  /** Its `jti`. */
  readonly tokenId?: string;
  /** The request by which it came, as the platform names it, and when that was, in ms since 1970. */
  readonly request?: string;
  readonly admittedAt?: number;
  /** Undefined: it speaks our own protocol. */
  readonly stock?: StockClient;
  /** The lobby lists this room. */
  readonly listed?: true;
  /** How many rooms the user may have made that still exist; undefined: any number. */
  readonly roomsPerUser?: number;
}

/** A socket, as much of it as a room needs. */
export interface Socket {
  send(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** When the platform last answered its heartbeat, in ms since 1970; 0: never. */
  heardAt(): number;
  /** Keeps `attachment` (structured-cloneable, at most 16,384 bytes) with the socket through hibernation. */
  attach(attachment: Attachment): void;
}

/**
 * `greeting`: open, and has not said hello: it is told nothing and shown to nobody. `joining`: waits for the open group
 * to close, then gets the state. `loading`: gets a long one bit by bit, then joins. `open`: hears everything. `lagging`: reads
 * too slowly, and hears nothing until it has caught up. `stranded`: was behind when the object last slept, and has to
 * come anew. `gone`: closed by either side.
 */
export type Stage = "greeting" | "joining" | "loading" | "open" | "lagging" | "stranded" | "gone";

export interface Connection {
  readonly id: number;
  readonly socket: Socket;
  /** Another token of the same user may take this one's place. */
  facts: Facts;
  stage: Stage;
  session: string;
  /** `c.me` of the user; 0 for those who may not act. */
  me: number;
  /** The last `seq` the client has applied; used up by the join. */
  resumeFrom: number;
  /** What of the document a stock client says it has (a Yjs state vector); used up by the join. */
  stateVector: Uint8Array | undefined;
  /** The state on its way to it; undefined: none is. */
  transfer: Transfer | undefined;
  /** When it last said something, in ms since 1970, and how often it will be heard of. */
  heardAt: number;
  paceMs: number;
  /** The declared presence, decoded. */
  presence: unknown;
  /** What it has said to this object, in bytes. */
  bytesIn: number;
  /** What it was sent and has read. */
  readonly flow: Flow;
  /** What of its frames only repeats what it was told; undefined for those that never do that. */
  readonly echoes: Echoes | undefined;
  /** Answers that wait for its next welcome: it is told nothing while it lags. */
  heldAnswers: NumberedAnswer[];
  /** And frames for it alone: the last of each kind. */
  readonly heldFrames: Map<string, () => Uint8Array>;
}

/** What lies in the socket. */
export interface Attachment {
  readonly id: number;
  readonly facts: Facts;
  /** Of one that has not said hello: when it was opened, in ms since 1970. */
  readonly openedAt?: number;
  readonly joined?: {
    readonly session: string;
    readonly me: number;
    readonly presence: Uint8Array;
    readonly paceMs: number;
    /** Where it points in the document. */
    readonly awareness?: Shown;
  };
  /** It lacks what others were sent, and only this object knows how much: one that wakes cannot go on from there. */
  readonly behind?: true;
  /** How often the object woke, by cause: it lies in one of the sockets, since a row a wake would cost more than the wake. */
  readonly wakes?: Readonly<Record<string, number>>;
}

export class Connections {
  readonly #counters: Counters;
  readonly #all = new Map<number, Connection>();
  #nextId = 1;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** A new socket, or with `id` one that was open before the object last slept. */
  add(socket: Socket, facts: Facts, now: number, id: number = this.#nextId): Connection {
    const flow = new Flow();
    const echoes = facts.stock === "y-websocket" ? new Echoes() : undefined;
    const connection: Connection = {
      id,
      socket: this.#counted(socket, flow, facts.stock !== undefined, echoes),
      facts,
      stage: "greeting",
      session: "",
      me: 0,
      resumeFrom: 0,
      stateVector: undefined,
      transfer: undefined,
      heardAt: now,
      paceMs: PING_EVERY_MS,
      presence: undefined,
      bytesIn: 0,
      flow,
      echoes,
      heldAnswers: [],
      heldFrames: new Map(),
    };
    this.#nextId = Math.max(this.#nextId, id + 1);
    this.#all.set(id, connection);
    return connection;
  }

  #counted({ send, close, attach, heardAt }: Socket, flow: Flow, stock: boolean, echoes: Echoes | undefined): Socket {
    const counted = (bytes: Uint8Array): void => {
      this.#counters.framesOut++;
      this.#counters.bytesOut += bytes.length;
      flow.sent(bytes.length);
      echoes?.sent(bytes);
      send(bytes);
    };
    return {
      attach,
      heardAt,
      send: stock
        ? (bytes) => {
            counted(bytes);
            if (!flow.askDue) return;
            counted(QUERY_AWARENESS);
            flow.asked();
          }
        : counted,
      close: (code, reason) => {
        Counters.add(this.#counters.closed, code);
        close(code, reason);
      },
    };
  }

  remove(connection: Connection): void {
    connection.stage = "gone";
    this.#all.delete(connection.id);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Those who hear everything. */
  *open(): Generator<Connection> {
    for (const connection of this.#all.values()) if (connection.stage === "open") yield connection;
  }

  /** Those who have said hello. */
  *joined(): Generator<Connection> {
    for (const connection of this.#all.values())
      if (connection.stage !== "greeting" && connection.stage !== "gone") yield connection;
  }

  has(test: (connection: Connection) => boolean): boolean {
    for (const connection of this.joined()) if (test(connection)) return true;
    return false;
  }

  /**
   * The same bytes to everyone of a dialect who keeps up. `heard`: the newest row that one has heard of who is not told this.
   * Returns those who kept up until now.
   */
  broadcast(bytes: Uint8Array, lane: Lane, now: number, heard: number, stock: boolean = false): Connection[] {
    const behind: Connection[] = [];
    for (const connection of this.open()) {
      if ((connection.facts.stock !== undefined) !== stock) continue;
      if (this.tell(connection, bytes, lane, now, heard)) behind.push(connection);
    }
    return behind;
  }

  /** Sends this to one, unless it has too much to read. True: it is behind from now on. */
  tell(connection: Connection, bytes: Uint8Array, lane: Lane, now: number, heard: number): boolean {
    const keptUp = !isBehind(connection);
    if (connection.flow.admits(lane, connection, now)) {
      connection.socket.send(bytes);
      return false;
    }
    this.#counters.spared++;
    connection.resumeFrom = heard;
    return keptUp;
  }

  /** Those whom the object that slept had not sent everything. */
  *stranded(): Generator<Connection> {
    for (const connection of this.#all.values()) if (connection.stage === "stranded") yield connection;
  }

  /** Those whose token has ended. */
  *expired(now: number): Generator<Connection> {
    for (const connection of this.#all.values()) if (now > connection.facts.expiresAt) yield connection;
  }

  /** Those who have been waited for too long. */
  *stuck(now: number): Generator<Connection> {
    for (const connection of this.#all.values()) if (connection.flow.gaveUp(now)) yield connection;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }
}

/** It has not been sent all that those who are open were. */
export const isBehind = ({ stage, flow }: Connection): boolean => stage !== "open" || flow.spared;

/** Someone must go: thrown by whoever finds the reason, carried out where the message was received. */
export class Closing extends Error {
  override readonly name = "Closing";
  readonly code: CloseCode;
  constructor(code: CloseCode, reason: string) {
    super(reason);
    this.code = code;
  }
}
