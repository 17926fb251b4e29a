/**
 * The lobby: one Durable Object for each party, which knows what rooms are open and finds one for who wants to play. Rooms tell
 * it of themselves and go on without it. Its sockets hibernate; what it knows lies in SQLite.
 */
import { DurableObject } from "cloudflare:workers";
import type { OpenRoom } from "../../shared/room/open-room.ts";
import { PING, PONG } from "../../shared/protocol/limits.ts";
import { readFacts } from "../edge/facts.ts";
import { upgraded } from "../edge/respond.ts";
import { namespaceOf, type Hint } from "../edge/place.ts";
import type { RoomStub } from "../room/room-call.ts";
import { Listing, type Where } from "./listing.ts";
import { LiveList } from "./live-list.ts";
import { LobbyStore } from "./lobby-store.ts";
import { match, type Matched, type Rooms, type Wish } from "./match.ts";
import type { Summary } from "./summary.ts";

/** Where rooms are made: the binding of their class, and in which region the first of their visitors is. */
export interface RoomsAt {
  readonly binding: string;
  readonly hint: Hint | undefined;
}

export type LobbyCall =
  | { readonly kind: "report"; readonly summary: Summary }
  | { readonly kind: "gone"; readonly id: string }
  | { readonly kind: "list"; readonly where: Where; readonly limit: number }
  | { readonly kind: "match"; readonly wish: Wish; readonly at: RoomsAt; readonly roomsPerUser: number | undefined }
  | { readonly kind: "claim"; readonly id: string; readonly user: string; readonly most: number }
  | { readonly kind: "counted"; readonly id: string; readonly exists: boolean };

export type LobbyReply =
  | { readonly kind: "noted" }
  | { readonly kind: "listed"; readonly rooms: readonly OpenRoom[]; readonly total: number }
  | { readonly kind: "claimed"; readonly granted: boolean }
  | Matched;

/** The side of a lobby that the edge and rooms call. */
export interface LobbyStub {
  coterie(call: LobbyCall): Promise<LobbyReply>;
}

/** The most sockets that watch one list; one more is closed with 4531. */
const MAX_WATCHERS = 10_000;

/** Export it from the worker and bind it as `LOBBY`. */
export class Lobby extends DurableObject implements LobbyStub {
  readonly #store: LobbyStore;
  readonly #listing: Listing;
  readonly #live: LiveList<WebSocket>;
  /** When the alarm is set to ring; undefined: not known. */
  #alarmAt: number | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const after = (ms: number, run: () => void): void => void setTimeout(run, ms);
    this.#store = new LobbyStore(ctx.storage.sql, after);
    this.#listing = new Listing(this.#store);
    this.#live = new LiveList(() => JSON.stringify(this.#listing.page({})), after);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    for (const socket of ctx.getWebSockets()) if (socket.readyState === WebSocket.OPEN) this.#live.adopt(socket);
  }

  /** A page that watches the list: the edge has verified it. */
  override fetch(request: Request): Response {
    const { expiresAt } = readFacts(request);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ expiresAt });
    if (this.ctx.getWebSockets().length > MAX_WATCHERS) server.close(4531, "too many watch this list");
    else this.#live.add(server);
    this.#wake(expiresAt);
    return upgraded(request, client);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#live.received(socket, typeof message === "string" ? message : new TextDecoder().decode(message));
  }

  override webSocketClose(socket: WebSocket): void {
    this.#live.remove(socket);
    if (socket.readyState !== WebSocket.CLOSED) socket.close(1000, ""); // without an answer the page would hang in CLOSING
  }

  override webSocketError(socket: WebSocket): void {
    this.#live.remove(socket);
  }

  override alarm(): void {
    this.#alarmAt = undefined;
    const now = Date.now();
    if (this.#listing.expire(now)) this.#live.mark();
    let next = this.#listing.nextExpiry;
    for (const socket of [...this.#live.watchers]) {
      const { expiresAt } = socket.deserializeAttachment() as { expiresAt: number };
      if (expiresAt > now) next = Math.min(next, expiresAt);
      else {
        this.#live.remove(socket);
        socket.close(4401, "the token has expired");
      }
    }
    this.#wake(next);
  }

  /** Each time that the alarm is set is a row: one that rings too early harms nobody. */
  #wake(at: number): void {
    if (at === Infinity || (this.#alarmAt !== undefined && this.#alarmAt <= at)) return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }

  async coterie(call: LobbyCall): Promise<LobbyReply> {
    const now = Date.now();
    switch (call.kind) {
      case "report":
        if (this.#listing.report(call.summary, now)) this.#live.mark();
        this.#wake(this.#listing.get(call.summary.id)?.until ?? Infinity);
        return { kind: "noted" };
      case "gone":
        if (this.#listing.drop(call.id)) this.#live.mark();
        return { kind: "noted" };
      case "list":
        return { kind: "listed", ...this.#listing.page(call.where, call.limit) };
      case "match":
        return this.#match(call.wish, call.at, call.roomsPerUser);
      case "claim":
        return { kind: "claimed", granted: this.#store.claim(call.user, call.id, call.most, now) };
      case "counted":
        this.#store.counted(call.id, call.exists);
        return { kind: "noted" };
    }
  }

  #match(wish: Wish, { binding, hint }: RoomsAt, roomsPerUser: number | undefined): Promise<Matched> {
    const namespace = namespaceOf((this.env as unknown as Record<string, unknown>)[binding], this.ctx.id.jurisdiction);
    const stub = (id: string): RoomStub => namespace.getByName(id, hint && { locationHint: hint });
    const rooms: Rooms = {
      async seat(id, user) {
        try {
          const reply = await stub(id).coterie({ kind: "seat", user });
          if (reply.kind === "seating") return reply.seating;
          console.error({ message: "a room answered a match with something else", room: id, answer: reply.kind });
        } catch (error) {
          console.error({
            message: "a room did not answer a match",
            room: id,
            error: error instanceof Error ? error.stack : error,
          });
        }
        return { kind: "gone" }; // if it is there all the same, it will say so
      },
      create: async (id, params, user) => {
        if (roomsPerUser !== undefined && !this.#store.claim(user, id, roomsPerUser, Date.now()))
          return { kind: "refused", code: "forbidden", message: `this user has made ${roomsPerUser} rooms already` };
        const reply = await stub(id).coterie({ kind: "create", params, seat: user });
        if (roomsPerUser !== undefined) this.#store.counted(id, reply.kind === "created");
        if (reply.kind === "refused") return reply;
        return (reply.kind === "created" ? reply.seating : undefined) ?? { kind: "gone" };
      },
    };
    return match(
      wish,
      this.#listing,
      rooms,
      () => Date.now(),
      () => this.#live.mark(),
    );
  }
}
