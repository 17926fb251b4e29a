/**
 * The lobby over HTTP: the open rooms of a party, live over a socket, a new room, and a quick match. Whoever may read any room of
 * the party may see the list, whoever may create any may create; what a body holds is checked here, before any object is asked.
 */
import type { Context, Hono } from "hono";
import { MAX_LISTED } from "../../shared/room/open-room.ts";
import { isRoomId } from "../../shared/room/room-id.ts";
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { describe, WireError, type Wire } from "../../shared/schema/wire.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { LOBBY_BINDING } from "../lobby/line.ts";
import type { Where } from "../lobby/listing.ts";
import type { LobbyCall, LobbyReply, LobbyStub } from "../lobby/lobby-object.ts";
import type { Facts, Scope } from "../room/connections.ts";
import type { RoomStub } from "../room/room-call.ts";
import type { RoomClass } from "../room/room-object.ts";
import { claimsOf, originAllowed } from "./admit.ts";
import { fieldsOf } from "./body.ts";
import type { EdgeEnv, Over } from "./ask.ts";
import { withFacts } from "./facts.ts";
import { hintOf, jurisdictionOf, type Placement } from "./place.ts";
import { reach } from "./reach.ts";
import { closeAtEdge, isUpgrade, missing, problem } from "./respond.ts";
import { factsFor } from "./tokens.ts";

/** Party → whether its rooms are listed: all of them, or those whose id begins with this segment, such as "open". */
export type Lobbies = Readonly<Record<string, true | string>>;

export interface LobbyApiOptions {
  readonly rooms: Readonly<Record<string, RoomClass<AnyRoom>>>;
  readonly lobby: Lobbies;
  readonly placement: Placement;
  readonly roomsPerUser: number | undefined;
  readonly origins: readonly string[];
  /** The room's object; undefined where there is no such party. A Response where it is not bound. */
  stub(env: Record<string, unknown>, party: string, room: string, request: Request): RoomStub | Response | undefined;
  over: Over;
}

/** The most rooms that a match may be asked to leave out. */
const MAX_EXCEPT = 32;

/** Whether the lobby of its party lists this room. One under another law than the lobby itself is never told of there. */
export function isListed(lobby: Lobbies, placement: Placement, party: string, room: string): boolean {
  const lists = Object.hasOwn(lobby, party) ? lobby[party] : undefined;
  if (lists === undefined || (lists !== true && !room.startsWith(`${lists}:`))) return false;
  return jurisdictionOf(placement, party, room) === jurisdictionOf(placement, party, newId(lists));
}

/** An id that nobody can guess, which the lobby lists. */
const newId = (lists: true | string | undefined): string => {
  const id = crypto.randomUUID().slice(0, 13);
  return typeof lists === "string" ? `${lists}:${id}` : id;
};

type Reached = LobbyStub & { fetch(request: Request): Promise<Response> };

/** The lobby's object; a Response where it is not bound. */
export function lobbyOf(
  env: Record<string, unknown>,
  party: string,
  jurisdiction: string | undefined,
  request: Request,
): Reached | Response {
  const lobby = { binding: LOBBY_BINDING, what: `the lobby of ${describe(party)}`, className: "Lobby" };
  const found = reach(env, lobby, jurisdiction, party, hintOf(request));
  return typeof found === "string" ? missing(found) : (found as Reached);
}

export function lobbyApi(app: Hono<EdgeEnv>, options: LobbyApiOptions): void {
  const { rooms, lobby, placement, origins, roomsPerUser } = options;

  /** Who asks, and for what: a Response where they may not. */
  async function asking(c: Context<EdgeEnv>, party: string, scope: Scope) {
    const request = c.req.raw;
    const claims = originAllowed(request, origins) ? await claimsOf(request, c.get("keys")) : undefined;
    if (!claims) return problem(401, "unauthorized");
    const lists = Object.hasOwn(lobby, party) ? lobby[party] : undefined;
    const id = newId(lists);
    const facts = factsFor(claims, party, id);
    if (!facts?.scopes.includes(scope))
      return problem(
        403,
        "forbidden",
        scope === "create" ? "the token does not allow creating rooms" : `this takes the scope ${scope}`,
      );
    c.set("user", facts.user.id);
    const refused = await options.over(request, c.env, facts.user.id, party, "lobby");
    if (refused) return refused;
    return { facts, id, lists, jurisdiction: jurisdictionOf(placement, party, id) };
  }

  async function ask(stub: LobbyStub, call: LobbyCall): Promise<LobbyReply | Response> {
    try {
      return await stub.coterie(call);
    } catch (error) {
      console.error({ message: "the lobby did not answer", error: error instanceof Error ? error.stack : error });
      return problem(503, "unavailable", "the lobby does not answer; rooms can be joined without it");
    }
  }

  app.get("/lobby/:party", async (c) => {
    const request = c.req.raw;
    const { party } = c.req.param();
    const upgrade = isUpgrade(request);
    const may = await asking(c, party, "read");
    if (may instanceof Response) {
      if (!upgrade) return may;
      if (may.webSocket) return may; // it has been told why
      return may.status === 401
        ? closeAtEdge(request, 4401, "the token is missing, bad or expired")
        : closeAtEdge(request, 4403, "the token does not allow this lobby");
    }
    if (may.lists === undefined) return upgrade ? closeAtEdge(request, 4404, "not-found") : problem(404, "not found");
    const stub = lobbyOf(c.env, party, may.jurisdiction, request);
    if (stub instanceof Response) return stub;
    if (upgrade) return stub.fetch(withFacts(request, may.facts));
    const limit = Number(c.req.query("limit") ?? MAX_LISTED);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LISTED)
      return problem(400, "bad request", `limit ${describe(c.req.query("limit"))}: expected 1 to ${MAX_LISTED}`);
    const where = checked(() => whereOf(rooms[party]!.definition, jsonOf(c.req.query("where") ?? "{}"), "where"));
    if (where instanceof Response) return where;
    const reply = await ask(stub, { kind: "list", where, limit });
    if (reply instanceof Response) return reply;
    return reply.kind === "listed" ? Response.json({ rooms: reply.rooms, total: reply.total }) : problem(500, "internal");
  });

  app.post("/lobby/:party", async (c) => {
    const { party } = c.req.param();
    const request = c.req.raw;
    const unbound = options.stub(c.env, party, "any", request);
    if (unbound instanceof Response) return unbound;
    if (!unbound) return problem(404, "not found");
    const may = await asking(c, party, "create");
    if (may instanceof Response) return may;
    const body = await fieldsOf(request, MAX_FRAME_BYTES);
    if (body instanceof Response) return body;
    if (!body) return problem(400, "bad request", 'expected a JSON object: { "params": … }');
    const { id, facts } = may;
    const counts = roomsPerUser === undefined ? undefined : lobbyOf(c.env, party, may.jurisdiction, request);
    if (counts instanceof Response) return counts;
    if (counts && roomsPerUser !== undefined) {
      const reply = await ask(counts, { kind: "claim", id, user: facts.user.id, most: roomsPerUser });
      if (reply instanceof Response) return reply;
      if (reply.kind === "claimed" && !reply.granted) return tooMany(roomsPerUser);
    }
    const room = options.stub(c.env, party, id, request) as RoomStub;
    const reply = await room.coterie({ kind: "create", params: body["params"] });
    if (counts) {
      // A lobby that cannot be told counts the room for a minute, and then no more.
      await ask(counts, { kind: "counted", id, exists: reply.kind === "created" });
    }
    if (reply.kind === "refused") return problem(400, reply.code, reply.message);
    return Response.json({ id }, { status: 201 });
  });

  app.post("/lobby/:party/match", async (c) => {
    const { party } = c.req.param();
    const request = c.req.raw;
    const may = await asking(c, party, "read");
    if (may instanceof Response) return may;
    const room = rooms[party];
    if (may.lists === undefined || !room) return problem(404, "not found");
    const stub = lobbyOf(c.env, party, may.jurisdiction, request);
    if (stub instanceof Response) return stub;
    const body = await fieldsOf(request, MAX_FRAME_BYTES);
    if (body instanceof Response) return body;
    const { where = {}, create, except = [] } = body ?? {};
    if (
      !body ||
      !Array.isArray(except) ||
      except.length > MAX_EXCEPT ||
      !except.every((id) => typeof id === "string" && isRoomId(id))
    )
      return problem(
        400,
        "bad request",
        `expected a JSON object: { "where"?: …, "create"?: params, "except"?: at most ${MAX_EXCEPT} ids }`,
      );
    if (create !== undefined && !may.facts.scopes.includes("create"))
      return problem(403, "forbidden", "the token does not allow creating rooms");
    const wish = checked(() => ({
      user: may.facts.user.id,
      where: whereOf(room.definition, where, "where"),
      except: except as string[],
      create:
        create === undefined
          ? undefined
          : {
              id: may.id,
              params: room.definition.game?.["~rules"].params?.check(create, ["create"]) ?? null,
              capacity: room.capacity,
            },
    }));
    if (wish instanceof Response) return wish;
    const at = { binding: room.binding, hint: hintOf(request) };
    const reply = await ask(stub, { kind: "match", wish, at, roomsPerUser });
    if (reply instanceof Response) return reply;
    switch (reply.kind) {
      case "matched":
        return Response.json({ id: reply.id, created: reply.created }, { status: reply.created ? 201 : 200 });
      case "none":
        return problem(404, "not-found", "no open room fits");
      case "refused":
        return reply.code === "forbidden" ? problem(403, reply.code, reply.message) : problem(400, reply.code, reply.message);
      default:
        return problem(500, "internal");
    }
  });
}

const tooMany = (most: number): Response => problem(403, "forbidden", `this user has made ${most} rooms already`);

/** What `facts` the edge adds for a room of this name. */
export const roomFacts = (facts: Facts, listed: boolean, roomsPerUser: number | undefined): Facts => ({
  ...facts,
  ...(listed && { listed }),
  ...(roomsPerUser !== undefined && { roomsPerUser }),
});

/** A value, or the answer to one that does not fit. */
function checked<T>(make: () => T): T | Response {
  try {
    return make();
  } catch (error) {
    if (error instanceof WireError) return problem(400, "bad-input", error.reason);
    throw error;
  }
}

/** Undefined where it is none: what comes of it does not fit then. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // it is no JSON: the caller says what was expected
  }
}

/** A filter: some of the game's parameters, each of its own type. */
function whereOf(definition: AnyRoom, given: unknown, name: string): Where {
  const type = definition.game?.["~rules"].params;
  const shape = (type && "shape" in type ? type.shape : {}) as Readonly<Record<string, Wire<unknown>>>;
  const fields = Object.keys(shape);
  const expected =
    fields.length > 0 ? `an object with some of ${fields.join(", ")}` : "an empty object: its rooms have no parameters";
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new WireError({ path: [name], received: describe(given), expected });
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      const wire = Object.hasOwn(shape, field) ? shape[field] : undefined;
      if (!wire) throw new WireError({ path: [name, field], received: describe(value), expected });
      return [field, wire.check(value, [name, field])];
    }),
  );
}
