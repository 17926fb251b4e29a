/** Keys from elsewhere: fetched from a real server of keys on this machine, which is slow, wrong, gone, and counted. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { makeKeys, signToken } from "coterie/auth";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KeysUnavailable, RemoteKeys } from "../../server/edge/jwks.ts";
import { keysOf, type Keyring, type KnownSets } from "../../server/edge/keys.ts";
import { jwtVerify } from "jose";

const ISSUER = "https://example.com";
const MINUTE = 60_000;

let now = 0;
let asked = 0;
let answer: (response: ServerResponse) => void;
const server = createServer((_request, response) => {
  asked++;
  answer(response);
});
beforeEach(async () => {
  [now, asked] = [0, 0];
  vi.spyOn(console, "error").mockImplementation(() => {}); // that keys cannot be fetched is said there
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  vi.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
const says = (body: unknown, status = 200) => (answer = (response) => response.writeHead(status).end(JSON.stringify(body)));
const remote = (): RemoteKeys => new RemoteKeys(address(), () => now);
const token = (key: Awaited<ReturnType<typeof makeKeys>>["privateKey"]): Promise<string> =>
  signToken({ key, issuer: ISSUER, user: { id: "ann" }, rooms: { "board:*": ["write"] } });
const holds = async (keys: RemoteKeys, jwt: string): Promise<boolean> =>
  jwtVerify(jwt, keys.key).then(
    () => true,
    (error: unknown) => {
      if (error instanceof KeysUnavailable) throw error;
      return false;
    },
  );

describe("keys from an address", () => {
  test("are fetched once, and again after ten minutes", async () => {
    const { privateKey, jwks } = await makeKeys();
    says(jwks);
    const keys = remote();
    const jwt = await token(privateKey);
    expect(await Promise.all(Array.from({ length: 20 }, () => holds(keys, jwt)))).toEqual(Array(20).fill(true));
    now += 9 * MINUTE;
    expect([await holds(keys, jwt), asked]).toEqual([true, 1]);
    now += 2 * MINUTE;
    expect([await holds(keys, jwt), asked]).toEqual([true, 2]);
  });

  test("change: a token of a key that is new is looked up, one of a key that has gone is refused", async () => {
    const [old, fresh] = [await makeKeys("ES256"), await makeKeys("EdDSA")];
    says(old.jwks);
    const keys = remote();
    expect(await holds(keys, await token(old.privateKey))).toBe(true);
    says({ keys: [...old.jwks.keys, ...fresh.jwks.keys] });
    now += MINUTE;
    expect([await holds(keys, await token(fresh.privateKey)), await holds(keys, await token(old.privateKey)), asked]).toEqual([
      true,
      true,
      2,
    ]);
    says(fresh.jwks);
    now += 11 * MINUTE;
    expect([await holds(keys, await token(old.privateKey)), await holds(keys, await token(fresh.privateKey))]).toEqual([
      false,
      true,
    ]);
  });

  test("10,000 tokens of key ids that somebody made up cause one request in half a minute", async () => {
    const { privateKey, jwks } = await makeKeys();
    says(jwks);
    const keys = remote();
    await holds(keys, await token(privateKey));
    now += MINUTE;
    const jwt = await token({ ...privateKey, kid: "made-up" });
    const [, body, signature] = jwt.split(".");
    for (let n = 0; n < 10_000; n++) {
      const head = Buffer.from(JSON.stringify({ alg: "ES256", kid: `key ${n}` })).toString("base64url");
      expect(await holds(keys, `${head}.${body}.${signature}`)).toBe(false);
    }
    expect(asked).toBe(2);
    now += 31_000;
    expect([await holds(keys, jwt), asked]).toEqual([false, 3]);
  });

  test("that cannot be had any more count for an hour, and then nobody's token is called bad", async () => {
    const { privateKey, jwks } = await makeKeys();
    says(jwks);
    const keys = remote();
    const jwt = await token(privateKey);
    await holds(keys, jwt);
    says({ error: "down" }, 503);
    for (let minutes = 0; minutes < 65; minutes += 5) {
      now += 5 * MINUTE;
      expect(await holds(keys, jwt)).toBe(true);
    }
    now += 10 * MINUTE;
    await expect(holds(keys, jwt)).rejects.toThrow(KeysUnavailable);
    says(jwks);
    now += MINUTE;
    expect(await holds(keys, jwt)).toBe(true);
  });

  // A Worker's request dies with its visitor, and what waits for it never hears: that cannot be had in Node, so a fetch that never ends stands for it.
  test("a request that died with its visitor holds nobody up for longer than one may take, and another is made", async () => {
    const { privateKey, jwks } = await makeKeys();
    const jwt = await token(privateKey);
    let requests = 0;
    const keys = new RemoteKeys(
      address(),
      () => now,
      (...request) => (++requests === 1 ? new Promise<Response>(() => {}) : fetch(...request)),
      500,
    );
    says(jwks);
    await expect(Promise.all([holds(keys, jwt), holds(keys, jwt)])).rejects.toThrow(KeysUnavailable);
    expect(requests).toBe(1);
    now += 5000;
    expect([await holds(keys, jwt), requests]).toEqual([true, 2]);
  });

  test("are not taken from where an address leads, nor when they are too long, nor when they are none", async () => {
    const { privateKey, jwks } = await makeKeys();
    const jwt = await token(privateKey);
    for (const wrong of [
      (response: ServerResponse) => response.writeHead(302, { location: "/elsewhere" }).end(),
      (response: ServerResponse) => response.end(JSON.stringify({ ...jwks, more: "x".repeat(70_000) })),
      (response: ServerResponse) => response.end("<html>"),
      (response: ServerResponse) => response.end(JSON.stringify({ keys: "none" })),
    ]) {
      asked = 0;
      answer = wrong;
      await expect(holds(remote(), jwt)).rejects.toThrow(KeysUnavailable);
      expect(asked).toBe(1);
    }
  });
});

describe("the keys of a worker", () => {
  const sets: KnownSets = new Map();
  const at = (env: object, host = "example.com"): Keyring | string => keysOf(env, host, sets);

  test("a production host needs keys that are nobody else's, and says which", async () => {
    const { jwks } = await makeKeys();
    const JWKS = JSON.stringify(jwks);
    const secret = "x".repeat(32);
    expect(at({})).toContain("in production JWKS_URL and TOKEN_ISSUER");
    expect(at({ ENV: "dev", DEV_SECRET: secret })).toContain("set JWKS_URL and TOKEN_ISSUER");
    expect(at({ JWKS })).toContain("TOKEN_ISSUER: expected");
    expect(at({ JWKS, TOKEN_ISSUER: "coterie-guest" })).toContain("TOKEN_ISSUER: expected");
    expect(at({ JWKS: "{", TOKEN_ISSUER: ISSUER })).toContain("JWKS: expected");
    expect(at({ JWKS_URL: "http://example.com/keys", TOKEN_ISSUER: ISSUER })).toContain("https://");
    expect(at({ JWKS, TOKEN_ISSUER: ISSUER, GUEST_SECRET: "short" })).toContain("GUEST_SECRET: expected at least 32");
    expect(at({ JWKS, TOKEN_ISSUER: ISSUER })).toMatchObject({ guests: undefined });
    expect(at({ JWKS, TOKEN_ISSUER: ISSUER, GUEST_SECRET: secret })).toMatchObject({ guests: { issuer: "coterie-guest" } });
    expect(at({ GUEST_SECRET: secret })).toMatchObject({ guests: { issuer: "coterie-guest" } });
  });

  test("what was left over from development opens nothing beside real keys on a production host", async () => {
    const { jwks } = await makeKeys();
    const DEV_SECRET = "a secret that everybody can read";
    const env = { ENV: "dev", DEV_SECRET, JWKS: JSON.stringify(jwks), TOKEN_ISSUER: ISSUER };
    const jwt = await signToken({ key: DEV_SECRET, user: { id: "eve" }, rooms: { "board:*": ["admin"] } });
    await expect((at(env) as Keyring).verify(jwt)).rejects.toThrow();
    expect(await (at(env, "localhost:8787") as Keyring).verify(jwt)).toMatchObject({ sub: "eve" });
  });
});

test("what a token says of itself makes nobody ask anywhere: its own keys, their addresses, a key id that none can be", async () => {
  const { privateKey, jwks } = await makeKeys();
  says(jwks);
  const keys = keysOf({ JWKS_URL: address(), TOKEN_ISSUER: ISSUER, ENV: "dev" }, "localhost", new Map()) as Keyring;
  const [, body, signature] = (await token(privateKey)).split(".");
  for (const header of [
    { alg: "none", kid: privateKey.kid },
    { alg: "RS512", kid: privateKey.kid },
    { alg: "HS256", kid: privateKey.kid },
    { alg: "ES256", jwk: jwks.keys[0] },
    { alg: "ES256", jku: address() },
    { alg: "ES256", x5u: address() },
    { alg: "ES256", x5c: ["MIIB"] },
    { alg: "ES256", kid: "k".repeat(129) },
    { alg: "ES256", kid: { toString: "x" } },
    { alg: "ES256", kid: privateKey.kid, typ: "at+jwt" },
  ]) {
    const head = Buffer.from(JSON.stringify(header)).toString("base64url");
    await expect(keys.verify(`${head}.${body}.${signature}`)).rejects.toThrow();
  }
  expect(asked).toBe(0);
  expect(await keys.verify(await token(privateKey))).toMatchObject({ sub: "ann" });
  expect(asked).toBe(1);
});

describe("signToken", () => {
  const rooms = { "board:*": ["write"] } as const;
  const user = { id: "ann" };

  test.each(["ES256", "EdDSA", "RS256"] as const)(
    "signs with a pair of %s, as JSON too, and the worker takes it",
    async (alg) => {
      const { privateKey, jwks } = await makeKeys(alg);
      const keys = keysOf({ JWKS: JSON.stringify(jwks), TOKEN_ISSUER: ISSUER }, "example.com", new Map()) as Keyring;
      for (const key of [privateKey, JSON.stringify(privateKey)]) {
        const payload = await keys.verify(
          await signToken({ key, issuer: ISSUER, user: { id: "ann", name: "Ann" }, rooms, id: "t1" }),
        );
        expect(payload).toMatchObject({
          sub: "ann",
          jti: "t1",
          aud: "coterie",
          info: { name: "Ann" },
          rooms: [["board:*", ["write"]]],
        });
        expect(payload.exp! - payload.iat!).toBe(600);
      }
    },
  );

  test("says what was given where the worker would not take it", async () => {
    const { privateKey, jwks } = await makeKeys();
    const { kid: _, ...nameless } = privateKey;
    const sign = (change: object) => signToken({ key: privateKey, issuer: ISSUER, user, rooms, ...change });
    await expect(sign({ issuer: undefined })).rejects.toThrow("issuer: expected");
    await expect(sign({ key: nameless })).rejects.toThrow("no kid");
    await expect(sign({ key: jwks.keys[0] })).rejects.toThrow("a public one");
    await expect(sign({ key: { kty: "oct", k: "x" } })).rejects.toThrow("expected EC P-256");
    await expect(sign({ key: "{" })).rejects.toThrow("expected a private JWK as JSON");
    await expect(sign({ key: "short" })).rejects.toThrow("5 characters, expected at least 32");
    await expect(sign({ expiresInSeconds: 100_000 })).rejects.toThrow("expected 1 to 86400");
    await expect(sign({ user: { id: "" } })).rejects.toThrow("user.id: 0 characters");
    await expect(sign({ rooms: { "board:x*": [] } })).rejects.toThrow("only as the last segment");
  });
});
