/** Too many calls, in the real worker: who is over is told so, comes again later, and wakes no room; nobody else is. */
import { listDurableObjectIds } from "cloudflare:test";
import { signToken } from "coterie/auth";
import { expect, test } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { addressOf, LocalLimit, Throttle, type Limits } from "../../server/edge/throttle.ts";
import { Board } from "./entry.ts";
import { closed, env, ORIGIN, SUBPROTOCOL } from "./harness.ts";

const KEY = "a secret for tests only, long enough";
const vars = { BOARD: env.BOARD, ENV: "dev", DEV_SECRET: KEY };

/** A worker with these limits, and calls to it. */
function worker(limits: Limits, more: object = {}) {
  const serve = routes({ rooms: { board: Board }, guests: true, origins: [], limits });
  const call = (path: string, init: RequestInit): Promise<Response> =>
    serve(new Request(`${ORIGIN}${path}`, init), { ...vars, ...more });
  const signed = async (user: string): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await signToken({ key: KEY, user: { id: user }, rooms: { "board:*": ["read"] } })}`,
  });
  return {
    call,
    async get(user: string, room: string, address = "192.0.2.1"): Promise<number> {
      const headers = { ...(await signed(user)), "cf-connecting-ip": address };
      return (await call(`/parties/board/${room}?part=game`, { headers })).status;
    },
    async join(user: string, room: string): Promise<{ code: number; reason: string }> {
      const headers = { ...(await signed(user)), upgrade: "websocket", "sec-websocket-protocol": SUBPROTOCOL };
      const { webSocket: socket } = await call(`/parties/board/${room}`, { headers });
      const end = closed(socket!);
      socket!.accept();
      socket!.close(1000, "");
      return end;
    },
    guest: (address: string): Promise<Response> =>
      call("/auth/guest", { method: "POST", body: "{}", headers: { "cf-connecting-ip": address } }),
  };
}

test("a user over the limit is refused, over HTTP and by socket, and no room is touched; another user is not", async () => {
  const { get, join } = worker({ userPerMinute: 2 });
  expect([await get("ann", "limited"), await get("ann", "limited"), await get("ben", "limited")]).toEqual([404, 404, 404]);
  const before = (await listDurableObjectIds(env.BOARD)).length;
  expect(await get("ann", "limited-2")).toBe(429);
  expect(await join("ann", "limited-3")).toEqual({ code: 4529, reason: "too many connections; retry after 10000 ms" });
  expect(await listDurableObjectIds(env.BOARD)).toHaveLength(before);
});

test("an address is held to its limit whoever calls, a room whoever comes", async () => {
  const addresses = worker({ addressPerMinute: 2 });
  expect([await addresses.get("a", "r"), await addresses.get("b", "r"), await addresses.get("c", "r")]).toEqual([404, 404, 429]);
  expect(await addresses.get("c", "r", "192.0.2.2")).toBe(404);
  const rooms = worker({ roomPerMinute: 2 });
  expect([
    await rooms.get("a", "r"),
    await rooms.get("b", "r"),
    await rooms.get("c", "r"),
    await rooms.get("c", "other"),
  ]).toEqual([404, 404, 429, 404]);
});

test("guests of one address are so many a minute, and are told when to come again", async () => {
  const { guest } = worker({ guestsPerMinute: 1 });
  expect((await guest("192.0.2.1")).status).toBe(200);
  const refused = await guest("192.0.2.1");
  expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("content-type")]).toEqual([
    429,
    "10",
    "application/problem+json",
  ]);
  expect((await guest("192.0.2.2")).status).toBe(200);
});

test("where the platform counts, it decides", async () => {
  const keys: string[] = [];
  const bound = {
    limit: async ({ key }: { key: string }) => {
      keys.push(key);
      return { success: key !== "eve" };
    },
  };
  const { get } = worker({ userPerMinute: 1 }, { RATE_USER: bound });
  expect([await get("ann", "r"), await get("ann", "r"), await get("eve", "r")]).toEqual([404, 404, 429]);
  expect(keys).toEqual(["ann", "ann", "eve"]);
});

test("in development on this machine nobody is held to anything, unless limits are set", async () => {
  const serve = routes({ rooms: { board: Board }, guests: true, origins: [] });
  for (let n = 0; n < 100; n++)
    expect((await serve(new Request(`${ORIGIN}/auth/guest`, { method: "POST", body: "{}" }), vars)).status).toBe(200);
});

test("in development the platform's limits hold nobody either; a production worker that is called by that name holds as ever", async () => {
  const throttle = new Throttle({});
  const bound = { RATE_USER: { limit: () => Promise.resolve({ success: false }) } };
  const over = async (url: string, more: object): Promise<number | undefined> =>
    (await throttle.over(new Request(url), { ...bound, ...more }, "user", "ann"))?.status;
  expect(await over(ORIGIN, { ENV: "dev" })).toBeUndefined();
  expect(await over(ORIGIN, {})).toBe(429);
  expect(await over("https://example.com", { ENV: "dev" })).toBe(429);
});

test("an address is what the platform says, and one network of IPv6 is one address; where it says nothing nobody shares one", async () => {
  const of = (address: string): string | undefined =>
    addressOf(new Request(ORIGIN, { headers: { "cf-connecting-ip": address, "x-forwarded-for": "203.0.113.7" } }));
  expect(of("192.0.2.1")).toBe("192.0.2.1");
  expect(of("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2");
  expect(of("2001:0DB8:1:2::9")).toBe("2001:db8:1:2");
  expect(of("2001:db8::9")).toBe("2001:db8:0:0");
  expect(of("::1")).toBe("0:0:0:0");
  const request = new Request(ORIGIN, { headers: { "x-forwarded-for": "203.0.113.7" } });
  expect(addressOf(request)).toBeUndefined();
  const throttle = new Throttle({ addressPerMinute: 1 });
  for (let n = 0; n < 5; n++) expect(await throttle.over(request, {}, "address", addressOf(request))).toBeUndefined();
});

test("who may not enter a room uses up nothing of what it may be called", async () => {
  const { get, call } = worker({ roomPerMinute: 1 });
  for (let n = 0; n < 5; n++)
    expect((await call("/parties/board/r", { headers: { authorization: "Bearer nonsense" } })).status).toBe(401);
  expect(await get("ann", "r")).toBe(404);
});

test("[P8] the isolate's own counters keep ten thousand keys and no more, and let go of those who rested first", async () => {
  let now = 0;
  const limit = new LocalLimit(60, () => now);
  await limit.limit({ key: "early" });
  now = 30_000;
  for (let n = 0; n < 60; n++) await limit.limit({ key: "busy" });
  for (let n = 0; n < 25_000; n++) await limit.limit({ key: `key ${n}` });
  expect(limit.size).toBeLessThanOrEqual(10_000);
  expect(() => new LocalLimit(0)).toThrow("expected more than 0");
});
