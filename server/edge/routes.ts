/** The edge: which request goes where. It keeps no state, and nothing reaches a room that it has not verified. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { isRoomId } from "../../shared/room/room-id.ts";
import { describe } from "../../shared/schema/wire.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Sink } from "../observe/sink.ts";
import type { PartyClass } from "../party/party-class.ts";
import type { RoomStub } from "../room/room-call.ts";
import type { RoomClass } from "../room/room-object.ts";
import { admit, originAllowed, stockClient } from "./admit.ts";
import { withFacts } from "./facts.ts";
import { asking, type EdgeEnv, type Over } from "./ask.ts";
import { documentApi } from "./document-api.ts";
import { gameApi } from "./game-api.ts";
import { guestToken } from "./guests.ts";
import { KeysUnavailable } from "./jwks.ts";
import { keysOf, type KnownSets } from "./keys.ts";
import { isListed, lobbyApi, roomFacts, type Lobbies } from "./lobby-api.ts";
import { partyApi } from "./party-api.ts";
import { hintOf, jurisdictionOf, type Placement } from "./place.ts";
import { reach } from "./reach.ts";
import { reporting } from "./report.ts";
import { closeAtEdge, isUpgrade, missing, problem } from "./respond.ts";
import { sessionApi } from "./session-api.ts";
import { stateApi } from "./state-api.ts";
import { addressOf, Throttle, type Limits } from "./throttle.ts";

export interface EdgeOptions {
  readonly rooms: Readonly<Record<string, RoomClass<AnyRoom>>>;
  readonly guests: boolean;
  /** Of which pages of other origins may come. Default: none to rooms, all to hosted parties. */
  readonly origins?: readonly string[] | undefined;
  /** Hosted PartyKit classes. Default: none. */
  readonly parties?: Readonly<Record<string, PartyClass>> | undefined;
  /** For how long a copy of a room's state is kept, in seconds. Default 0. */
  readonly cacheSeconds?: number | undefined;
  /** Parties whose rooms are listed. Default: none. */
  readonly lobby?: Lobbies | undefined;
  readonly placement?: Placement | undefined;
  readonly limits?: Limits | undefined;
  /** Where it is said what happens. Default: the console, and the dataset bound as ANALYTICS. */
  readonly observe?: ((env: unknown) => Sink) | undefined;
}

type Env = Record<string, unknown>;
type Room = RoomStub & { fetch(request: Request): Promise<Response> };

/** Says so in every answer of /healthz. */
const VERSION = "0.1.0";

export function routes({
  rooms,
  parties = {},
  guests,
  origins: listed,
  cacheSeconds = 0,
  lobby = {},
  placement = {},
  limits = {},
  observe,
}: EdgeOptions): (request: Request, env: Env, ctx?: ExecutionContext) => Promise<Response> {
  const origins = listed ?? [];
  const app = new Hono<EdgeEnv>();
  const knownSets: KnownSets = new Map();
  const throttle = new Throttle(limits);

  app.get("/healthz", () => Response.json({ status: "ok", version: VERSION }));

  app.use(reporting(observe));
  partyApi(app, { parties, origins: listed, placement, throttle, observe });

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
    if (Object.keys(rooms).length === 0) return problem(404, "not found"); // of parties alone, which need none
    const keys = keysOf(c.env, new URL(c.req.url).host, knownSets);
    if (typeof keys === "string") {
      console.error({ message: "not configured", reason: keys });
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

  function stub(env: Env, party: string, room: string, request: Request): Room | Response | undefined {
    const kind = Object.hasOwn(rooms, party) ? rooms[party] : undefined;
    if (!kind) return undefined;
    const { binding, name } = kind;
    const at = { binding, what: `the rooms of ${describe(party)}`, className: name || "YourClass" };
    const found = reach(env, at, jurisdictionOf(placement, party, room), room, hintOf(request));
    return typeof found === "string" ? missing(found) : (found as Room);
  }

  /** Of a user, and to a room: once it is known that the user may go there. */
  const over: Over = async (request, env, user, party, room) =>
    (await throttle.over(request, env, "user", user)) ?? (await throttle.over(request, env, "room", `${party}/${room}`));

  const ask = asking({ origins, stub, over });
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
    const found = stub(c.env, party, room, request);
    if (found instanceof Response) return found;
    if (!found || !isRoomId(room)) return closeAtEdge(request, 4404, "not-found");
    const admission = await admit(request, party, room, c.get("keys"), origins);
    if (admission.kind === "refused") return closeAtEdge(request, admission.code, admission.reason);
    const stock = rooms[party]!.definition.document ? stockClient(request) : undefined;
    const facts = { ...admission.facts, ...(stock && { stock }), request: c.get("request"), admittedAt: Date.now() };
    c.set("user", facts.user.id);
    const refused = await over(request, c.env, facts.user.id, party, room);
    if (refused) return refused;
    return found.fetch(withFacts(request, roomFacts(facts, isListed(lobby, placement, party, room), limits.roomsPerUser)));
  });

  lobbyApi(app, { rooms, lobby, placement, origins, roomsPerUser: limits.roomsPerUser, stub, over });

  app.notFound(() => problem(404, "not found"));
  app.onError((error, c) => {
    if (error instanceof KeysUnavailable) {
      if (isUpgrade(c.req.raw)) return closeAtEdge(c.req.raw, 4503, "tokens cannot be verified now");
      return problem(503, "unavailable", "tokens cannot be verified now");
    }
    return problem(500, "internal");
  });
  return async (request, env, ctx) => app.fetch(request, env, ctx);
}
