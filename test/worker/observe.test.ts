/** What a worker says of what happens: enough to find anything, and nothing that would let anybody in. */
import { evictDurableObject } from "cloudflare:test";
import { signToken } from "coterie/auth";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { redactor } from "../../server/observe/redact.ts";
import { MemorySink, sinkFor, sinkOf, type Point } from "../../server/observe/sink.ts";
import { boardRoom } from "../kit/board-game.ts";
import { Board, counted } from "./entry.ts";
import { clientOf, env, ORIGIN, SUBPROTOCOL, until } from "./harness.ts";

const KEY = "a secret for tests only, long enough";
const vars = { BOARD: env.BOARD, ENV: "dev", DEV_SECRET: KEY };

/** What went to the console, as text. */
let said: string[];
beforeEach(() => {
  said = [];
  for (const method of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => void said.push(JSON.stringify(words)));
});
afterEach(() => vi.restoreAllMocks());

function worker(change: object = {}) {
  const sink = new MemorySink();
  const serve = routes({ rooms: { board: Board }, guests: true, origins: [], observe: () => sink, ...change });
  return {
    sink,
    call: (path: string, init: RequestInit = {}, more: object = {}) =>
      serve(new Request(ORIGIN + path, init), { ...vars, ...more }),
  };
}

const token = (change: object = {}): Promise<string> =>
  signToken({ key: KEY, user: { id: "ann" }, rooms: { "board:*": ["write", "create"] }, ...change });

test("a request is a line with who, where and how it ended, and a point", async () => {
  const { sink, call } = worker();
  const authorization = `Bearer ${await token()}`;
  await call("/parties/board/seen/versions?x=1", { headers: { authorization, "cf-ray": "ray-1" } });
  await call("/nowhere");
  expect(sink.entries).toMatchObject([
    {
      level: "info",
      message: "request",
      request: "ray-1",
      party: "board",
      room: "seen",
      user: "ann",
      method: "GET",
      path: "/parties/board/seen/versions",
      status: 200,
    },
    { message: "request", path: "/nowhere", status: 404 },
  ]);
  expect(sink.points[0]).toMatchObject({ kind: "request", party: "board", room: "seen", code: 200 });
});

test("a socket that is refused is a line with its code; one that was let in is another when it closes, by the same request", async () => {
  const { sink, call } = worker();
  const join = (jwt: string): Promise<Response> =>
    call("/parties/board/closes", {
      headers: { upgrade: "websocket", "sec-websocket-protocol": `${SUBPROTOCOL}, auth.${jwt}`, "cf-ray": "ray-2" },
    });
  await join("hello");
  expect(sink.entries.at(-1)).toMatchObject({ status: 101, code: 4401, reason: "the token is missing, bad or expired" });
  expect(sink.points.at(-1)).toMatchObject({ code: 4401 });
  const { webSocket: socket } = await join(await token());
  socket!.accept();
  socket!.close(4000, "words of the client's own");
  await until(() => said.some((words) => words.includes('"closed"')), "the close to be told");
  const line = said.find((words) => words.includes('"closed"'))!;
  expect(JSON.parse(line)).toMatchObject([
    { message: "closed", request: "ray-2", party: "board", room: "closes", user: "ann", code: 4000 },
  ]);
  expect(line).not.toContain("words of the client");
});

test("nothing that is said holds a token or a secret, however a token came and whatever became of it", async () => {
  const { sink, call } = worker();
  const good = await token();
  const tokens = [
    good,
    await token({ expiresInSeconds: 1, audience: "elsewhere" }),
    await token({ key: "another secret that is long enough" }),
    `${good}x`,
  ];
  for (const jwt of tokens)
    for (const path of [
      "/parties/board/told",
      "/parties/board/told/inspect",
      "/parties/nowhere/told",
      "/lobby/board",
      "/auth/guest",
      "/x",
    ])
      for (const method of ["GET", "POST"]) {
        const upgrade = { upgrade: "websocket" };
        await call(`${path}?token=${jwt}`, { method });
        await call(path, { method, headers: { authorization: `Bearer ${jwt}` } });
        if (method === "GET")
          for (const headers of [
            { ...upgrade, "sec-websocket-protocol": `${SUBPROTOCOL}, auth.${jwt}` },
            { ...upgrade, authorization: `Bearer ${jwt}` },
          ])
            (await call(`${path}?token=${jwt}`, { headers })).webSocket?.accept();
      }
  await call("/auth/guest", { method: "POST", body: "{}" }, { DEV_SECRET: "short" });
  await call("/auth/guest", { method: "POST", body: "{}" }, { JWKS: `{"d":"${KEY}"`, TOKEN_ISSUER: "https://example.com" });
  const everything = JSON.stringify([sink.entries, sink.points, said]);
  expect(everything.length).toBeGreaterThan(10_000);
  for (const secret of [KEY, "another secret", ...tokens.flatMap((jwt) => [jwt, jwt.split(".")[1]!, jwt.split(".")[2]!])])
    expect(everything).not.toContain(secret);
});

test("what the edge throws is a line with where, and the caller is told nothing of it", async () => {
  const { sink, call } = worker({ rooms: { board: Board } });
  const broken = {
    getByName: () => {
      throw new Error("the platform failed");
    },
  };
  const response = await call(
    "/parties/board/r/versions",
    { headers: { authorization: `Bearer ${await token()}` } },
    { BOARD: broken },
  );
  expect([response.status, await response.json()]).toEqual([500, { title: "internal", status: 500 }]);
  expect(sink.entries.at(-1)).toMatchObject({
    level: "error",
    status: 500,
    error: expect.stringContaining("the platform failed") as string,
  });
});

test("points go to the dataset that is bound, in its shape; where none is, nowhere", () => {
  const written: unknown[] = [];
  const sink = sinkOf({ ANALYTICS: { writeDataPoint: (point: unknown) => written.push(point) } });
  sink.point({ kind: "closed", party: "board", room: "r".repeat(131), code: 1000, ms: 12 });
  expect(written).toEqual([
    {
      indexes: [`board/${"r".repeat(90)}`],
      blobs: ["closed", "board", "r".repeat(131), "1000"],
      doubles: [1, 12, 0, 0, 0, 0, 0, 0],
    },
  ]);
  expect(() => sinkOf({}).point({ kind: "request", party: "", room: "", code: 200, ms: 0 })).not.toThrow();
});

test("a thrown error that tells a token or a secret is told without it", async () => {
  const jwt = await token();
  const { sink, call } = worker();
  const broken = {
    getByName: () => {
      throw new Error(`${jwt} is not what ?token=${jwt} was, nor Bearer opaque-token, by ${KEY}`);
    },
  };
  await call("/parties/board/r/versions", { headers: { authorization: `Bearer ${jwt}` } }, { BOARD: broken });
  await call(`/parties/board/${jwt}/versions`);
  const { error } = sink.entries[0]!;
  expect(error).toContain("[token] is not what ?token=[token] was, nor Bearer [token], by [secret]");
  const everything = JSON.stringify([sink.entries, sink.points]);
  for (const part of [...jwt.split("."), "opaque-token", KEY]) expect(everything).not.toContain(part);
});

test("what looks like a token is taken out of any text, and so are the values of variables that are named as secrets", () => {
  const clean = redactor({ DEV_SECRET: "s3cret-value", SIGNING_KEY: "k3y-value-xx", ENV: "development" });
  expect(clean("GET /x?token=abc&y=1 with Bearer abc.def, auth.0123456789abcdef.x.y")).toBe(
    "GET /x?token=[token]&y=1 with Bearer [token], auth.[token]",
  );
  expect(clean("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.sig_-1 and eyJhbGciOiJIUzI1NiJ9")).toBe("[token] and [token]");
  expect(clean("s3cret-value k3y-value-xx development")).toBe("[secret] [secret] development");
});

test("a socket that closes is counted with its bytes, after a sleep too, and the last one with what the room has done since", async () => {
  const room = clientOf("ann").join(boardRoom, "counted", { presence: { cursor: null, mood: "" }, create: { pieces: 3 } });
  await room.ready;
  await evictDurableObject(env.BOARD.getByName("counted"));
  await room.do.add({ n: 1 });
  room.destroy();
  const ofRoom = (): Point[] => counted.points.filter(({ room: name }) => name === "counted");
  await until(() => ofRoom().some(({ kind }) => kind === "room"), "the room's own count");
  const [closed, tally] = ofRoom() as [Point, Point];
  expect(closed).toMatchObject({ kind: "closed", party: "board", code: 1000 });
  expect(Math.min(closed.ms, closed.bytesIn!, closed.bytesOut!)).toBeGreaterThan(0);
  expect(tally).toMatchObject({ kind: "room", party: "board", rows: expect.any(Number) as number });
  expect(Math.min(tally.rows!, tally.rowBytes!, tally.framesIn!, tally.framesOut!)).toBeGreaterThan(0);
});

test("a party or a room is named only where the path can be one", async () => {
  const { sink, call } = worker();
  await call(`/parties/${"x".repeat(200)}/${encodeURIComponent("<b>é</b>")}`, { headers: { "cf-ray": "not a <ray>" } });
  expect(sink.points[0]).toMatchObject({ kind: "request", party: "", room: "" });
  expect(sink.entries[0]!.path!.length).toBeLessThanOrEqual(256);
  expect(sink.entries[0]!.request).toMatch(/^[\w-]{36}$/);
  const { log } = sinkFor(() => sink, {});
  log({ level: "info", message: "Bearer x.y" });
  expect(sink.entries.at(-1)).toEqual({ level: "info", message: "Bearer [token]" });
});
