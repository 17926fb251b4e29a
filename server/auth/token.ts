/**
 * What a token is, for whoever signs one (a backend by `coterie/auth`, the worker for guests) and for the edge and the rooms that
 * go by it: a JWT that says who someone is, and what they may do in which rooms.
 */
import { SignJWT } from "jose";
import type { User } from "../../shared/protocol/user.ts";

/** What a user may do in a room; `write` and `admin` imply `read`. */
export type TokenScope = "read" | "presence" | "write" | "create" | "import" | "admin";
export const SCOPES: readonly TokenScope[] = ["read", "presence", "write", "create", "import", "admin"];

/** `pattern → scopes`: a pattern is `party:segment:…`; a `*` as its last segment stands for one or more. */
export type Grants = readonly (readonly [pattern: string, scopes: readonly TokenScope[]])[];

/** What a token is for, where nothing else is said. */
export const AUDIENCE = "coterie";
/** Who has signed it: whoever knows `DEV_SECRET`, or the worker, for a guest. Any other issuer has public keys. */
export const DEV_ISSUER = "coterie-dev";
export const GUEST_ISSUER = "coterie-guest";

/** No token counts for longer than this, in seconds, from when it was issued. */
export const MAX_LIFE_S: number = 24 * 60 * 60;
/** The clocks of two machines may differ by this much, in seconds. */
export const LEEWAY_S = 60;
/** The most patterns in a token, and the longest id of one, in characters. */
export const MAX_GRANTS = 32;
export const MAX_TOKEN_ID = 128;
/** The shortest secret that tokens may be signed with, in characters. */
export const LEAST_SECRET = 32;

export interface TokenContent {
  readonly issuer: string;
  readonly audience: string;
  readonly user: User;
  readonly rooms: Grants;
  /** From now on, in seconds. */
  readonly lifeSeconds: number;
  /** Its `jti`. Default: a random one. */
  readonly id?: string;
}

/** A signed token: with a secret's bytes, or with a private key of the algorithm and name that `header` says. */
export function sign(
  { issuer, audience, user, rooms, lifeSeconds, id = crypto.randomUUID() }: TokenContent,
  key: Uint8Array | CryptoKey,
  header: { readonly alg: string; readonly kid?: string } = { alg: "HS256" },
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ rooms, ...(user.name !== undefined && { info: { name: user.name } }) })
    .setProtectedHeader({ ...header, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(user.id)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(lifeSeconds))
    .setJti(id)
    .sign(key);
}
