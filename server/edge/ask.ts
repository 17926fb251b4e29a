/** A request to one room over HTTP: who asks and whether they may is known before the room hears of it. What a caller may not do, and what is not there, is answered alike. */
import type { Context } from "hono";
import { isRoomId } from "../../shared/room/room-id.ts";
import type { Facts, Scope } from "../room/connections.ts";
import type { RoomCall, RoomReply, RoomStub } from "../room/room-call.ts";
import { claimsOf, originAllowed } from "./admit.ts";
import type { Keyring } from "./keys.ts";
import { problem } from "./respond.ts";
import { factsFor } from "./tokens.ts";

export type EdgeEnv = { Bindings: Record<string, unknown>; Variables: { keys: Keyring; request: string; user?: string } };

export interface AskOptions {
  readonly origins: readonly string[];
  /** The room's object; undefined where there is no such party. A Response where it is not bound. */
  stub(env: Record<string, unknown>, party: string, room: string, request: Request): RoomStub | Response | undefined;
  over: Over;
}

/** The answer to a user who calls too often; undefined: it may go on. */
export type Over = (
  request: Request,
  env: Record<string, unknown>,
  user: string,
  party: string,
  room: string,
) => Promise<Response | undefined>;

/** Asks a room, as the token's user, if the token allows it: only then is it read what the request brings. */
export type Ask = (
  c: Context<EdgeEnv>,
  scope: Scope,
  call: (facts: Facts) => RoomCall | Response | Promise<RoomCall | Response>,
  answer: (reply: RoomReply) => Response | undefined | Promise<Response | undefined>,
) => Promise<Response>;

/** What each refusal of a room is over HTTP. */
const STATUS: Record<string, number> = {
  "bad-input": 422,
  "unknown-action": 404,
  forbidden: 403,
  "not-found": 404,
  conflict: 412,
  "document-too-large": 413,
  "rate-limited": 429,
  overloaded: 429,
  unavailable: 503,
};

export const asking =
  ({ origins, stub, over }: AskOptions): Ask =>
  async (c, scope, call, answer) => {
    const { party = "", room = "" } = c.req.param() as { party?: string; room?: string };
    const request = c.req.raw;
    const claims = originAllowed(request, origins) ? await claimsOf(request, c.get("keys")) : undefined;
    if (!claims) return problem(401, "unauthorized");
    const found = stub(c.env, party, room, request);
    if (found instanceof Response) return found;
    const facts = factsFor(claims, party, room);
    if (!found || !isRoomId(room) || !facts?.scopes.includes(scope))
      return problem(403, "forbidden", `this takes the scope ${scope} in this room`);
    c.set("user", facts.user.id);
    const refused = await over(request, c.env, facts.user.id, party, room);
    if (refused) return refused;
    const asked = await call(facts);
    if (asked instanceof Response) return asked;
    const reply = await found.coterie(asked, facts);
    if (reply.kind === "refused") return problem(STATUS[reply.code] ?? 422, reply.code, reply.message);
    return (await answer(reply)) ?? problem(500, "internal");
  };
