/**
 * `coterie/auth`: tokens from your own backend. It knows who its users are and what they may do; it says so in a signed
 * token, which the worker verifies with the public key. Runs in Node ≥ 20, in Workers, and wherever Web Crypto is.
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { MAX_USER_ID } from "../../shared/protocol/limits.ts";
import {
  AUDIENCE,
  DEV_ISSUER,
  LEAST_SECRET,
  MAX_GRANTS,
  MAX_LIFE_S,
  MAX_TOKEN_ID,
  sign,
  type Grants,
  type TokenScope,
} from "./token.ts";

export type { TokenScope } from "./token.ts";

export interface TokenOptions {
  /**
   * What it is signed with: a private key as a JWK (object or JSON; `makeKeys()` makes one), of type EC P-256 (ES256), OKP
   * Ed25519 (EdDSA) or RSA (RS256), with a `kid`. Or the text of `DEV_SECRET`, for development.
   */
  key: JWK | string;
  /** The worker's `TOKEN_ISSUER`. Default with `DEV_SECRET`: "coterie-dev". */
  issuer?: string;
  /** The worker's `TOKEN_AUDIENCE`. Default "coterie". */
  audience?: string;
  /** `id`: 1 to 128 characters, which stay the same for a user. `name`: what others see, if anything. */
  user: { readonly id: string; readonly name?: string };
  /**
   * Room pattern → what is allowed in rooms that match, at most 32: "puzzle:castle" is room "castle" of party "puzzle",
   * "puzzle:team:*" all whose id begins with "team:", "puzzle:*" all of the party. Nothing matches: nothing is allowed.
   */
  rooms: Readonly<Record<string, readonly TokenScope[]>>;
  /** For how long, in seconds: 1 to 86,400. Default 600; the SDK asks for another in time. */
  expiresInSeconds?: number;
  /** Names this token, so that it can be revoked: 1 to 128 characters. Default: a random one. */
  id?: string;
}

const DEFAULT_S = 600;

/** A signed token. Throws a RangeError or TypeError that says what was given where it would not be accepted. */
export async function signToken({
  key,
  issuer,
  audience = AUDIENCE,
  user,
  rooms,
  expiresInSeconds: lifeSeconds = DEFAULT_S,
  id,
}: TokenOptions): Promise<string> {
  if (!(lifeSeconds >= 1 && lifeSeconds <= MAX_LIFE_S))
    throw new RangeError(`expiresInSeconds: ${lifeSeconds}, expected 1 to ${MAX_LIFE_S}`);
  checkLength("user.id", user.id, MAX_USER_ID);
  if (id !== undefined) checkLength("id", id, MAX_TOKEN_ID);
  const grants: Grants = Object.entries(rooms);
  if (grants.length > MAX_GRANTS) throw new RangeError(`rooms: ${grants.length} patterns, expected at most ${MAX_GRANTS}`);
  for (const [pattern] of grants)
    if (pattern.slice(0, -1).includes("*") || (pattern.endsWith("*") && !pattern.endsWith(":*")))
      throw new RangeError(`rooms: "${pattern}", expected "*" only as the last segment`);
  const jwk = typeof key === "string" ? jwkOf(key) : key;
  if (jwk && issuer === undefined) throw new TypeError("issuer: expected the worker's TOKEN_ISSUER");
  const content = { issuer: issuer ?? DEV_ISSUER, audience, user, rooms: grants, lifeSeconds, ...(id !== undefined && { id }) };
  if (!jwk) return sign(content, secretOf(key as string));
  const header = headerOf(jwk);
  return sign(content, await importJWK(jwk, header.alg), header);
}

function checkLength(name: string, { length }: string, most: number): void {
  if (length === 0 || length > most) throw new RangeError(`${name}: ${length} characters, expected 1 to ${most}`);
}

/**
 * A new pair of keys. `privateKey` goes into your backend's secrets; `jwks`, as JSON, to the worker's `JWKS`, or to an address
 * that its `JWKS_URL` names. While keys change, both the old and the new stand in the set.
 */
export async function makeKeys(alg: "ES256" | "EdDSA" | "RS256" = "ES256"): Promise<{ privateKey: JWK; jwks: { keys: JWK[] } }> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const [secret, open] = [await exportJWK(pair.privateKey), await exportJWK(pair.publicKey)];
  const kid = await calculateJwkThumbprint(open);
  return { privateKey: { ...secret, kid, alg }, jwks: { keys: [{ ...open, kid, alg, use: "sig" }] } };
}

/** Text is a JWK in JSON, or else a secret. */
function jwkOf(text: string): JWK | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as JWK;
  } catch {
    throw new TypeError("key: expected a private JWK as JSON, or the text of DEV_SECRET"); // not said what was there
  }
}

function headerOf({ kty, crv, kid, d }: JWK): { alg: string; kid: string } {
  const alg =
    kty === "EC" && crv === "P-256"
      ? "ES256"
      : kty === "OKP" && crv === "Ed25519"
        ? "EdDSA"
        : kty === "RSA"
          ? "RS256"
          : undefined;
  if (!alg) throw new TypeError(`key: ${kty} ${crv ?? ""}, expected EC P-256, OKP Ed25519 or RSA`);
  if (d === undefined) throw new TypeError("key: a public one, expected the private one");
  if (kid === undefined || kid === "") throw new TypeError("key: no kid, by which the worker finds the public one");
  return { alg, kid };
}

function secretOf(text: string): Uint8Array {
  if (text.length < LEAST_SECRET) throw new RangeError(`key: ${text.length} characters, expected at least ${LEAST_SECRET}`);
  return new TextEncoder().encode(text);
}
