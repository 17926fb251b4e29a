/**
 * Tokens: JWTs that say who someone is and what they may do in which rooms. One kind of key so far: `DEV_SECRET`
 * (HS256), which anyone who can read the project knows, and which therefore counts only in development on this machine.
 */
import { jwtVerify, SignJWT, type JWTPayload } from "jose";
import { MAX_NAME, MAX_USER_ID } from "../../shared/protocol/limits.ts";
import type { User } from "../../shared/protocol/user.ts";
import type { Facts, Scope } from "../room/connections.ts";

/** What the token is for, and who made it. */
const AUDIENCE = "coterie";
const DEV_ISSUER = "coterie-dev";
/** The clocks of two machines may differ by this much, in seconds. */
const LEEWAY_S = 60;
const SCOPES: readonly Scope[] = ["read", "presence", "write", "create", "import", "admin"];

/** `pattern → scopes`: a pattern is `party:segment:…`; a `*` as its last segment stands for one or more. */
export type Grants = readonly (readonly [pattern: string, scopes: readonly Scope[]])[];

export interface Claims {
  readonly user: User;
  readonly rooms: Grants;
  /** ms since 1970. */
  readonly expiresAt: number;
}

/** The keys a worker verifies with, or why it must not serve. */
export type Keys = { readonly kind: "dev"; readonly secret: Uint8Array } | { readonly kind: "none"; readonly reason: string };

export function keysOf(env: { ENV?: unknown; DEV_SECRET?: unknown }, host: string): Keys {
  if (typeof env.DEV_SECRET !== "string" || env.DEV_SECRET.length < 32)
    return {
      kind: "none",
      reason: "no key to verify tokens with: set DEV_SECRET (at least 32 characters) and ENV=dev in .dev.vars",
    };
  if (env.ENV !== "dev" || !isLoopback(host))
    return {
      kind: "none",
      reason: "DEV_SECRET counts only with ENV=dev and on localhost: anywhere else it would let everyone in",
    };
  return { kind: "dev", secret: new TextEncoder().encode(env.DEV_SECRET) };
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);

/** Throws a jose error when the token is not ours, not now, or not whole. */
export async function verify(token: string, secret: Uint8Array, leewaySeconds: number = LEEWAY_S): Promise<Claims> {
  const { payload } = await jwtVerify(token, secret, {
    algorithms: ["HS256"],
    issuer: DEV_ISSUER,
    audience: AUDIENCE,
    requiredClaims: ["sub", "exp", "iat", "jti", "rooms"],
    clockTolerance: leewaySeconds,
  });
  return { user: userOf(payload), rooms: grantsOf(payload["rooms"]), expiresAt: (payload.exp! + LEEWAY_S) * 1000 };
}

export async function sign(claims: Claims, secret: Uint8Array): Promise<string> {
  return new SignJWT({ rooms: claims.rooms, info: { name: claims.user.name } })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(DEV_ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(claims.user.id)
    .setIssuedAt()
    .setExpirationTime(Math.floor(claims.expiresAt / 1000))
    .setJti(crypto.randomUUID())
    .sign(secret);
}

function userOf({ sub, info }: JWTPayload): User {
  if (typeof sub !== "string" || sub.length === 0 || sub.length > MAX_USER_ID)
    throw new TypeError(`sub: expected 1 to ${MAX_USER_ID} characters`);
  const name = typeof info === "object" && info !== null && "name" in info ? info.name : undefined;
  return typeof name === "string" && name !== "" ? { id: sub, name: name.slice(0, MAX_NAME) } : { id: sub };
}

function grantsOf(rooms: unknown): Grants {
  if (!Array.isArray(rooms)) throw new TypeError("rooms: expected [[pattern, [scope, …]], …]");
  return rooms.map((grant: unknown) => {
    const [pattern, scopes] = Array.isArray(grant) ? (grant as unknown[]) : [];
    if (typeof pattern !== "string" || !Array.isArray(scopes)) throw new TypeError("rooms: expected [[pattern, [scope, …]], …]");
    return [pattern, scopes.filter((scope): scope is Scope => SCOPES.includes(scope as Scope))] as const;
  });
}

/** What these claims allow in one room; undefined when that is nothing. Writing and administering imply reading. */
export function factsFor({ user, rooms, expiresAt }: Claims, party: string, room: string): Facts | undefined {
  const name = `${party}:${room}`;
  const scopes = new Set(rooms.flatMap(([pattern, granted]) => (matches(pattern, name) ? granted : [])));
  if (scopes.has("write") || scopes.has("admin")) scopes.add("read");
  return scopes.has("read") ? { user, scopes: [...scopes], expiresAt } : undefined;
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.endsWith(":*")) return pattern === name;
  return name.startsWith(pattern.slice(0, -1));
}
