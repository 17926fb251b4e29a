/** How many rooms one user may make, counted by the lobby's object in real workerd; a worker of its own with that limit. */
import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { routes } from "../../server/edge/routes.ts";
import { helloFrame } from "../kit/frames.ts";
import { Match, matchRoom } from "./entry.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { env, guest, ORIGIN, SUBPROTOCOL } from "./harness.ts";

const MOST = 2;
const serve = routes({
  rooms: { match: Match },
  guests: true,
  origins: [],
  lobby: { match: true },
  limits: { roomsPerUser: MOST },
});

const post = (path: string, jwt: string, body: object): Promise<Response> =>
  serve(
    new Request(`${ORIGIN}${path}`, { method: "POST", headers: { authorization: `Bearer ${jwt}` }, body: JSON.stringify(body) }),
    env as unknown as Record<string, unknown>,
  );

const create = encode((to) => matchRoom.game["~rules"].params!.write(to, { pieces: 3 }));

/** Joins by hand, asking for the room to be made; resolves with what comes first. */
async function join(jwt: string, id: string): Promise<string> {
  const response = await serve(
    new Request(`${ORIGIN}/parties/match/${id}`, {
      headers: { upgrade: "websocket", "sec-websocket-protocol": `${SUBPROTOCOL}, auth.${jwt}` },
    }),
    env as unknown as Record<string, unknown>,
  );
  const socket = response.webSocket!;
  socket.binaryType = "arraybuffer";
  socket.accept();
  const first = new Promise<string>((resolve) => {
    socket.addEventListener("message", () => resolve("joined"));
    socket.addEventListener("close", ({ code }) => resolve(`closed ${code}`));
  });
  socket.send(helloFrame(matchRoom, crypto.randomUUID(), { create }));
  const answer = await first;
  socket.close(1000, "");
  return answer;
}

const params = { params: { pieces: 3 } };

test("a user, a guest too, makes so many rooms and no more, by the lobby, by a match or by joining; others are not held back", async () => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  expect((await post("/lobby/match", ann, params)).status).toBe(201);
  expect(await join(ann, "anns-second")).toBe("joined");
  // Promised when she came, and hers for good once the room was made.
  const counted = (): Promise<number[]> =>
    runInDurableObject(env.LOBBY.getByName("match"), (_instance, state) =>
      state.storage.sql
        .exec<{ until: number }>("SELECT until FROM made WHERE room = 'anns-second'")
        .toArray()
        .map(({ until }) => until),
    );
  for (let tries = 0; tries < 100 && (await counted())[0] !== 0; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await counted()).toEqual([0]);
  const refused = await post("/lobby/match", ann, params);
  expect([refused.status, await refused.json()]).toMatchObject([
    403,
    { title: "forbidden", detail: "this user has made 2 rooms already" },
  ]);
  expect((await post("/lobby/match/match", ann, { where: { pieces: 77 }, create: { pieces: 77 } })).status).toBe(403);
  expect(await join(ann, "anns-third")).toBe("closed 4403");
  expect(await join(ann, "anns-second")).toBe("joined"); // what there is can be joined
  expect((await post("/lobby/match", ben, params)).status).toBe(201);
});

test("a hundred rooms asked for at once by one user are as many as may be, and the others store nothing", async () => {
  const eve = await guest("eve");
  const answers = await Promise.all(Array.from({ length: 100 }, () => post("/lobby/match", eve, params)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(MOST);
});

test("a room that was deleted, or never made, counts no more", async () => {
  const dave = await guest("dave");
  const made = await post("/lobby/match", dave, params);
  const { id } = await made.json<{ id: string }>();
  expect((await post("/lobby/match", dave, { params: { pieces: -1 } })).status).toBe(400);
  expect((await post("/lobby/match", dave, params)).status).toBe(201);
  expect((await post("/lobby/match", dave, params)).status).toBe(403);
  await runInDurableObject(env.MATCH.getByName(id), (instance) =>
    (instance as unknown as { coterie(call: object): Promise<unknown> }).coterie({ kind: "delete" }),
  );
  let status = 403;
  for (let tries = 0; tries < 100 && status === 403; tries++) status = (await post("/lobby/match", dave, params)).status;
  expect(status).toBe(201);
});
