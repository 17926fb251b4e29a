/** A session's rights over HTTP, in the real worker: what each scope may ask, a token that is refreshed, one that is revoked. */
import { evictDurableObject, listDurableObjectIds } from "cloudflare:test";
import { signToken, type TokenScope } from "coterie/auth";
import { createClient } from "coterie/client";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { boardRoom } from "../kit/board-game.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { closed, env, environment, fetchWorker, ORIGIN, SUBPROTOCOL, until, upgrade } from "./harness.ts";

const KEY = "a secret for tests only, long enough";
const SCOPES = ["read", "presence", "write", "create", "import", "admin"] as const;

const token = (user: string, scopes: readonly TokenScope[], change: object = {}): Promise<string> =>
  signToken({ key: KEY, user: { id: user }, rooms: { "board:*": scopes, "notes:*": scopes }, ...change });

async function post(path: string, jwt: string, body: unknown = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetchWorker(`/parties/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${jwt}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** Every call of one room over HTTP, and the scopes that allow it. */
const CALLS: [method: string, path: string, allowed: readonly TokenScope[], body?: unknown][] = [
  ["GET", "", ["read", "write", "admin"]],
  ["GET", "?part=document&format=json", ["read", "write", "admin"]],
  ["PATCH", "/document", ["write"]],
  ["GET", "/versions", ["read", "write", "admin"]],
  ["POST", "/versions", ["write"], { name: "x" }],
  ["GET", "/versions/1", ["read", "write", "admin"]],
  ["DELETE", "/versions/1", ["write"]],
  ["POST", "/restore", ["write"], { version: 1 }],
  ["POST", "/refresh", ["read", "write", "admin"]],
  ["POST", "/revoke", ["admin"], { user: "nobody" }],
  ["GET", "/inspect", ["admin"]],
  ["GET", "/verify", ["admin"]],
  ["GET", "/export", ["admin"]],
  ["POST", "/repair", ["admin"]],
  ["DELETE", "", ["admin"]],
];

test("[P5] of every call, each scope alone may do what it names and nothing else; whoever may not touches no room", async () => {
  const before = (await listDurableObjectIds(env.NOTES)).length;
  for (const scope of SCOPES)
    for (const [method, path, allowed, body] of CALLS) {
      if (allowed.includes(scope)) continue;
      const response = await fetchWorker(`/parties/notes/scopes${path}`, {
        method,
        headers: { authorization: `Bearer ${await token("eve", [scope])}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect([scope, method, path, response.status]).toEqual([scope, method, path, 403]);
    }
  expect(await listDurableObjectIds(env.NOTES)).toHaveLength(before);
  for (const scope of SCOPES)
    for (const [method, path, allowed, body] of CALLS) {
      if (!allowed.includes(scope)) continue;
      const response = await fetchWorker(`/parties/notes/scopes${path}`, {
        method,
        headers: { authorization: `Bearer ${await token("ann", [scope])}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect([401, 403, 500]).not.toContain(response.status);
    }
});

test("what is forbidden and what is not there are answered alike, to the byte, and so is a party that is not", async () => {
  const jwt = await token("eve", ["presence"]);
  await post("notes/there", await token("ann", ["write", "create"]), {});
  const answers = await Promise.all(
    ["notes/there", "notes/never-made", "nowhere/room", "notes/not:a:room:id:at-all"].map(async (path) => {
      const response = await fetchWorker(`/parties/${path}/versions`, { headers: { authorization: `Bearer ${jwt}` } });
      return [response.status, [...response.headers].map(String).join(), await response.text()];
    }),
  );
  expect(new Set(answers.map(String)).size).toBe(1);
});

test("a refreshed socket lives on, in its own room alone, with no one else's token", async () => {
  const room = createClient({ host: ORIGIN, auth: () => token("ann", ["write", "presence", "create"]), environment }).join(
    boardRoom,
    "refreshed",
    { presence: { cursor: null, mood: "" }, create: { pieces: 3 } },
  );
  const statuses: string[] = [];
  room.on("status", (status) => statuses.push(status));
  await room.ready;
  const longer = await token("ann", ["write", "presence", "create"], { expiresInSeconds: 3000 });
  expect(await post("board/refreshed/refresh", longer)).toMatchObject({ status: 200, body: { connections: 1 } });
  expect(await post("board/refreshed/refresh", longer, { connection: 77 })).toMatchObject({ status: 404 });
  expect(await post("board/refreshed/refresh", longer, { connection: "one" })).toMatchObject({ status: 400 });
  expect(await post("board/refreshed/refresh", await token("ben", ["write"]))).toMatchObject({ status: 404 });
  await evictDurableObject(env.BOARD.getByName("refreshed"));
  await room.do.add({ n: 1 });
  expect(statuses).toEqual(["connected"]);
  room.destroy();
});

test("a token that allows less closes the socket, and the page comes back as one that may do less", async () => {
  let scopes: TokenScope[] = ["write", "presence", "create"];
  const reasons: string[] = [];
  const room = createClient({
    host: ORIGIN,
    auth: ({ reason }) => {
      reasons.push(reason);
      return token("ann", scopes);
    },
    environment,
  }).join(boardRoom, "narrowed", { presence: { cursor: null, mood: "" }, create: { pieces: 3 } });
  await room.ready;
  await room.do.add({ n: 1 });
  scopes = ["read"];
  await post("board/narrowed/refresh", await token("ann", scopes));
  await until(() => reasons.includes("renew") && room.status === "connected", "the page to come back");
  await expect(room.do.add({ n: 1 })).rejects.toMatchObject({ code: "forbidden" });
  room.destroy();
});

test("the SDK refreshes a token in time, and nothing breaks off", async () => {
  const reasons: string[] = [];
  const room = createClient({
    host: ORIGIN,
    auth: ({ reason }) => {
      reasons.push(reason);
      return token("ann", ["write", "presence", "create"], { expiresInSeconds: reason === "refresh" ? 600 : 2 });
    },
    environment,
  }).join(boardRoom, "kept", { presence: { cursor: null, mood: "" }, create: { pieces: 3 } });
  await room.ready;
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(reasons).toEqual(["connect", "refresh"]);
  expect(room.diagnostics().timeline.at(-1)!.what).toBe("the token was refreshed: the room answered 200");
  room.destroy();
});

test("a revoked user is out at once, awake or asleep, stays out, and may ask nothing over HTTP; others stay", async () => {
  const admin = await token("root", ["admin"]);
  const join = async (user: string): Promise<WebSocket> =>
    upgrade("/parties/board/revoked", [SUBPROTOCOL, `auth.${await token(user, ["write", "create"])}`]);
  const ann = createClient({ host: ORIGIN, auth: () => token("ann", ["write", "presence", "create"]), environment }).join(
    boardRoom,
    "revoked",
    { presence: { cursor: null, mood: "" }, create: { pieces: 3 } },
  );
  await ann.ready;
  const old = await token("eve", ["write", "create"]);
  const eve = await join("eve");
  const end = closed(eve);
  await evictDurableObject(env.BOARD.getByName("revoked"));
  expect(await post("board/revoked/revoke", admin, { user: "eve" })).toMatchObject({ status: 200, body: { connections: 1 } });
  expect(await end).toEqual({ code: 4410, reason: "the token was revoked" });
  expect(await post("board/revoked/refresh", old)).toMatchObject({ status: 403 });
  for (const bad of [{}, { user: "" }, { user: 7 }, { user: "a", token: "b" }, { token: "x".repeat(129) }])
    expect(await post("board/revoked/revoke", admin, bad)).toMatchObject({ status: 400 });
  expect(ann.status).toBe("connected");
  ann.destroy();
});

/** A token that ended almost a minute ago, by which the clocks of two machines may differ: what is left of it are two seconds. */
const ending = (user: string): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ rooms: [["board:*", ["write", "presence", "create"]]] })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("coterie-dev")
    .setAudience("coterie")
    .setSubject(user)
    .setJti("ending")
    .setIssuedAt(now - 600)
    .setExpirationTime(now - 57)
    .sign(new TextEncoder().encode(KEY));
};

test("a socket goes when its token ends, awake, asleep, or before it has said a word; one that was refreshed stays, asleep too", async () => {
  const reasons: string[] = [];
  const join = (user: string, id: string) =>
    createClient({
      host: ORIGIN,
      auth: ({ reason }) => {
        reasons.push(`${user} ${reason}`);
        // The SDK's own refresh has its own test: here it finds nothing to hand over.
        if (reason === "refresh") return Promise.reject(new Error("no token now"));
        return reason === "connect" ? ending(user) : token(user, ["write", "presence", "create"]);
      },
      environment,
    }).join(boardRoom, id, { presence: { cursor: null, mood: "" }, create: { pieces: 3 } });
  const [awake, asleep, kept] = [join("ann", "ends-awake"), join("ben", "ends-asleep"), join("cleo", "ends-kept")];
  const silent = closed(await upgrade("/parties/board/ends-silent", [SUBPROTOCOL, `auth.${await ending("dan")}`]));
  await Promise.all([awake.ready, asleep.ready, kept.ready]);
  const statuses: string[] = [];
  kept.on("status", (status) => statuses.push(status));
  expect(await post("board/ends-kept/refresh", await token("cleo", ["write", "presence", "create"]))).toMatchObject({
    status: 200,
  });
  for (const id of ["ends-asleep", "ends-kept"]) await evictDurableObject(env.BOARD.getByName(id));
  expect(await silent).toMatchObject({ code: 4401 });
  await until(() => reasons.includes("ann renew") && reasons.includes("ben renew"), "both to be told that their token has ended");
  await kept.do.add({ n: 1 });
  expect([statuses, kept.status]).toEqual([[], "connected"]);
  expect(reasons).not.toContain("cleo renew");
  for (const room of [awake, asleep, kept]) room.destroy();
});

test("a revoked token closes its socket at once and opens the room no more: before it is made, and after it was deleted", async () => {
  const admin = await token("root", ["admin"]);
  const jwt = await token("eve", ["write", "create", "presence"], { id: "leaked" });
  const come = async (who: string): Promise<WebSocket> => upgrade("/parties/notes/leaked", [SUBPROTOCOL, `auth.${who}`]);
  const end = closed(await come(jwt));
  expect(await post("notes/leaked/revoke", admin, { token: "leaked" })).toMatchObject({ status: 200, body: { connections: 1 } });
  expect(await end).toMatchObject({ code: 4410 });
  await evictDurableObject(env.NOTES.getByName("leaked"));
  expect(await post("notes/leaked/refresh", jwt)).toMatchObject({ status: 403 });
  const other = await token("eve", ["write", "create"], { id: "another" });
  expect(await post("notes/leaked/refresh", other)).toMatchObject({ status: 404 }); // it may, and has no socket here
  const room = createClient({ host: ORIGIN, auth: () => token("ann", ["write", "create"]), environment }).join(
    notesRoom,
    "leaked",
  );
  await room.ready;
  const headers = { authorization: `Bearer ${admin}` };
  expect((await fetchWorker("/parties/notes/leaked", { method: "DELETE", headers })).status).toBe(204);
  room.destroy();
  await evictDurableObject(env.NOTES.getByName("leaked"));
  expect(await post("notes/leaked/refresh", jwt)).toMatchObject({ status: 403 });
});
