/** The edge: who gets in, who is told what, and that nobody else ever reaches a room. */
import { evictDurableObject, listDurableObjectIds } from "cloudflare:test";
import { SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { Board, Unbound } from "./entry.ts";
import { boardRoom } from "../kit/board-game.ts";
import { clientOf, closed, env, fetchWorker, guest, ORIGIN, SUBPROTOCOL, upgrade } from "./harness.ts";

const SECRET = new TextEncoder().encode("a secret for tests only, long enough");

/** A token with everything right, but for what is changed. */
function token(
  change: {
    claims?: Record<string, unknown>;
    without?: string;
    expires?: string | number;
    notBefore?: string;
    secret?: Uint8Array;
    header?: object;
  } = {},
): Promise<string> {
  const claims: Record<string, unknown> = {
    sub: "ann",
    jti: "1",
    iss: "coterie-dev",
    aud: "coterie",
    rooms: [["board:*", ["read", "write"]]],
    ...change.claims,
  };
  if (change.without) delete claims[change.without];
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: "HS256", ...change.header });
  if (change.without !== "iat") jwt.setIssuedAt();
  if (change.without !== "exp") jwt.setExpirationTime(change.expires ?? "5 minutes");
  if (change.notBefore) jwt.setNotBefore(change.notBefore);
  return jwt.sign(change.secret ?? SECRET);
}

const join = async (
  jwt: string | undefined,
  room = "edge",
  headers: Record<string, string> = {},
): Promise<{ code: number; reason: string }> =>
  closed(await upgrade(`/parties/board/${room}`, [SUBPROTOCOL, ...(jwt === undefined ? [] : [`auth.${jwt}`])], headers));

test("a token that is missing, forged, foreign, early, late or not whole closes 4401, and no room is touched", async () => {
  const before = (await listDurableObjectIds(env.BOARD)).length;
  const good = await token();
  const [head, body, signature] = good.split(".");
  const bad: Record<string, string | undefined> = {
    missing: undefined,
    empty: "",
    "not a token": "hello",
    "alg none": new UnsecuredJWT({ sub: "ann", rooms: [["board:*", ["write"]]] })
      .setIssuedAt()
      .setIssuer("coterie-dev")
      .setAudience("coterie")
      .setExpirationTime("5 minutes")
      .encode(),
    "no signature": `${head}.${body}.`,
    "changed body": `${head}.${btoa(atob(body!).replace("ann", "bob")).replaceAll("=", "")}.${signature}`,
    "other key": await token({ secret: new TextEncoder().encode("another secret that is long enough too") }),
    expired: await token({ expires: Math.floor(Date.now() / 1000) - 120 }),
    "not yet": await token({ notBefore: "10 minutes" }),
    "wrong audience": await token({ claims: { aud: "elsewhere" } }),
    "wrong issuer": await token({ claims: { iss: "elsewhere" } }),
    "no subject": await token({ without: "sub" }),
    "no expiry": await token({ without: "exp" }),
    "no issue time": await token({ without: "iat" }),
    "no id": await token({ without: "jti" }),
    "no rooms": await token({ without: "rooms" }),
    "rooms of the wrong shape": await token({ claims: { rooms: { "board:*": ["write"] } } }),
    "a subject too long": await token({ claims: { sub: "x".repeat(129) } }),
  };
  const answers = await Promise.all(Object.entries(bad).map(async ([name, jwt]) => [name, await join(jwt)] as const));
  expect(Object.fromEntries(answers)).toEqual(
    Object.fromEntries(Object.keys(bad).map((name) => [name, { code: 4401, reason: "the token is missing, bad or expired" }])),
  );
  expect(await listDurableObjectIds(env.BOARD)).toHaveLength(before);
});

test("a token opens the rooms its patterns name and no others, absent or not", async () => {
  const elsewhere = { code: 4403, reason: "the token does not allow this room" };
  const forRooms = (rooms: unknown) => token({ claims: { rooms } });
  expect(await join(await forRooms([["puzzle:*", ["write"]]]))).toEqual(elsewhere);
  expect(await join(await forRooms([["board:edg*", ["write"]]]))).toEqual(elsewhere); // never a part of a segment
  expect(await join(await forRooms([["board:*:x", ["write"]]]), "edge:x")).toEqual(elsewhere); // only as the last segment
  expect(await join(await forRooms([["board", ["write"]]]))).toEqual(elsewhere);
  expect(await join(await forRooms([["*", ["write"]]]))).toEqual(elsewhere);
  expect(await join(await forRooms([["board:edge", ["no-such-scope"]]]))).toEqual(elsewhere);
  const inside = await upgrade("/parties/board/acme:design:1", [
    SUBPROTOCOL,
    `auth.${await forRooms([["board:acme:*", ["read"]]])}`,
  ]);
  inside.close(1000, "");
});

test("an origin that is not the worker's own and not listed is refused, however like it", async () => {
  const jwt = await token();
  for (const origin of [
    "http://localhost:9999",
    "http://localhost",
    "https://localhost:8787",
    "http://localhost:8787.evil.example",
    "http://evil.example",
    "null",
    "http://LOCALHOST:8787",
  ])
    expect([origin, await join(jwt, "edge", { origin })]).toEqual([
      origin,
      { code: 4403, reason: "this origin may not connect" },
    ]);
  const own = await upgrade("/parties/board/edge", [SUBPROTOCOL, `auth.${jwt}`], { origin: ORIGIN });
  own.close(1000, "");
});

test("a party or a room id that cannot be is 4404, and only what is a room gets a name", async () => {
  const jwt = await token();
  for (const path of [
    "/parties/nowhere/edge",
    "/parties/constructor/edge",
    "/parties/board/a b",
    "/parties/board/a:b:c:d:e",
    `/parties/board/${"x".repeat(33)}`,
    "/parties/board/a%00b",
  ])
    expect([path, await closed(await upgrade(path, [SUBPROTOCOL, `auth.${jwt}`]))]).toEqual([
      path,
      { code: 4404, reason: "not-found" },
    ]);
});

test("a room whose class is not bound answers 500 with the lines that are missing from wrangler.toml", async () => {
  const response = await fetchWorker("/parties/not-bound/room", { headers: { upgrade: "websocket" } });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).toContain('[[durable_objects.bindings]]\nname = "NOT_BOUND"\nclass_name = "Unbound"');
  expect(text).toContain('new_sqlite_classes = ["Unbound"]');
  expect(Unbound.binding).toBe("NOT_BOUND");
});

test("headers that only the edge may set do not pass", async () => {
  const facts = encodeURIComponent(
    JSON.stringify({ user: { id: "root" }, scopes: ["admin", "write", "create"], expiresAt: 9e15 }),
  );
  expect(await join(undefined, "edge", { "x-coterie-facts": facts })).toMatchObject({ code: 4401 });
});

test("the answer names the protocol and never the token", async () => {
  const jwt = await token();
  const response = await fetchWorker("/parties/board/edge", {
    headers: { upgrade: "websocket", "sec-websocket-protocol": `${SUBPROTOCOL}, auth.${jwt}` },
  });
  response.webSocket!.accept();
  response.webSocket!.close(1000, "");
  expect([...response.headers].flat().join()).not.toContain(jwt);
  expect(response.headers.get("sec-websocket-protocol")).toBe(SUBPROTOCOL);
});

test("without a key that counts the worker refuses to serve, and says what to set", async () => {
  const serve = routes({ rooms: { board: Board }, guests: true, origins: [] });
  const ask = async (url: string, vars: object): Promise<[number, string]> => {
    const response = await serve(new Request(url, { method: "POST", body: "{}" }), { ...vars });
    return [response.status, await response.text()];
  };
  const secret = { DEV_SECRET: "x".repeat(32) };
  for (const [url, vars, says] of [
    ["http://localhost/auth/guest", {}, "set DEV_SECRET"],
    ["http://localhost/auth/guest", { ENV: "dev", DEV_SECRET: "short" }, "at least 32 characters"],
    ["http://localhost/auth/guest", secret, "counts only with ENV=dev"],
    ["https://example.com/auth/guest", { ...secret, ENV: "dev" }, "and on localhost"],
    ["https://localhost.example.com/auth/guest", { ...secret, ENV: "dev" }, "and on localhost"],
  ] as const) {
    const [status, body] = await ask(url, vars);
    expect([status, body]).toEqual([500, expect.stringContaining(says)]);
  }
  expect((await ask("http://127.0.0.1:8787/auth/guest", { ...secret, ENV: "dev" }))[0]).toBe(200);
});

test("a guest gets a new user each time, stays the same with an old token, and can only narrow what guests may do", async () => {
  const ask = async (body: unknown, authorization?: string) => {
    const response = await fetchWorker("/auth/guest", {
      method: "POST",
      body: JSON.stringify(body),
      ...(authorization && { headers: { authorization: `Bearer ${authorization}` } }),
    });
    return {
      status: response.status,
      body: (await response.json()) as { token: string; user: { id: string; name?: string }; expiresAt: number },
    };
  };
  const first = await ask({ name: "Ann" });
  const second = await ask({ name: "Ann" });
  expect(first.body.user.id).not.toBe(second.body.user.id);
  const renewed = await ask({ name: "Anna" }, first.body.token);
  expect(renewed.body.user).toEqual({ id: first.body.user.id, name: "Anna" });
  const claims = (jwt: string) => JSON.parse(atob(jwt.split(".")[1]!)) as { rooms: [string, string[]][] };
  expect(claims((await ask({ scopes: ["read", "admin"] })).body.token).rooms).toEqual([
    ["board:*", ["read"]],
    ["puzzle:*", ["read"]],
    ["notes:*", ["read"]],
    ["not-bound:*", ["read"]],
    ["match:*", ["read"]],
  ]);
  for (const bad of ["text", null, { name: 7 }, { name: "x".repeat(65) }, { scopes: "all" }])
    expect((await ask(bad)).status).toBe(400);
});

test("a guest without the scope to create cannot, by joining or by the lobby", async () => {
  const jwt = await guest("eve", ["read", "write", "presence"]);
  const response = await fetchWorker("/lobby/board", {
    method: "POST",
    headers: { authorization: `Bearer ${jwt}` },
    body: JSON.stringify({ params: { pieces: 3 } }),
  });
  expect(response.status).toBe(403);
  expect((await fetchWorker("/lobby/board", { method: "POST", body: "{}" })).status).toBe(401);
});

test("inspecting a room takes the scope admin there, and shows what it did and why it woke", async () => {
  const ask = async (rooms: unknown, room = "inspected") => {
    const headers = { authorization: `Bearer ${await token({ claims: { rooms } })}` };
    return fetchWorker(`/parties/board/${room}/inspect`, { headers });
  };
  expect((await fetchWorker("/parties/board/inspected/inspect")).status).toBe(401);
  expect((await ask([["board:*", ["write", "create"]]])).status).toBe(403);
  expect((await ask([["board:other", ["admin"]]])).status).toBe(403);
  const admin = [["board:*", ["admin"]]];
  expect(await (await ask(admin, "never-made")).json()).toMatchObject({
    room: "board",
    content: "absent",
    seq: 0,
    connections: [],
  });

  const room = clientOf("ann").join(boardRoom, "inspected", { presence: { cursor: null, mood: "" }, create: { pieces: 3 } });
  await room.ready;
  await room.do.add({ n: 1 });
  type Seen = {
    seq: number;
    life: number;
    wakes: object;
    connections: object[];
    counters: { rows: number; framesIn: number; framesOut: number };
  };
  const awake = await (await ask(admin)).json<Seen>();
  expect(awake).toMatchObject({
    content: "open",
    seq: 2,
    wakes: {},
    connections: [{ stage: "open", me: 1 }],
    counters: { rows: 2, framesIn: 2 },
  });
  await evictDurableObject(env.BOARD.getByName("inspected"));
  const woken = await (await ask(admin)).json<Seen>();
  expect(woken.life).not.toBe(awake.life);
  expect(woken).toMatchObject({ seq: 2, wakes: { inspect: 1 }, connections: [{ stage: "open", me: 1 }] });
  await evictDurableObject(env.BOARD.getByName("inspected"));
  await room.do.add({ n: 1 });
  expect((await (await ask(admin)).json<Seen>()).wakes).toEqual({ inspect: 1, message: 1 });
});

test("health needs no key, and what is nowhere is a problem document", async () => {
  expect(await (await fetchWorker("/healthz")).json()).toEqual({ status: "ok", version: "0.1.0" });
  const missing = await fetchWorker("/nowhere");
  expect([missing.status, missing.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  expect((await fetchWorker("/parties/board/edge")).status).toBe(401);
});
