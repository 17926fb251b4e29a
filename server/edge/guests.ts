/** Guests: anyone may ask for a token and gets a fresh user. A guest who shows an old token of ours stays who they were. */
import { MAX_NAME } from "../../shared/protocol/limits.ts";
import type { User } from "../../shared/protocol/user.ts";
import { sign } from "../auth/token.ts";
import type { Scope } from "../room/connections.ts";
import { claimsOf } from "./admit.ts";
import { fieldsOf } from "./body.ts";
import type { Keyring, Secret } from "./keys.ts";
import { problem } from "./respond.ts";

const GUEST_SCOPES: readonly Scope[] = ["read", "presence", "write", "create"];
const GUEST_PREFIX = "guest-";
const GUEST_TOKEN_S = 60 * 60;
/** For this long after its end, in seconds, a token still says who a guest was: it opens nothing. */
const RENEWABLE_S = 30 * 24 * 60 * 60;

export async function guestToken(request: Request, parties: readonly string[], keys: Keyring, secret: Secret): Promise<Response> {
  const body = await fieldsOf(request);
  if (body instanceof Response) return body;
  if (!body) return problem(400, "bad request", 'expected a JSON object: { "name"?: string, "scopes"?: string[] }');
  const { name, scopes } = body;
  if (name !== undefined && (typeof name !== "string" || name.length > MAX_NAME))
    return problem(400, "bad request", `name: expected text of at most ${MAX_NAME} characters`);
  if (scopes !== undefined && !Array.isArray(scopes))
    return problem(400, "bad request", "scopes: expected a list; it can only narrow what guests may do");
  const known = await claimsOf(request, keys, RENEWABLE_S);
  const granted = GUEST_SCOPES.filter((scope) => scopes === undefined || (scopes as unknown[]).includes(scope));
  const user: User = {
    // Only a guest stays who they were: any other token says less, or more, than a guest's would.
    id: known?.user.id.startsWith(GUEST_PREFIX) ? known.user.id : `${GUEST_PREFIX}${crypto.randomUUID()}`,
    ...(name ? { name } : {}),
  };
  const { issuer, audience, bytes } = secret;
  const rooms = parties.map((party) => [`${party}:*`, granted] as const);
  const token = await sign({ issuer, audience, user, rooms, lifeSeconds: GUEST_TOKEN_S }, bytes);
  return Response.json({ token, user, expiresAt: Date.now() + GUEST_TOKEN_S * 1000 });
}
