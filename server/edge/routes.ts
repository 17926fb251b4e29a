/** The edge: which request goes where. It keeps no state, and nothing reaches a room that it has not verified. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { isRoomId } from "../../shared/room/room-id.ts";
import { describe } from "../../shared/schema/wire.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { RoomClass, RoomStub } from "../room/room-object.ts";
import { admit, claimsOf, originAllowed, stockClient } from "./admit.ts";
import { withFacts } from "./facts.ts";
import { documentApi, type EdgeEnv } from "./document-api.ts";
import { guestToken } from "./guests.ts";
import { isListed, lobbyApi, roomFacts, type Lobbies } from "./lobby-api.ts";
import { hintOf, jurisdictionOf, namespaceOf, type Namespace, type Placement } from "./place.ts";
import { closeAtEdge, missing, problem } from "./respond.ts";
import { factsFor, keysOf } from "./tokens.ts";

export interface EdgeOptions {
  readonly rooms: Readonly<Record<string, RoomClass<AnyRoom>>>;
  readonly guests: boolean;
  readonly origins: readonly string[];
  /** Parties whose rooms are listed. Default: none. */
  readonly lobby?: Lobbies | undefined;
  readonly placement?: Placement | undefined;
  readonly limits?: Limits | undefined;
}

export interface Limits {
  /** How many rooms of a party one user may have made that still exist. Default: any number. */
  readonly roomsPerUser?: number;
}

type Env = Record<string, unknown>;
type Room = RoomStub & { fetch(request: Request): Promise<Response> };

/** Says so in every answer of /healthz. */
const VERSION = "0.1.0";

export function routes({
  rooms,
  guests,
  origins,
  lobby = {},
  placement = {},
  limits = {},
}: EdgeOptions): (request: Request, env: Env) => Promise<Response> {
  const app = new Hono<EdgeEnv>();

  app.get("/healthz", () => Response.json({ status: "ok", version: VERSION }));

  // Pages of the listed origins may ask for tokens and rooms too, not only open sockets.
  app.use(
    cors({
      origin: (origin) => (origins.includes(origin) ? origin : null),
      allowHeaders: ["authorization", "content-type", "if-none-match", "if-state-vector"],
      exposeHeaders: ["etag"],
    }),
  );

  // Without a key nothing can be verified, so nothing is served.
  app.use(async (c, next) => {
    const keys = keysOf(c.env, new URL(c.req.url).host);
    if (keys.kind === "none") {
      console.error(keys.reason);
      return problem(500, "not configured", keys.reason);
    }
    c.set("secret", keys.secret);
    return next();
  });

  app.post("/auth/guest", (c) => {
    if (!guests || !originAllowed(c.req.raw, origins)) return problem(404, "not found");
    return guestToken(c.req.raw, Object.keys(rooms), c.get("secret"));
  });

  function stub(env: Env, party: string, room: string, request: Request): Room | Response | undefined {
    const found = find(env, rooms, party);
    if (found.kind !== "bound") return found.kind === "unbound" ? found.response : undefined;
    const hint = hintOf(request); // counts where this makes the object, and never again
    const namespace = namespaceOf(found.rooms, jurisdictionOf(placement, party, room));
    return namespace.getByName(room, hint && { locationHint: hint });
  }

  documentApi(app, { origins, stub });

  app.get("/parties/:party/:room", async (c) => {
    const request = c.req.raw;
    const { party, room } = c.req.param();
    const found = find(c.env, rooms, party);
    if (found.kind === "unbound") return found.response;
    if (found.kind === "unknown" || !isRoomId(room)) return closeAtEdge(request, 4404, "not-found");
    const admission = await admit(request, party, room, c.get("secret"), origins);
    if (admission.kind === "refused") return closeAtEdge(request, admission.code, admission.reason);
    const stock = rooms[party]!.definition.document ? stockClient(request) : undefined;
    const facts = stock ? { ...admission.facts, stock } : admission.facts;
    const { roomsPerUser } = limits;
    const seat = stub(c.env, party, room, request);
    if (!seat || seat instanceof Response) return problem(500, "internal");
    return seat.fetch(withFacts(request, roomFacts(facts, isListed(lobby, placement, party, room), roomsPerUser)));
  });

  app.get("/parties/:party/:room/inspect", async (c) => {
    const { party, room } = c.req.param();
    const found = find(c.env, rooms, party);
    if (found.kind === "unbound") return found.response;
    const claims = await claimsOf(c.req.raw, c.get("secret"));
    if (!claims) return problem(401, "unauthorized");
    const admin = factsFor(claims, party, room)?.scopes.includes("admin");
    if (found.kind === "unknown" || !isRoomId(room) || !admin)
      return problem(403, "forbidden", "inspecting takes the scope admin");
    const asked = stub(c.env, party, room, c.req.raw);
    if (!asked || asked instanceof Response) return problem(500, "internal");
    const reply = await asked.coterie({ kind: "inspect" });
    return reply.kind === "inspected" ? Response.json(reply.inspection) : problem(500, "internal");
  });

  lobbyApi(app, { rooms, lobby, placement, origins, roomsPerUser: limits.roomsPerUser, stub });

  app.notFound(() => problem(404, "not found"));
  app.onError((error) => {
    console.error({ message: "the edge threw", error: error.stack });
    return problem(500, "internal");
  });
  return async (request, env) => app.fetch(request, env);
}

type Found = { kind: "bound"; rooms: Namespace<Room> } | { kind: "unknown" } | { kind: "unbound"; response: Response };

function find(env: Env, rooms: EdgeOptions["rooms"], party: string): Found {
  const room = Object.hasOwn(rooms, party) ? rooms[party] : undefined;
  if (!room) return { kind: "unknown" };
  const bound = env[room.binding];
  if (typeof bound === "object" && bound !== null) return { kind: "bound", rooms: bound as Namespace<Room> };
  return {
    kind: "unbound",
    response: missing(room.binding, `the rooms of ${describe(party)}`, room.name || "YourClass", `add-${party}`),
  };
}
