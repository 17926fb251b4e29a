/** A game over HTTP, in the real worker: read by who may, changed by who may, once, and never told what is somebody's secret. */
import { evictDurableObject } from "cloudflare:test";
import { signToken, type TokenScope } from "coterie/auth";
import { createClient } from "coterie/client";
import { expect, test } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { boardRoom } from "../kit/board-game.ts";
import { Board } from "./entry.ts";
import { env, environment, fetchWorker, ORIGIN } from "./harness.ts";

const KEY = "a secret for tests only, long enough";
const token = (user: string, scopes: readonly TokenScope[] = ["write", "presence", "create"]): Promise<string> =>
  signToken({ key: KEY, user: { id: user }, rooms: { "board:*": scopes } });

async function make(id: string): Promise<ReturnType<typeof join>> {
  const room = join(id);
  await room.ready;
  return room;
}
const join = (id: string) =>
  createClient({ host: ORIGIN, auth: () => token("ann"), environment }).join(boardRoom, id, {
    presence: { cursor: null, mood: "" },
    create: { pieces: 2 },
  });

async function act(room: string, name: string, input: unknown, key?: string, user = "bot", scopes?: readonly TokenScope[]) {
  const response = await fetchWorker(`/parties/board/${room}/actions/${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${await token(user, scopes)}`, ...(key !== undefined && { "idempotency-key": key }) },
    ...(input !== undefined && { body: JSON.stringify(input) }),
  });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
}

const read = async (room: string, headers: Record<string, string> = {}, query = "?part=game") =>
  fetchWorker(`/parties/board/${room}${query}`, {
    headers: { authorization: `Bearer ${await token("reader", ["read"])}`, ...headers },
  });

test("the state is JSON of what everybody sees, with a tag that changes with it", async () => {
  const ann = await make("read");
  const first = await read("read");
  expect([first.status, first.headers.get("content-type")]).toEqual([200, "application/json"]);
  expect(await first.json()).toEqual({
    params: { pieces: 2 },
    state: {
      pieces: [
        { id: 0, x: 0, y: 0, heldBy: 0 },
        { id: 1, x: 10, y: 0, heldBy: 0 },
      ],
      seen: [{ id: 1, joins: 1, leaves: 0 }],
      meta: { total: 0, lastRoll: 0, note: "" },
    },
  });
  const etag = first.headers.get("etag")!;
  expect((await read("read", { "if-none-match": etag })).status).toBe(304);
  expect((await read("read", { "if-none-match": etag }, "")).status).toBe(304); // a room with a game and no document
  await ann.do.add({ n: 4 });
  const later = await read("read", { "if-none-match": etag });
  expect([later.status, later.headers.get("etag") === etag]).toEqual([200, false]);
  expect((await read("never-made")).status).toBe(404);
  expect((await read("read", {}, "?part=all")).status).toBe(400);
  ann.destroy();
});

test("[P1] [P2] an action runs as the token's user, once for a key, through a sleep of the object; without a key each time", async () => {
  const ann = await make("act");
  expect(await act("act", "add", { n: 5 }, "k1")).toMatchObject({ status: 200, body: { value: 5 } });
  expect(ann.state.meta.total).toBe(5);
  const again = await act("act", "add", { n: 5 }, "k1");
  expect(again).toMatchObject({ status: 200, body: { value: 5 } });
  await evictDurableObject(env.BOARD.getByName("act"));
  expect(await act("act", "add", { n: 5 }, "k1")).toEqual(again);
  expect(await act("act", "add", { n: 5 }, "k1", "another")).toMatchObject({ status: 200, body: { value: 10 } }); // keys are a user's own
  expect(await act("act", "add", { n: 1 })).toMatchObject({ status: 200, body: { value: 11 } });
  expect(await act("act", "add", { n: 1 })).toMatchObject({ status: 200, body: { value: 12 } });
  await act("act", "grab", { id: 1 });
  expect(ann.state.pieces.get(1)!.heldBy).toBeGreaterThan(1);
  ann.destroy();
});

test("[P5] what the rules reject, what does not fit, and what may not be, each says why and changes nothing", async () => {
  const ann = await make("refused");
  await ann.do.grab({ id: 0 });
  const before = await (await read("refused")).text();
  const problem = "application/problem+json";
  expect(await act("refused", "grab", { id: 0 })).toMatchObject({ status: 409, type: problem, body: { code: "held" } });
  expect(await act("refused", "grab", { id: 0 }, "k")).toMatchObject({ status: 409, body: { code: "held" } });
  expect(await act("refused", "add", { n: -1 })).toMatchObject({
    status: 422,
    body: { title: "bad-input", detail: expect.stringContaining("input.n: received -1") as string },
  });
  expect(await act("refused", "add", undefined)).toMatchObject({ status: 422 });
  expect(await act("refused", "nope", {})).toMatchObject({ status: 404, body: { title: "unknown-action" } });
  expect(await act("refused", "broken", undefined)).toMatchObject({ status: 500, body: { code: "internal" } });
  expect(await act("refused", "add", { n: 1 }, "k".repeat(65))).toMatchObject({ status: 400 });
  expect(await act("refused", "add", { n: 1 }, "k", "bot", ["read"])).toMatchObject({ status: 403 });
  expect(await act("never-made", "add", { n: 1 })).toMatchObject({ status: 404 });
  await act("refused", "rare", undefined);
  expect(await act("refused", "rare", undefined)).toMatchObject({ status: 429 });
  const { state } = JSON.parse(before) as { state: unknown };
  expect((await (await read("refused")).json<{ state: unknown }>()).state).toEqual(state);
  ann.destroy();
});

test("[P7] many who read do not wake the room while a copy is kept; who may not is told so all the same", async () => {
  const ann = await make("cached");
  const serve = routes({ rooms: { board: Board }, guests: false, origins: [], cacheSeconds: 60 });
  const vars = { BOARD: env.BOARD, ENV: "dev", DEV_SECRET: KEY };
  const ask = async (scopes: readonly TokenScope[], headers: Record<string, string> = {}): Promise<Response> =>
    serve(
      new Request(`${ORIGIN}/parties/board/cached?part=game`, {
        headers: { authorization: `Bearer ${await token(`reader ${Math.random()}`, scopes)}`, ...headers },
      }),
      vars,
    );
  const first = await ask(["read"]);
  const [text, etag] = [await first.text(), first.headers.get("etag")!];
  await evictDurableObject(env.BOARD.getByName("cached"));
  for (let n = 0; n < 20; n++) expect(await (await ask(["read"])).text()).toBe(text);
  expect((await ask(["read"], { "if-none-match": etag })).status).toBe(304);
  expect((await ask(["presence"])).status).toBe(403);
  const headers = { authorization: `Bearer ${await token("root", ["admin"])}` };
  const { wakes } = await (await fetchWorker("/parties/board/cached/inspect", { headers })).json<{ wakes: object }>();
  expect(wakes).toEqual({ inspect: 1 }); // nothing woke it before this look
  ann.destroy();
});
