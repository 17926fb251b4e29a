/** PartyKit servers in real workerd, unchanged: test/worker/parties. Over real sockets, through hibernation, and by the published client. */
import {
  createExecutionContext,
  createScheduledController,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { hostParty, PartyError } from "coterie/party";
import { createWorker, MemorySink } from "coterie/server";
import { PartySocket } from "partysocket";
import { expect, test } from "vitest";
import { roomId } from "../../server/party/address.ts";
import { routes } from "../../server/edge/routes.ts";
import { Board } from "./entry.ts";
import { closed, env, fetchWorker, ORIGIN, upgrade } from "./harness.ts";
import { parties, partySink } from "./parties/index.ts";

/** A socket whose messages are waited for one by one. */
class Line {
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #heard: unknown[] = [];
  #wake: () => void = () => {};

  constructor(readonly socket: WebSocket) {
    this.closed = closed(socket);
    socket.addEventListener("message", ({ data }) => {
      this.#heard.push(data);
      this.#wake();
    });
  }

  async next(): Promise<unknown> {
    while (this.#heard.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#heard.shift();
  }

  /** Says this, and resolves with what comes next. */
  ask(message: string | Uint8Array): Promise<unknown> {
    this.socket.send(message);
    return this.next();
  }
}

const connect = async (path: string): Promise<Line> => new Line(await upgrade(path, []));
const text = async (path: string, init?: RequestInit): Promise<string> => (await fetchWorker(path, init)).text();
const errors = (room: string): string[] =>
  partySink.entries.filter((entry) => entry.level === "error" && entry.room === room).map(({ message }) => message);

test("people in a room hear each other, by name and id, and one who is left out does not", async () => {
  const ann = await connect("/parties/chat/greets?_pk=ann&name=Ann");
  expect(await ann.next()).toBe("welcome to chat/greets, Ann, start 1");
  const ben = await connect("/parties/chat/greets?_pk=ben&name=Ben");
  expect(await ben.next()).toBe("welcome to chat/greets, Ben, start 1");
  expect(await ann.next()).toBe("Ben came");
  expect(await ben.ask("say hi")).toBe("Ben (1, start 1): hi");
  expect(await ann.next()).toBe("Ben (1, start 1): hi");
  ben.socket.send("whisper ann psst");
  expect(await ann.next()).toBe("Ben whispers: psst");
  ben.socket.send("leave");
  expect(await ben.closed).toEqual({ code: 4000, reason: "as asked" });
  expect(await ann.next()).toBe("Ben goes"); // sent when his socket was closing: that is no error
  expect(await ann.next()).toBe("Ben left, 1 stay");
  expect(errors("greets")).toEqual([]);
});

test("nobody is let in before onStart is over, also where two come at once; where it throws, who comes next starts anew", async () => {
  const two = await Promise.all(["Ann", "Ben"].map((name) => connect(`/parties/chat/starts?name=${name}`)));
  expect([await two[0]!.next(), await two[1]!.next()]).toEqual(
    ["Ann", "Ben"].map((name) => `welcome to chat/starts, ${name}, start 1`),
  );
  expect(await (await connect("/parties/chat/stumbles?name=Ann")).closed).toEqual({ code: 1011, reason: "not ready yet" });
  expect(await (await connect("/parties/chat/stumbles?name=Ann")).next()).toBe("welcome to chat/stumbles, Ann, start 2");
});

test("tags find connections, and both they and the state outlive the object's sleep; onStart runs again", async () => {
  const ann = await connect("/parties/chat/sleeps?_pk=ann&name=Ann&team=red&team=tall");
  const ben = await connect("/parties/chat/sleeps?_pk=ben&name=Ben&team=blue&team=tall");
  for (const line of [ann, ann, ben]) await line.next();
  await ann.ask("say one");
  await ben.next();
  await evictDurableObject(env.CHAT.getByName("sleeps"));
  expect(await ann.ask("say two")).toBe("Ann (2, start 2): two");
  await ben.next();
  ann.socket.send("team tall all");
  expect([await ann.next(), await ben.next()]).toEqual(["tall: all", "tall: all"]);
  ann.socket.send("team blue only");
  expect(await ben.next()).toBe("blue: only");
  ben.socket.send("whisper ann psst");
  expect(await ann.next()).toBe("Ben whispers: psst");
});

test("one who leaves while the object sleeps wakes it, is named to onClose, and is among nobody's connections", async () => {
  const ann = await connect("/parties/chat/wakes?_pk=ann&name=Ann");
  const ben = await connect("/parties/chat/wakes?_pk=ben&name=Ben");
  for (const line of [ann, ann]) await line.next();
  await evictDurableObject(env.CHAT.getByName("wakes"));
  ben.socket.close(1000, "");
  expect(await ann.next()).toBe("Ben left, 1 stay");
  expect(await ben.closed).toEqual({ code: 1000, reason: "" }); // answered, or it would hang in CLOSING
  expect(partySink.points.at(-1)).toMatchObject({ kind: "closed", party: "chat", room: "wakes", code: 1000 });
});

test("bytes come as an ArrayBuffer, asleep or awake, and go out as they are", async () => {
  const bytes = async (path: string): Promise<number[]> => {
    const line = await connect(path);
    if (path.includes("chat")) await line.next();
    return [...new Uint8Array((await line.ask(Uint8Array.of(1, 2, 255))) as ArrayBuffer)];
  };
  expect(await bytes("/parties/chat/bytes")).toEqual([1, 2, 255]);
  expect(await bytes("/parties/main/bytes")).toEqual([2, 3, 0]);
});

test("a handler that throws closes nobody and is reported; the next message is heard", async () => {
  const ann = await connect("/parties/chat/throws?name=Ann");
  const ben = await connect("/parties/main/throws?_pk=ben");
  await ann.next();
  ann.socket.send("throw");
  ben.socket.send("throw");
  expect(await ann.ask("say still here")).toBe("Ann (1, start 1): still here");
  expect(await ben.ask("me")).toBe("ben /parties/main/throws onConnect true");
  expect(errors("throws")).toEqual(["onMessage threw", "onMessage threw"]);
});

test("one whose onConnect throws is closed with 1011 and its words; the others stay, and are not told that it left", async () => {
  const ann = await connect("/parties/chat/door?name=Ann");
  await ann.next();
  const bad = await connect("/parties/chat/door?name=bad");
  expect(await bad.closed).toEqual({ code: 1011, reason: "this name is not allowed" });
  expect(errors("door")).toEqual(["onConnect threw"]);
  expect(await ann.ask("say alone")).toBe("Ann (1, start 1): alone");
  // Nor would they be if the object had slept before the other side has answered the close: nothing is kept of it.
  await fetchWorker("/parties/chat/door?name=bad", { headers: { upgrade: "websocket" } });
  const kept = await runInDurableObject(env.CHAT.getByName("door"), (_instance, state) =>
    state.getWebSockets().map((socket) => WebSocket.prototype.deserializeAttachment.call(socket) as unknown),
  );
  expect(kept).toContain(null);
});

test("too many tags, or one that is too long, close the newcomer alone; too much state is refused, and the old one stays", async () => {
  const teams = (count: number, length = 3): string =>
    Array.from({ length: count }, (_, index) => `&team=${String(index).padEnd(length, "x")}`).join("");
  const most = await connect(`/parties/chat/limits?name=Ann${teams(9)}`);
  await most.next();
  expect((await (await connect(`/parties/chat/limits?name=Ben${teams(10)}`)).closed).reason).toBe(
    "11 tags, its id among them: at most 10",
  );
  for (const query of [teams(1, 257), `&_pk=${"x".repeat(257)}`])
    expect((await (await connect(`/parties/chat/limits?name=Ben${query}`)).closed).reason).toBe(
      "a tag of 257 characters: expected text of 1 to 256",
    );
  expect(await most.ask("big")).toBe("state-too-large, still Ann");
});

test("two sockets of one id are both heard of, and the id is the newer's, also when the older goes", async () => {
  const old = await connect("/parties/main/twice?_pk=ann");
  const fresh = await connect("/parties/main/twice?_pk=ann");
  const chat = [await connect("/parties/chat/twice?_pk=ann&name=Old"), await connect("/parties/chat/twice?_pk=ann&name=New")];
  for (const line of chat) await line.next();
  old.socket.close(1000, "");
  await old.closed;
  expect(await fresh.ask("who")).toBe("ann");
  chat[1]!.socket.send("whisper ann hello");
  expect(await chat[1]!.next()).toBe("New whispers: hello");
});

test("a server that stays awake has listeners of its own, keeps any state, and hears who closes", async () => {
  const ann = await connect("/party/awake?_pk=ann");
  const ben = await connect("/parties/main/awake?_pk=ben");
  expect(await ann.ask("listen")).toBe("heard by a listener");
  expect(await ann.ask("who")).toBe("ann,ben");
  ben.socket.close(1000, "");
  await ben.closed;
  expect(await ann.ask("who")).toBe("ann");
  expect(await text("/party/awake/heard")).toBe('["closed ben"]');
});

test("requests reach onRequest with what onBeforeRequest added, and storage keeps what they wrote", async () => {
  expect(await text("/parties/main/counts/count", { method: "POST", body: "3" })).toBe("3");
  await evictDurableObject(env.MAIN_PARTY.getByName("counts"));
  expect(await text("/party/counts/count", { method: "POST", body: "4" })).toBe("7");
  expect(await text("/party/counts/by")).toBe("ann");
  expect(await text("/party/counts/vars")).toBe('["dev",64,"main","counts"]');
});

test("what onRequest throws is the answer, with its code where that is a status; a server without one answers 404", async () => {
  const answer = async (path: string): Promise<[number, string]> => {
    const response = await fetchWorker(path);
    return [response.status, await response.text()];
  };
  expect(await answer("/party/asks/teapot")).toEqual([418, "short and stout"]);
  expect(await answer("/party/asks/nowhere")).toEqual([500, "no such page"]);
  expect((await answer("/parties/chat/asks"))[0]).toBe(404);
  expect(await text("/party/asks/teapot", { method: "OPTIONS" })).toBe("no such page"); // a preflight is the class's to answer too
});

test("an alarm rings in a room that has left memory, which knows its id", async () => {
  expect(await text("/party/rings/alarm", { method: "POST" })).toBe("set");
  const room = env.MAIN_PARTY.getByName("rings");
  await evictDurableObject(room);
  expect(await runDurableObjectAlarm(room)).toBe(true);
  expect(await text("/party/rings/rang")).toBe("in rings");
  expect(await text("/party/jams/alarm", { method: "POST" })).toBe("set");
  await expect(runDurableObjectAlarm(env.MAIN_PARTY.getByName("jams"))).rejects.toThrow("an alarm that throws"); // and rings again
  expect(errors("jams")).toEqual(["onAlarm threw"]);
});

test("onBeforeConnect and what it throws decide at the edge: the object is never made", async () => {
  const refused = async (path: string): Promise<[number, string]> => {
    const response = await fetchWorker(path, { headers: { upgrade: "websocket" } });
    return [response.status, await response.text()];
  };
  expect(await refused("/party/closed")).toEqual([403, "not here"]);
  expect(await refused("/party/open?key=wrong")).toEqual([401, "who are you?"]);
  for (const room of ["closed", "open"])
    await runInDurableObject(env.MAIN_PARTY.getByName(room), (instance) => {
      expect((instance as unknown as { ctx: DurableObjectState }).ctx.getWebSockets()).toEqual([]);
    });
});

test("a room asks another of its own party or of another, by request and by socket", async () => {
  expect(await text("/party/asker/other-room")).toBe("5");
  expect(await text("/party/asker/sibling")).toBe("404");
  expect(await text("/party/asker/socket")).toBe("welcome to chat/spoken-to, server, start 1");
});

test("what the worker does not have says so where it is used, as a PartyError with a code", async () => {
  expect(JSON.parse(await text("/party/lacks/lacking"))).toEqual({
    party: "PartyError no-such-party",
    ai: "PartyError not-bound",
    kv: "PartyError not-bound",
    vectorize: "PartyError not-bound",
    analytics: "PartyError not-bound",
    assets: "PartyError not-bound",
    room: "PartyError bad-room",
    connect: "PartyError unsupported",
  });
});

test("an id is what stands in the address, wherever it comes from", async () => {
  const room = "a room/with ümlauts?";
  const line = await connect(`/parties/chat/${encodeURIComponent(room)}?name=Ann`);
  expect(await line.next()).toBe("welcome to chat/a%20room%2Fwith%20%C3%BCmlauts%3F, Ann, start 1");
  expect(roomId(room)).toBe("a%20room%2Fwith%20%C3%BCmlauts%3F");
  expect(roomId(roomId(room))).toBe(roomId(room));
  for (const bad of ["", ".", "..", "%2e", "x".repeat(513)]) expect(() => roomId(bad)).toThrow(PartyError);
  expect((await fetchWorker(`/parties/chat/${"x".repeat(513)}`)).status).toBe(400);
});

test("onFetch and onSocket of the party main answer what is no room's address; the worker's own addresses stay its own", async () => {
  expect(await text("/hello", { method: "OPTIONS" })).toBe("OPTIONS chat,cursors,live-poll,main");
  expect(await text("/asks")).toBe("2");
  expect((await fetchWorker("/nothing")).status).toBe(404);
  expect((await fetchWorker("/auth/guest", { method: "POST", body: "{}" })).status).toBe(200);
  const line = await connect("/some/socket");
  expect(await line.next()).toBe("at /some/socket");
});

test("onCron of the party main is called on a schedule, by its name", async () => {
  const { scheduled } = createWorker({ parties });
  const run = (cron: string): unknown => scheduled?.(createScheduledController({ cron }), env, createExecutionContext());
  await run("0 * * * *");
  await run("1 1 1 1 1");
  expect(await text("/party/cron-hourly/count", { method: "POST", body: "0" })).toBe("1");
  expect(await text("/party/cron-unknown/count", { method: "POST", body: "0" })).toBe("1");
});

test("a poll as one would have deployed it: made and read by the published client over HTTP, voted on, and kept through sleep", async () => {
  const options = { host: new URL(ORIGIN).host, party: "live-poll", room: "lunch" };
  const fetch = ((url: string, init?: RequestInit) => fetchWorker(new URL(url).pathname, init)) as typeof globalThis.fetch;
  const poll = { title: "Lunch?", options: ["soup", "salad"] };
  const made = await PartySocket.fetch({ ...options, fetch }, { method: "POST", body: JSON.stringify(poll) });
  expect(await made.json()).toEqual({ ...poll, votes: [0, 0] });
  const [ann, ben] = [await connect("/parties/live-poll/lunch"), await connect("/parties/live-poll/lunch")];
  await evictDurableObject(env.LIVE_POLL.getByName("lunch"));
  ann.socket.send(JSON.stringify({ type: "vote", option: 1 }));
  expect(JSON.parse((await ben.next()) as string)).toEqual({ ...poll, votes: [0, 1] });
  expect(await (await PartySocket.fetch({ ...options, fetch })).json()).toEqual({ ...poll, votes: [0, 1] });
});

test("an object of handlers, PartyKit's first style, runs too, and sleeps", async () => {
  const ann = await connect("/parties/cursors/canvas?_pk=ann");
  expect(await ann.next()).toBe("{}");
  ann.socket.send("1,2");
  const ben = await connect("/parties/cursors/canvas?_pk=ben");
  expect(await ben.next()).toBe('{"ann":"1,2"}');
  ann.socket.send("3,4");
  expect(await ben.next()).toBe('{"ann":"3,4"}');
  ann.socket.close(1000, "");
  expect(await ben.next()).toBe('{"ann":null}');
});

/** A worker of parties alone, without any key. */
function alone(change: object = {}) {
  const sink = new MemorySink();
  const serve = routes({ rooms: {}, parties, guests: false, observe: () => sink, ...change });
  return {
    sink,
    call: (path: string, headers: Record<string, string> = {}, bindings: object = { CHAT: env.CHAT }) =>
      serve(new Request(ORIGIN + path, { headers }), bindings as Record<string, unknown>, createExecutionContext()),
  };
}

test("parties need no key and no token, and pages of any origin may come; where origins are listed, only those", async () => {
  const foreign = { upgrade: "websocket", origin: "https://elsewhere.example" };
  const join = async (change: object): Promise<unknown> => {
    const { webSocket } = await alone(change).call("/parties/chat/origins?name=Ann", foreign);
    webSocket!.accept();
    return new Promise((resolve) => {
      webSocket!.addEventListener("message", ({ data }) => resolve(data));
      webSocket!.addEventListener("close", ({ code }) => resolve(code));
    });
  };
  expect(await join({})).toBe("welcome to chat/origins, Ann, start 1");
  expect(await join({ origins: ["https://elsewhere.example"] })).toBe("welcome to chat/origins, Ann, start 1");
  expect(await join({ origins: ["https://other.example"] })).toBe(4403);
  const { origin } = foreign;
  expect((await alone({ origins: [] }).call("/parties/chat/origins", { origin })).status).toBe(403);
  expect((await alone().call("/parties/nowhere/a")).status).toBe(404);
});

test("a party that is not bound answers 500 with what to paste, and a request is a line with its party and room", async () => {
  const { call, sink } = alone();
  const response = await call("/parties/live-poll/a", {}, {});
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('name = "LIVE_POLL"\nclass_name = "Poll"');
  expect(sink.entries).toMatchObject([{ message: "request", party: "live-poll", room: "a", status: 500 }]);
});

test("what a static hook throws is reported with its room", async () => {
  const { call, sink } = alone();
  await call("/party/hooked?key=wrong", { upgrade: "websocket" }, { MAIN_PARTY: env.MAIN_PARTY });
  expect(sink.entries[0]).toMatchObject({ level: "error", message: "onBeforeConnect threw", party: "main", room: "hooked" });
});

test("limits hold parties too, and rules of placement name them", async () => {
  const { call } = alone({ limits: { roomPerMinute: 1 } });
  const asked = async (): Promise<number> => (await call("/parties/chat/limited")).status;
  expect([await asked(), await asked()]).toEqual([404, 429]);
  expect(() => createWorker({ parties, placement: { jurisdiction: { chat: "eu" } } })).not.toThrow();
  expect(() => createWorker({ parties, placement: { jurisdiction: { chess: "eu" } } })).toThrow(RangeError);
});

test("a name that cannot stand in an address, one class for two parties, or a party that is a room too, is refused at the start", () => {
  const One = hostParty({ onRequest: () => new Response(null) });
  createWorker({ parties: { one: One } });
  expect(() => createWorker({ parties: { two: One } })).toThrow("one class for the parties one and two: call hostParty for each");
  expect(() => createWorker({ rooms: { board: Board }, parties: { board: One } })).toThrow(
    "board is both a room and a hosted party",
  );
  expect(() => createWorker({ parties: { "a/b": hostParty({}) } })).toThrow('the party "a/b"');
});
