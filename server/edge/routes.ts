/** The edge: which request goes where. It keeps no state, and nothing reaches a room that it has not verified. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { isRoomId } from "../../shared/room/room-id.ts";
import { describe } from "../../shared/schema/wire.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { RoomClass, RoomStub } from "../room/room-object.ts";
import { admit, claimsOf, originAllowed, stockClient } from "./admit.ts";
import { withFacts } from "./facts.ts";
import { fieldsOf } from "./body.ts";
import { asking, type EdgeEnv, type Over } from "./ask.ts";
import { documentApi } from "./document-api.ts";
import { gameApi } from "./game-api.ts";
import { guestToken } from "./guests.ts";
import { KeysUnavailable } from "./jwks.ts";
import { keysOf, type RemoteSets } from "./keys.ts";
import { closeAtEdge, problem } from "./respond.ts";
import { sessionApi } from "./session-api.ts";
import { stateApi } from "./state-api.ts";
import { addressOf, Throttle, type Limits } from "./throttle.ts";
import { factsFor } from "./tokens.ts";

export interface EdgeOptions {
  readonly rooms: Readonly<Record<string, RoomClass<AnyRoom>>>;
  readonly guests: boolean;
  readonly origins: readonly string[];
  readonly cacheSeconds?: number;
  readonly limits?: Limits;
}

type Env = Record<string, unknown>;
/** What the edge asks of a namespace of rooms. */
type Rooms = { getByName(name: string): RoomStub & { fetch(request: Request): Promise<Response> } };

/** Says so in every answer of /healthz. */
const VERSION = "0.1.0";

export function routes({
  rooms,
  guests,
  origins,
  cacheSeconds = 0,
  limits,
}: EdgeOptions): (request: Request, env: Env) => Promise<Response> {
  const app = new Hono<EdgeEnv>();
  const remote: RemoteSets = new Map();
  const throttle = new Throttle(limits);

  app.get("/healthz", () => Response.json({ status: "ok", version: VERSION }));

  // Pages of the listed origins may ask for tokens and rooms too, not only open sockets.
  app.use(
    cors({
      origin: (origin) => (origins.includes(origin) ? origin : null),
      allowHeaders: ["authorization", "content-type", "idempotency-key", "if-none-match", "if-state-vector"],
      exposeHeaders: ["etag", "retry-after"],
    }),
  );

  // Without a key nothing can be verified, so nothing is served.
  app.use(async (c, next) => {
    const keys = keysOf(c.env, new URL(c.req.url).host, remote);
    if (typeof keys === "string") {
      console.error(keys);
      return problem(500, "not configured", keys);
    }
    c.set("keys", keys);
    return (await throttle.over(c.req.raw, c.env, "address", addressOf(c.req.raw))) ?? next();
  });

  app.post("/auth/guest", async (c) => {
    if (!guests || !originAllowed(c.req.raw, origins)) return problem(404, "not found");
    const over = await throttle.over(c.req.raw, c.env, "guest", addressOf(c.req.raw));
    if (over) return over;
    const keys = c.get("keys");
    if (!keys.guests)
      return problem(500, "not configured", "guests need GUEST_SECRET: at least 32 characters, of the worker's own");
    return guestToken(c.req.raw, Object.keys(rooms), keys, keys.guests);
  });

  /** Of a user, and to a room: once it is known that the user may go there. */
  const throttled: Over = async (request, env, user, party, room) =>
    (await throttle.over(request, env, "user", user)) ?? (await throttle.over(request, env, "room", `${party}/${room}`));

  const ask = asking({
    origins,
    over: throttled,
    stub(env, party, room) {
      const found = find(env, rooms, party);
      return found.kind === "bound" ? found.rooms.getByName(room) : found.kind === "unbound" ? found.response : undefined;
    },
  });
  stateApi(app, ask, {
    cacheSeconds,
    has(party) {
      const definition = Object.hasOwn(rooms, party) ? rooms[party]!.definition : undefined;
      return definition && { game: definition.game !== undefined, document: definition.document };
    },
  });
  documentApi(app, ask);
  gameApi(app, ask);
  sessionApi(app, ask);
  app.get("/parties/:party/:room/inspect", (c) =>
    ask(
      c,
      "admin",
      () => ({ kind: "inspect" }),
      (reply) => (reply.kind === "inspected" ? Response.json(reply.inspection) : undefined),
    ),
  );

  app.get("/parties/:party/:room", async (c) => {
    const request = c.req.raw;
    const { party, room } = c.req.param();
    const found = find(c.env, rooms, party);
    if (found.kind === "unbound") return found.response;
    if (found.kind === "unknown" || !isRoomId(room)) return closeAtEdge(request, 4404, "not-found");
    const admission = await admit(request, party, room, c.get("keys"), origins);
    if (admission.kind === "refused") return closeAtEdge(request, admission.code, admission.reason);
    const stock = rooms[party]!.definition.document ? stockClient(request) : undefined;
    const facts = stock ? { ...admission.facts, stock } : admission.facts;
    const over = await throttled(request, c.env, facts.user.id, party, room);
    if (over) return over;
    return found.rooms.getByName(room).fetch(withFacts(request, facts));
  });

  app.post("/lobby/:party", async (c) => {
    const party = c.req.param("party");
    const found = find(c.env, rooms, party);
    if (found.kind === "unbound") return found.response;
    if (found.kind === "unknown") return problem(404, "not found");
    const id = crypto.randomUUID().slice(0, 13);
    const claims = await claimsOf(c.req.raw, c.get("keys"));
    if (!claims || !originAllowed(c.req.raw, origins)) return problem(401, "unauthorized");
    if (!factsFor(claims, party, id)?.scopes.includes("create"))
      return problem(403, "forbidden", "the token does not allow creating rooms");
    const over = await throttle.over(c.req.raw, c.env, "user", claims.user.id);
    if (over) return over;
    const body = await fieldsOf(c.req.raw, MAX_FRAME_BYTES);
    if (body instanceof Response) return body;
    if (!body) return problem(400, "bad request", 'expected a JSON object: { "params": … }');
    const reply = await found.rooms.getByName(id).coterie({ kind: "create", params: body["params"] });
    if (reply.kind === "refused") return problem(400, reply.code, reply.message);
    return Response.json({ id }, { status: 201 });
  });

  app.notFound(() => problem(404, "not found"));
  app.onError((error, c) => {
    if (error instanceof KeysUnavailable) {
      if (c.req.header("upgrade")?.toLowerCase() === "websocket")
        return closeAtEdge(c.req.raw, 4503, "tokens cannot be verified now");
      return problem(503, "unavailable", "tokens cannot be verified now");
    }
    console.error({ message: "the edge threw", error: error.stack });
    return problem(500, "internal");
  });
  return async (request, env) => app.fetch(request, env);
}

type Found = { kind: "bound"; rooms: Rooms } | { kind: "unknown" } | { kind: "unbound"; response: Response };

function find(env: Env, rooms: EdgeOptions["rooms"], party: string): Found {
  const room = Object.hasOwn(rooms, party) ? rooms[party] : undefined;
  if (!room) return { kind: "unknown" };
  const bound = env[room.binding];
  if (typeof bound === "object" && bound !== null) return { kind: "bound", rooms: bound as Rooms };
  const detail = `No Durable Object is bound as ${room.binding} for the rooms of ${describe(party)}. Add this to wrangler.toml, with the name under which your worker exports the class:

[[durable_objects.bindings]]
name = "${room.binding}"
class_name = "${room.name || "YourClass"}"

[[migrations]]
tag = "add-${party}"
new_sqlite_classes = ["${room.name || "YourClass"}"]
`;
  console.error(detail);
  return {
    kind: "unbound",
    response: new Response(detail, { status: 500, headers: { "content-type": "text/plain; charset=utf-8" } }),
  };
}
