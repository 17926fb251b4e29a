/**
 * What tokens are verified with. Three kinds of keys, each for tokens of its own issuer: the public keys of the
 * developer's backend (`JWKS_URL`, or `JWKS` as they are); the worker's own secret for guests (`GUEST_SECRET`); and
 * `DEV_SECRET`, which anyone who can read the project knows, and which therefore counts only in development on this machine.
 */
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from "jose";
import { AUDIENCE, DEV_ISSUER, GUEST_ISSUER, LEAST_SECRET, LEEWAY_S, MAX_LIFE_S } from "../auth/token.ts";
import { RemoteKeys } from "./jwks.ts";

/** Whose signature counts: each key is of one kind, and verifies nothing else. */
const ALGORITHMS = ["ES256", "EdDSA", "Ed25519", "RS256"];
const MAX_TOKEN_LENGTH = 8192;
const MAX_KEY_ID = 128;

export interface KeysEnv {
  readonly ENV?: unknown;
  readonly DEV_SECRET?: unknown;
  readonly GUEST_SECRET?: unknown;
  /** Where the public keys are: an https address. */
  readonly JWKS_URL?: unknown;
  /** Or the public keys themselves: a JWK set, as JSON. */
  readonly JWKS?: unknown;
  /** The `iss` of tokens that those keys sign. */
  readonly TOKEN_ISSUER?: unknown;
  /** The `aud` of all tokens. Default "coterie". */
  readonly TOKEN_AUDIENCE?: unknown;
}

export interface Keyring {
  /** Throws a jose error where the token is not one of ours, not now, or not whole, and KeysUnavailable where that cannot be known. */
  verify(token: string, leewaySeconds?: number): Promise<JWTPayload>;
  /** What guests' tokens are signed with; undefined: there are no guests. */
  readonly guests: Secret | undefined;
}

export interface Secret {
  readonly issuer: string;
  readonly audience: string;
  readonly bytes: Uint8Array;
}

/** Public keys by where they came from, their address or their own text: they outlive the request that fetched or read them. */
export type KnownSets = Map<string, JWTVerifyGetKey>;

/** The keys of this worker, or why it must not serve. */
export function keysOf(env: KeysEnv, host: string, known: KnownSets): Keyring | string {
  const { ENV, DEV_SECRET, GUEST_SECRET, TOKEN_AUDIENCE } = env;
  const audience = typeof TOKEN_AUDIENCE === "string" && TOKEN_AUDIENCE !== "" ? TOKEN_AUDIENCE : AUDIENCE;
  const published = publicKeys(env, isLoopback(host), known);
  if (typeof published === "string") return published;
  const secrets: Secret[] = [];
  for (const [name, value, issuer] of [
    ["DEV_SECRET", DEV_SECRET, DEV_ISSUER],
    ["GUEST_SECRET", GUEST_SECRET, GUEST_ISSUER],
  ] as const) {
    if (value === undefined) continue;
    if (typeof value !== "string" || value.length < LEAST_SECRET) return `${name}: expected at least ${LEAST_SECRET} characters`;
    if (name === "DEV_SECRET" && (ENV !== "dev" || !isLoopback(host))) {
      if (published) continue; // left over from development, and of no effect
      return "DEV_SECRET counts only with ENV=dev and on localhost: anywhere else it would let everyone in; set JWKS_URL and TOKEN_ISSUER";
    }
    secrets.push({ issuer, audience, bytes: new TextEncoder().encode(value) });
  }
  if (secrets.length === 0 && !published)
    return "no key to verify tokens with: set DEV_SECRET (at least 32 characters) and ENV=dev in .dev.vars; in production JWKS_URL and TOKEN_ISSUER, and GUEST_SECRET for guests";
  return {
    guests: secrets.findLast(({ issuer }) => issuer === GUEST_ISSUER) ?? secrets[0],
    verify: (token, leewaySeconds = LEEWAY_S) => verify(token, secrets, published, audience, leewaySeconds),
  };
}

interface Published {
  readonly issuer: string;
  readonly key: JWTVerifyGetKey;
}

function publicKeys(
  { ENV, JWKS_URL, JWKS, TOKEN_ISSUER }: KeysEnv,
  local: boolean,
  known: KnownSets,
): Published | undefined | string {
  if (JWKS_URL === undefined && JWKS === undefined) return undefined;
  if (typeof TOKEN_ISSUER !== "string" || TOKEN_ISSUER === "" || TOKEN_ISSUER === DEV_ISSUER || TOKEN_ISSUER === GUEST_ISSUER)
    return "TOKEN_ISSUER: expected the `iss` of the tokens that are signed with the keys of JWKS_URL or JWKS";
  if (typeof JWKS_URL === "string") {
    if (!JWKS_URL.startsWith("https://") && !(ENV === "dev" && local))
      return "JWKS_URL: expected an address that begins with https://";
    const key = known.get(JWKS_URL) ?? new RemoteKeys(JWKS_URL).key;
    known.set(JWKS_URL, key);
    return { issuer: TOKEN_ISSUER, key };
  }
  try {
    const text = String(JWKS);
    const key = known.get(text) ?? createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
    known.set(text, key);
    return { issuer: TOKEN_ISSUER, key };
  } catch {
    return 'JWKS: expected a JWK set as JSON, { "keys": [ … ] }'; // not said what was there: it may be a private one
  }
}

async function verify(
  token: string,
  secrets: readonly Secret[],
  published: Published | undefined,
  audience: string,
  clockTolerance: number,
): Promise<JWTPayload> {
  if (token.length > MAX_TOKEN_LENGTH)
    throw new TypeError(`a token of ${token.length} characters, expected at most ${MAX_TOKEN_LENGTH}`);
  const options = {
    audience,
    requiredClaims: ["sub", "exp", "iat", "jti", "rooms"],
    clockTolerance,
    maxTokenAge: MAX_LIFE_S,
  };
  const { alg, kid, typ } = decodeProtectedHeader(token);
  if (typ !== undefined && typ.toUpperCase() !== "JWT") throw new TypeError("a token of another type");
  // What a token says of itself only chooses by which kind of key it is looked at: a secret is never a public key.
  if (alg === "HS256") {
    const { iss } = decodeJwt(token);
    const secret = secrets.find(({ issuer }) => issuer === iss);
    if (!secret) throw new TypeError("a token of an issuer that has no secret here");
    return (await jwtVerify(token, secret.bytes, { ...options, issuer: secret.issuer, algorithms: ["HS256"] })).payload;
  }
  if (!published || typeof kid !== "string" || kid.length > MAX_KEY_ID)
    throw new TypeError("a token of no key that is known here");
  return (await jwtVerify(token, published.key, { ...options, issuer: published.issuer, algorithms: ALGORITHMS })).payload;
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
