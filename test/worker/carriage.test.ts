/** How a token travels: it ends at the edge. And what a visitor sends beside it: an origin, headers that only the edge may set. */
import { listDurableObjectIds } from "cloudflare:test";
import { makeKeys, signToken } from "coterie/auth";
import { afterEach, expect, test, vi } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { Board, Notes, Unbound } from "./entry.ts";
import { closed, env, fetchWorker, ORIGIN, SUBPROTOCOL, upgrade } from "./harness.ts";

const DEV_SECRET = "a secret for tests only, long enough";
const rooms = { "board:*": ["read"], "notes:*": ["read", "write", "admin"], "not-bound:*": ["read"] } as const;
const token = (user = "ann"): Promise<string> => signToken({ key: DEV_SECRET, user: { id: user }, rooms });

afterEach(() => void vi.restoreAllMocks());

/** All that is said to the log, as text. */
function log(): string[] {
  const lines: string[] = [];
  for (const level of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...said) => void lines.push(JSON.stringify(said)));
  return lines;
}

// In place of rooms stands a namespace that keeps what it is handed: a real room would not tell.
test("a token, however it is carried, is neither handed to a room nor logged nor answered with, also when the room throws", async () => {
  const lines = log();
  const handed: string[] = [];
  const keep = (what: unknown): never => {
    handed.push(what instanceof Request ? JSON.stringify([what.url, [...what.headers]]) : JSON.stringify(what));
    throw new Error("the room is gone");
  };
  const listening = { getByName: () => ({ fetch: keep, coterie: (...asked: unknown[]) => keep(asked) }) };
  const serve = routes({ rooms: { board: Board, notes: Notes, "not-bound": Unbound }, guests: true, origins: [] });
  const jwt = await token();
  const carried: [query: string, headers: Record<string, string>][] = [
    ["", { "sec-websocket-protocol": `${SUBPROTOCOL}, auth.${jwt}` }],
    ["", { "sec-websocket-protocol": `auth.${jwt},${SUBPROTOCOL}` }],
    ["", { authorization: `Bearer ${jwt}` }],
    [`?token=${jwt}`, {}],
    [`?token=${jwt}&_pk=me`, { cookie: `token=${jwt}`, referer: `https://example.com/?token=${jwt}` }],
  ];
  const asked = [
    ["GET", "board/r", { upgrade: "websocket" }],
    ["GET", "notes/r", { upgrade: "websocket" }],
    ["GET", "notes/r", {}],
    ["PATCH", "notes/r/document", {}],
    ["POST", "notes/r/refresh", {}],
    ["POST", "notes/r/revoke", {}],
    ["GET", "notes/r/inspect", {}],
    ["DELETE", "notes/r", {}],
    ["GET", "not-bound/r", { upgrade: "websocket" }],
    ["GET", "nowhere/r", {}],
  ] as const;
  for (const [query, headers] of carried)
    for (const [method, path, more] of asked) {
      const body = method === "POST" ? '{"user":"eve"}' : method === "PATCH" ? "x" : undefined;
      const response = await serve(
        new Request(`${ORIGIN}/parties/${path}${query}`, { method, headers: { ...headers, ...more }, ...(body && { body }) }),
        { ENV: "dev", DEV_SECRET, BOARD: listening, NOTES: listening },
      );
      expect(response.status).not.toBe(302);
      const answer = [...response.headers].flat().join() + (response.webSocket ? "" : await response.text());
      response.webSocket?.accept();
      for (const secret of [jwt, jwt.split(".")[2]!, DEV_SECRET]) expect(answer).not.toContain(secret);
    }
  expect(handed.length).toBe(carried.length * 8);
  expect(lines.length).toBeGreaterThanOrEqual(handed.length);
  for (const secret of [jwt, jwt.split(".")[2]!, DEV_SECRET]) expect([...handed, ...lines].join()).not.toContain(secret);
});

test("an origin is the worker's own or a listed one, to the letter; each of the others is refused, and touches no room", async () => {
  const before = (await listDurableObjectIds(env.BOARD)).length;
  const listed = "https://app.example.com";
  const serve = routes({ rooms: { board: Board }, guests: false, origins: [listed] });
  const jwt = await token();
  const join = async (origin: string): Promise<{ code: number; reason: string } | "in"> => {
    const headers = { upgrade: "websocket", origin, "sec-websocket-protocol": `${SUBPROTOCOL}, auth.${jwt}` };
    const { webSocket } = await serve(new Request(`${ORIGIN}/parties/board/origins`, { headers }), {
      BOARD: { getByName: () => ({ fetch: () => new Response("in") }) },
      ENV: "dev",
      DEV_SECRET,
    });
    if (!webSocket) return "in";
    const end = closed(webSocket);
    webSocket.accept();
    return end;
  };
  for (const origin of [ORIGIN, listed]) expect([origin, await join(origin)]).toEqual([origin, "in"]);
  for (const origin of [
    "null",
    "",
    "file://",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://evil.example/https://app.example.com",
    "https://app.example.com@evil.example",
    "https://user@app.example.com",
    "https://app.example.com:443",
    "https://app.example.com:8443",
    "http://app.example.com",
    "wss://app.example.com",
    "https://APP.example.com",
    "HTTPS://app.example.com",
    "https://app.example.com.",
    "https://app.example.com/",
    "https://app.example.com#",
    "https://app.example.com, https://evil.example",
    "https://example.com",
    "https://*.example.com",
    "http://localhost:87870",
    "http://127.0.0.1:8787",
    "http://[::1]:8787",
  ])
    expect([origin, await join(origin)]).toEqual([origin, { code: 4403, reason: "this origin may not connect" }]);
  expect(await listDurableObjectIds(env.BOARD)).toHaveLength(before);
});

test("facts that a visitor brings, beside a good token and in whatever letters, are not what the room is told", async () => {
  const facts = encodeURIComponent(
    JSON.stringify({ user: { id: "root" }, scopes: ["admin", "write", "create"], expiresAt: 9e15, roomsPerUser: 9 }),
  );
  const forged = { "x-coterie-facts": facts, "X-Coterie-Facts ": facts, "x-coterie-user": "root", "x-coterie_facts": facts };
  const headers = Object.fromEntries(Object.entries(forged).map(([name, value]) => [name.trim(), value]));
  const socket = await upgrade("/parties/notes/forged", [SUBPROTOCOL, `auth.${await token("eve")}`], headers);
  const response = await fetchWorker("/parties/notes/forged/inspect", {
    headers: { authorization: `Bearer ${await token("eve")}`, ...headers },
  });
  expect(await response.json()).toMatchObject({ connections: [{ user: "eve" }] });
  socket.close(1000, "");
  const without = await fetchWorker("/parties/notes/forged/inspect", { headers });
  expect(without.status).toBe(401);
});

test("where only a backend's keys are set there are no guests until there is a secret for them, and with one theirs opens rooms", async () => {
  log();
  const serve = routes({ rooms: { board: Board }, guests: true, origins: [] });
  const { jwks } = await makeKeys();
  const vars = { BOARD: env.BOARD, JWKS: JSON.stringify(jwks), TOKEN_ISSUER: "https://example.com" };
  const ask = (more: object): Promise<Response> =>
    serve(new Request("https://rooms.example.com/auth/guest", { method: "POST", body: "{}" }), { ...vars, ...more });
  const refused = await ask({});
  expect([refused.status, await refused.json()]).toEqual([
    500,
    { title: "not configured", status: 500, detail: expect.stringContaining("GUEST_SECRET") },
  ]);
  const GUEST_SECRET = "the worker's own secret, for guests";
  const { token: guest } = await (await ask({ GUEST_SECRET })).json<{ token: string }>();
  const headers = { upgrade: "websocket", authorization: `Bearer ${guest}` };
  const enter = (more: object): Promise<Response> =>
    serve(new Request("https://rooms.example.com/parties/board/guests", { headers }), { ...vars, ...more });
  const { webSocket } = await enter({ GUEST_SECRET: "another secret, as long as the other" });
  const end = closed(webSocket!);
  webSocket!.accept();
  expect(await end).toMatchObject({ code: 4401 });
  const inside = (await enter({ GUEST_SECRET })).webSocket!;
  inside.accept();
  inside.close(1000, "");
  expect(await closed(inside)).toMatchObject({ code: 1000 });
});
