/** What a verified token says: who someone is, and what they may do in one room. */
import type { JWTPayload } from "jose";
import { MAX_NAME, MAX_USER_ID } from "../../shared/protocol/limits.ts";
import type { User } from "../../shared/protocol/user.ts";
import { LEEWAY_S, MAX_GRANTS, MAX_TOKEN_ID, SCOPES, type Grants } from "../auth/token.ts";
import type { Facts, Scope } from "../room/connections.ts";
import type { Keyring } from "./keys.ts";

export interface Claims {
  readonly user: User;
  readonly rooms: Grants;
  /** ms since 1970. */
  readonly expiresAt: number;
  readonly issuedAt?: number;
  /** The token's `jti`. */
  readonly tokenId?: string;
}

/** Throws where the token is not ours, not now, or not whole; KeysUnavailable where that cannot be known. */
export async function verify(token: string, keys: Keyring, leewaySeconds?: number): Promise<Claims> {
  const payload = await keys.verify(token, leewaySeconds);
  if (typeof payload.jti !== "string" || payload.jti === "" || payload.jti.length > MAX_TOKEN_ID)
    throw new TypeError(`jti: expected 1 to ${MAX_TOKEN_ID} characters`);
  return {
    user: userOf(payload),
    rooms: grantsOf(payload["rooms"]),
    expiresAt: (payload.exp! + LEEWAY_S) * 1000,
    issuedAt: payload.iat! * 1000,
    tokenId: payload.jti,
  };
}

function userOf({ sub, info }: JWTPayload): User {
  if (typeof sub !== "string" || sub.length === 0 || sub.length > MAX_USER_ID)
    throw new TypeError(`sub: expected 1 to ${MAX_USER_ID} characters`);
  const name = typeof info === "object" && info !== null && "name" in info ? info.name : undefined;
  return typeof name === "string" && name !== "" ? { id: sub, name: name.slice(0, MAX_NAME) } : { id: sub };
}

function grantsOf(rooms: unknown): Grants {
  if (!Array.isArray(rooms) || rooms.length > MAX_GRANTS)
    throw new TypeError(`rooms: expected at most ${MAX_GRANTS} of [pattern, [scope, …]]`);
  return rooms.map((grant: unknown) => {
    const [pattern, scopes] = Array.isArray(grant) ? (grant as unknown[]) : [];
    if (typeof pattern !== "string" || !Array.isArray(scopes)) throw new TypeError("rooms: expected [[pattern, [scope, …]], …]");
    return [pattern, scopes.filter((scope): scope is Scope => SCOPES.includes(scope as Scope))] as const;
  });
}

/** What these claims allow in one room; undefined when that is nothing. Writing and administering imply reading. */
export function factsFor({ user, rooms, expiresAt, issuedAt, tokenId }: Claims, party: string, room: string): Facts | undefined {
  const name = `${party}:${room}`;
  const scopes = new Set(rooms.flatMap(([pattern, granted]) => (matches(pattern, name) ? granted : [])));
  if (scopes.has("write") || scopes.has("admin")) scopes.add("read");
  if (!scopes.has("read")) return undefined;
  return { user, scopes: [...scopes], expiresAt, ...(issuedAt && { issuedAt }), ...(tokenId && { tokenId }) };
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.endsWith(":*")) return pattern === name;
  return name.startsWith(pattern.slice(0, -1));
}
