/**
 * The Durable Object: gives a room its sockets, storage, clock and alarm, and nothing else. Sockets are accepted for
 * hibernation, so the object may leave memory while they stay open; the heartbeat is answered by the platform.
 */
import { DurableObject } from "cloudflare:workers";
import type { GameEvent } from "../../shared/game/run.ts";
import type { View } from "../../shared/game/tables.ts";
import { PING, PONG } from "../../shared/protocol/limits.ts";
import type { AnyRoom, GameOf, Message } from "../../shared/room/define-room.ts";
import { describe } from "../../shared/schema/wire.ts";
import { readFacts } from "../edge/facts.ts";
import { bindingOf } from "../edge/reach.ts";
import { upgraded } from "../edge/respond.ts";
import { lobbyLine } from "../lobby/line.ts";
import { sinkFor, type Sink } from "../observe/sink.ts";
import { since, type Tally } from "../observe/tally.ts";
import { SqliteStore } from "../storage/sqlite-store.ts";
import { closeSocket } from "./close-socket.ts";
import type { Attachment, Connection, Facts, Socket } from "./connections.ts";
import type { Person, RoomOptions } from "./host.ts";
import { answer, type RoomCall, type RoomReply, type RoomStub } from "./room-call.ts";
import { Room } from "./room.ts";
import { MOST_SOCKETS } from "./seats.ts";

/** What a class made by `durableRoom` may override: its own code, run once what it is told of is durable. */
export interface RoomObject<D extends AnyRoom> extends Rpc.DurableObjectBranded {
  /** An event that the game emitted. */
  onEvent?(event: Message<GameOf<D>["events"], "room">): void;
  /** A user's first socket is in. Not told again when the object comes back into memory with the socket open. */
  onJoin?(who: Person): void;
  /** A user's last socket has closed. Not told of sockets that died with the process. */
  onLeave?(who: Person): void;
  /** The last socket has closed. */
  onEmpty?(): void;
}

export interface DurableRoomOptions<D extends AnyRoom = AnyRoom> extends RoomOptions {
  readonly ended?: ((state: View<GameOf<D>["state"]>) => boolean) | undefined;
  /** Where it is said what happens in its rooms. Default: the console, and the dataset bound as ANALYTICS. */
  readonly observe?: (env: unknown) => Sink;
  /** The name of the binding in wrangler.toml. Default: the room's name in upper case, `-` as `_`. */
  readonly binding?: string;
}

export interface RoomClass<D extends AnyRoom> {
  new (ctx: DurableObjectState, env: Cloudflare.Env): RoomObject<D>;
  readonly definition: D;
  readonly binding: string;
  /** The most sockets in a room at once. */
  readonly capacity: number;
}

/** The class of Durable Object that runs this kind of room: export it from the worker, and bind it in wrangler.toml. */
export function durableRoom<D extends AnyRoom>(definition: D, options: DurableRoomOptions<D> = {}): RoomClass<D> {
  const binding = options.binding ?? bindingOf(definition.name);

  class HostedRoom extends DurableObject implements RoomStub {
    static readonly definition: D = definition;
    static readonly binding: string = binding;
    static readonly capacity: number = options.capacity ?? MOST_SOCKETS;
    readonly #room: Room;
    readonly #lobby: ReturnType<typeof lobbyLine>;
    readonly #connections = new Map<WebSocket, Connection>();
    readonly #sink: Sink;
    /** What had been counted when it was last said. */
    #said: Tally | undefined;

    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      super(ctx, env);
      // oxlint-disable-next-line typescript/no-this-alias -- what a class that extends this one may declare, which its own type cannot say
      const self: Pick<RoomObject<AnyRoom>, "onJoin" | "onLeave" | "onEmpty"> & {
        onEvent?(event: GameEvent & { from: "room" }): void;
      } = this;
      this.#sink = sinkFor(options.observe, env);
      this.#lobby = lobbyLine(env as unknown as Record<string, unknown>, definition.name, ctx.id);
      this.#room = new Room(
        definition,
        {
          id: ctx.id.name ?? "",
          lobby: this.#lobby,
          store: new SqliteStore(ctx.storage),
          now: () => Date.now(),
          after: (ms, run) => void setTimeout(run, ms),
          random: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
          setAlarm: (at) => void ctx.storage.setAlarm(at),
          log: (level, message, error) =>
            this.#sink.log({
              level,
              message,
              party: definition.name,
              room: ctx.id.name,
              error: error instanceof Error ? error.stack : error === undefined ? undefined : describe(error),
            }),
        },
        options,
        {
          event: (event) => self.onEvent?.({ ...event, from: "room" }),
          join: (who) => self.onJoin?.(who),
          leave: (who) => self.onLeave?.(who),
          empty: () => self.onEmpty?.(),
        },
      );
      ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
      for (const socket of ctx.getWebSockets()) if (socket.readyState === OPEN) this.#adopt(socket); // else its close event follows
    }

    /** A socket as the room wants it. */
    #wrap(socket: WebSocket): Socket {
      return {
        send(bytes) {
          if (socket.readyState === OPEN) socket.send(bytes); // else it is closing, and its close event follows
        },
        close(code, reason) {
          closeSocket(socket, code, reason);
        },
        heardAt: () => this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
        attach: (attachment) => socket.serializeAttachment(attachment),
      };
    }

    /** A socket that was open before the object slept. */
    #adopt(socket: WebSocket): Connection | undefined {
      const attachment = socket.deserializeAttachment() as Attachment | null;
      if (!attachment) return undefined;
      const connection = this.#room.adopt(this.#wrap(socket), attachment);
      this.#connections.set(socket, connection);
      return connection;
    }

    /** A join: the edge has verified it, and says whose it is. */
    override async fetch(request: Request): Promise<Response> {
      const facts = await this.#mayCreate(readFacts(request));
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      this.#connections.set(server, this.#room.connect(this.#wrap(server), facts));
      return upgraded(request, client);
    }

    /** Who has made as many rooms as one may joins what there is, and makes none. */
    async #mayCreate(facts: Facts): Promise<Facts> {
      const { roomsPerUser: most, scopes, user } = facts;
      if (most === undefined || !scopes.includes("create") || this.#room.exists) return facts;
      if (await this.#lobby?.claim(user.id, most)) return facts;
      return { ...facts, scopes: scopes.filter((scope) => scope !== "create") };
    }

    override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
      const connection = this.#connections.get(socket);
      if (!connection) return;
      if (connection.facts.stock === "y-partyserver" && typeof message === "string") return; // its provider has text messages of an app's own
      this.#room.receive(connection, typeof message === "string" ? new TextEncoder().encode(message) : new Uint8Array(message));
    }

    override webSocketClose(socket: WebSocket, code: number, reason: string): void {
      try {
        this.#gone(socket, code, reason);
      } finally {
        this.#wrap(socket).close(code, reason); // without an answer the client would hang in CLOSING
      }
    }

    override webSocketError(socket: WebSocket): void {
      this.#gone(socket, 1006, "");
    }

    #gone(socket: WebSocket, code: number, reason: string): void {
      // The platform does not count a socket among those there are when its own close is what woke the object.
      const connection = this.#connections.get(socket) ?? this.#adopt(socket);
      this.#connections.delete(socket);
      if (!connection) return;
      const { user, request, admittedAt } = connection.facts;
      const [party, room, ms] = [definition.name, this.ctx.id.name ?? "", Date.now() - (admittedAt ?? Date.now())];
      const byRoom = connection.stage === "gone"; // else the words are the client's
      this.#sink.log({
        level: "info",
        message: "closed",
        request,
        party,
        room,
        user: user.id,
        code,
        ms,
        ...(byRoom && reason && { reason }),
      });
      this.#sink.point({ kind: "closed", party, room, code, ms, bytesIn: connection.bytesIn, bytesOut: connection.flow.bytes });
      this.#room.closed(connection);
      if (this.#connections.size === 0) this.#sayTally();
    }

    override alarm(): void {
      this.#room.alarm();
      this.#sayTally();
    }

    #sayTally(): void {
      const { counters } = this.#room;
      const tally = since(counters, this.#said);
      if (!tally) return;
      this.#said = since(counters);
      this.#sink.point({ kind: "room", party: definition.name, room: this.ctx.id.name ?? "", code: 0, ms: 0, ...tally });
    }

    coterie(call: RoomCall, by?: Facts): Promise<RoomReply> {
      return answer(this.#room, call, by);
    }
  }
  return HostedRoom;
}

/** `WebSocket.OPEN`: asked for at every send, and the platform's own costs a call. */
const OPEN = 1;
