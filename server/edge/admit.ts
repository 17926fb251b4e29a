/** Who may enter a room: origin, then token, then what the token allows there. No room is touched before all three. */
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from "../../shared/protocol/version.ts";
import type { Facts, StockClient } from "../room/connections.ts";
import { KeysUnavailable } from "./jwks.ts";
import type { Keyring } from "./keys.ts";
import { factsFor, verify, type Claims } from "./tokens.ts";

export type Admission =
  | { readonly kind: "admitted"; readonly facts: Facts }
  | { readonly kind: "refused"; readonly code: CloseCode; readonly reason: string };

export async function admit(
  request: Request,
  party: string,
  room: string,
  keys: Keyring,
  origins: readonly string[],
): Promise<Admission> {
  if (!originAllowed(request, origins)) return { kind: "refused", code: 4403, reason: "this origin may not connect" };
  const claims = await claimsOf(request, keys);
  if (!claims) return { kind: "refused", code: 4401, reason: "the token is missing, bad or expired" };
  const facts = factsFor(claims, party, room);
  if (!facts) return { kind: "refused", code: 4403, reason: "the token does not allow this room" };
  return { kind: "admitted", facts };
}

/** The page's own origin and those listed, exactly. No Origin at all: not a browser, so its token alone decides. */
export function originAllowed(request: Request, origins: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  return origin === null || origin === new URL(request.url).origin || origins.includes(origin);
}

/** Undefined for no token, and for one that does not hold: why is nobody's business. Throws KeysUnavailable where that cannot be known. */
export async function claimsOf(request: Request, keys: Keyring, leewaySeconds?: number): Promise<Claims | undefined> {
  const token = tokenOf(request);
  if (token === undefined) return undefined;
  try {
    return await verify(token, keys, leewaySeconds);
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error;
    return undefined; // whatever jose says of it, the answer is the same
  }
}

/** From the subprotocol (browsers), the Authorization header, or `?token=` (stock clients, which can do neither). */
function tokenOf(request: Request): string | undefined {
  const protocols = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
  const carried = protocols.map((each) => each.trim()).find((each) => each.startsWith(TOKEN_SUBPROTOCOL_PREFIX));
  if (carried !== undefined) return carried.slice(TOKEN_SUBPROTOCOL_PREFIX.length);
  const authorization = request.headers.get("authorization");
  if (authorization?.startsWith("Bearer ")) return authorization.slice("Bearer ".length);
  return new URL(request.url).searchParams.get("token") ?? undefined;
}

/** Our SDK names its protocol; stock Yjs clients name none, and PartyKit's says who it is by a label in the address. */
export function stockClient(request: Request): StockClient | undefined {
  if (request.headers.get("sec-websocket-protocol")?.includes(SUBPROTOCOL)) return undefined;
  return new URL(request.url).searchParams.has("_pk") ? "y-partyserver" : "y-websocket";
}
