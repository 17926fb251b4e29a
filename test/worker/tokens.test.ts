/** Tokens signed by a backend's own keys, in the real worker: what opens a room, and everything that must not. */
import { listDurableObjectIds } from "cloudflare:test";
import { makeKeys, signToken } from "coterie/auth";
import { base64url, CompactSign, importJWK, SignJWT, UnsecuredJWT, type JWK } from "jose";
import { beforeAll, expect, test } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { Board } from "./entry.ts";
import { closed, env, SUBPROTOCOL } from "./harness.ts";

const ISSUER = "https://example.com";
const HOST = "https://rooms.example.com";
const DEV_SECRET = "a secret for tests only, long enough";
type Keys = Awaited<ReturnType<typeof makeKeys>>;

let ec: Keys, ed: Keys, rsa: Keys, foreign: Keys;
let vars: Record<string, unknown>;
beforeAll(async () => {
  [ec, ed, rsa, foreign] = (await Promise.all((["ES256", "EdDSA", "RS256", "ES256"] as const).map(makeKeys))) as [
    Keys,
    Keys,
    Keys,
    Keys,
  ];
  const keys = [ec, ed, rsa].flatMap(({ jwks }) => jwks.keys);
  // Left over from development: of no effect here.
  vars = { BOARD: env.BOARD, JWKS: JSON.stringify({ keys }), TOKEN_ISSUER: ISSUER, ENV: "dev", DEV_SECRET };
});

const serve = routes({ rooms: { board: Board }, guests: false, origins: [] });

async function join(jwt: string, room: string): Promise<{ code: number; reason: string } | "in"> {
  const headers = { upgrade: "websocket", "sec-websocket-protocol": `${SUBPROTOCOL}, auth.${jwt}` };
  const { webSocket: socket } = await serve(new Request(`${HOST}/parties/board/${room}`, { headers }), vars);
  if (!socket) throw new Error("no socket");
  const end = closed(socket);
  socket.accept();
  const silent = new Promise<"in">((resolve) => setTimeout(() => resolve("in"), 50)); // a room waits for a hello
  const came = await Promise.race([end, silent]);
  if (came === "in") socket.close(1000, "");
  return came;
}

const good = (key: JWK): Promise<string> =>
  signToken({ key, issuer: ISSUER, user: { id: "ann" }, rooms: { "board:*": ["write"] } });

/** A token with everything right, but for what is changed. */
async function changed(
  keys: Keys,
  {
    header,
    claims,
    without,
    expires,
    notBefore,
  }: { header?: object; claims?: object; without?: string; expires?: number; notBefore?: string } = {},
): Promise<string> {
  const alg = String(keys.privateKey.alg);
  const all: Record<string, unknown> = {
    sub: "ann",
    jti: "1",
    iss: ISSUER,
    aud: "coterie",
    rooms: [["board:*", ["write"]]],
    ...claims,
  };
  if (without) delete all[without];
  const jwt = new SignJWT(all).setProtectedHeader({ alg, kid: String(keys.privateKey.kid), typ: "JWT", ...header });
  if (without !== "iat" && !("iat" in all)) jwt.setIssuedAt();
  if (without !== "exp") jwt.setExpirationTime(expires ?? "5 minutes");
  if (notBefore) jwt.setNotBefore(notBefore);
  return jwt.sign(await importJWK(keys.privateKey, alg), header && "crit" in header ? { crit: { "x-new": true } } : undefined);
}

const seconds = (): number => Math.floor(Date.now() / 1000);

test("tokens of each kind of key open a room", async () => {
  for (const [n, { privateKey }] of [ec, ed, rsa].entries()) expect(await join(await good(privateKey), `kind-${n}`)).toBe("in");
});

test("everything else is refused with the same words, and no room is touched", async () => {
  const before = (await listDurableObjectIds(env.BOARD)).length;
  const [head, body, signature] = (await good(ec.privateKey)).split(".");
  const signed = async (secret: Uint8Array, header: object): Promise<string> =>
    new CompactSign(base64url.decode(body!)).setProtectedHeader({ alg: "HS256", ...header }).sign(secret);
  const headed = (header: object): string => `${base64url.encode(JSON.stringify(header))}.${body}.${signature}`;
  const { jwks } = rsa;
  const { kid } = rsa.privateKey;
  const bad: Record<string, string> = {
    "alg none": new UnsecuredJWT({ sub: "ann", jti: "1", rooms: [["board:*", ["write"]]] })
      .setIssuedAt()
      .setIssuer(ISSUER)
      .setAudience("coterie")
      .setExpirationTime("5 minutes")
      .encode(),
    "alg None": headed({ alg: "None", kid: ec.privateKey.kid, typ: "JWT" }),
    "no alg": headed({ kid: ec.privateKey.kid, typ: "JWT" }),
    "no kid": headed({ alg: "ES256", typ: "JWT" }),
    "a kid too long": headed({ alg: "ES256", kid: "k".repeat(129), typ: "JWT" }),
    "a foreign kid": await good(foreign.privateKey),
    "a foreign key under a known kid": await good({ ...foreign.privateKey, kid: String(ec.privateKey.kid) }),
    "a key of another kind under a known kid": await good({ ...ed.privateKey, kid: String(ec.privateKey.kid) }),
    "signed with a public key as a secret": await signed(new TextEncoder().encode(JSON.stringify(jwks.keys[0])), { kid }),
    "signed with the modulus as a secret": await signed(base64url.decode(String(jwks.keys[0]!.n)), { kid }),
    "signed with the secret of development": await signToken({
      key: DEV_SECRET,
      user: { id: "ann" },
      rooms: { "board:*": ["write"] },
    }),
    "signed with it, by the issuer's name": await signToken({
      key: DEV_SECRET,
      issuer: ISSUER,
      user: { id: "ann" },
      rooms: { "board:*": ["write"] },
    }),
    "bringing its own key": await changed(foreign, { header: { kid: undefined, jwk: foreign.jwks.keys[0] } }),
    "bringing its own key, under a known kid": await changed(foreign, {
      header: { kid: ec.privateKey.kid, jwk: foreign.jwks.keys[0] },
    }),
    "saying where its key is": await changed(foreign, { header: { jku: "https://evil.example/keys" } }),
    "saying where its certificate is": await changed(foreign, { header: { x5u: "https://evil.example/cert" } }),
    "with a header that must be understood": await changed(ec, { header: { crit: ["x-new"], "x-new": 1 } }),
    "of another type": await changed(ec, { header: { typ: "at+jwt" } }),
    expired: await changed(ec, { expires: seconds() - 120 }),
    "not yet": await changed(ec, { notBefore: "10 minutes" }),
    "issued in the future": await changed(ec, { claims: { iat: seconds() + 600 } }),
    "issued too long ago": await changed(ec, { claims: { iat: seconds() - 90_000 } }),
    "wrong audience": await changed(ec, { claims: { aud: "elsewhere" } }),
    "wrong issuer": await changed(ec, { claims: { iss: "https://evil.example" } }),
    "the issuer of development": await changed(ec, { claims: { iss: "coterie-dev" } }),
    "the issuer of guests": await changed(ec, { claims: { iss: "coterie-guest" } }),
    "a changed body": `${head}.${base64url.encode(new TextDecoder().decode(base64url.decode(body!)).replace("ann", "bob"))}.${signature}`,
    "no signature": `${head}.${body}.`,
    "too long": `${await good(ec.privateKey)}${"x".repeat(9000)}`,
    "more than 32 patterns": await changed(ec, { claims: { rooms: Array.from({ length: 33 }, () => ["board:*", ["write"]]) } }),
    "an id too long": await changed(ec, { claims: { jti: "j".repeat(129) } }),
  };
  for (const claim of ["sub", "aud", "iss", "iat", "exp", "jti", "rooms"])
    bad[`no ${claim}`] = await changed(ec, { without: claim });
  const answers = await Promise.all(Object.entries(bad).map(async ([name, jwt]) => [name, await join(jwt, "shut")] as const));
  expect(Object.fromEntries(answers)).toEqual(
    Object.fromEntries(Object.keys(bad).map((name) => [name, { code: 4401, reason: "the token is missing, bad or expired" }])),
  );
  expect(await listDurableObjectIds(env.BOARD)).toHaveLength(before);
});

test("while there are no keys nobody's token is called bad: a socket is told to come back, a request too", async () => {
  const gone = { ...vars, JWKS: undefined, JWKS_URL: "https://keys.invalid/set" };
  const authorization = `Bearer ${await good(ec.privateKey)}`;
  const { status } = await serve(new Request(`${HOST}/parties/board/r/inspect`, { headers: { authorization } }), gone);
  expect(status).toBe(503);
  const upgrade = new Request(`${HOST}/parties/board/r`, { headers: { authorization, upgrade: "websocket" } });
  const { webSocket: socket } = await serve(upgrade, gone);
  const end = closed(socket!);
  socket!.accept();
  expect(await end).toEqual({ code: 4503, reason: "tokens cannot be verified now" });
});
