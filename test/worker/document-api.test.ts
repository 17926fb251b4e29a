/** A document over HTTP, beside an editor that has it open: in real workerd, with real SQLite. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import type { Room } from "coterie/client";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { signToken } from "coterie/auth";
import type { Scope } from "../../server/room/connections.ts";
import { writeSections } from "../../server/storage/pieces.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { clientOf, env, fetchWorker, until } from "./harness.ts";

const SECRET = "a secret for tests only, long enough";

const tokenOf = (user: string, scopes: readonly Scope[]): Promise<string> =>
  signToken({ key: SECRET, user: { id: user }, rooms: { "notes:*": scopes } });

async function call(path: string, init: RequestInit = {}, scopes: readonly Scope[] = ["read", "write"]): Promise<Response> {
  const headers = { authorization: `Bearer ${await tokenOf("server", scopes)}`, ...(init.headers as object) };
  return fetchWorker(`/parties/notes/${path}`, { ...init, headers });
}

async function open(id: string): Promise<Room<typeof notesRoom>> {
  const room = clientOf("ann").join(notesRoom, id);
  await room.ready;
  return room;
}

const saved = (room: Room<typeof notesRoom>): Promise<void> => until(() => room.sync.state === "saved", "saved");
const bodyOf = (update: Uint8Array): string => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc.getText("body").toJSON();
};
const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());
const updateOf = (text: string): Uint8Array => {
  const doc = new Y.Doc();
  doc.getText("body").insert(0, text);
  return Y.encodeStateAsUpdate(doc);
};

test("a document is read as bytes and as JSON, with a tag that says whether it has changed", async () => {
  const room = await open("read");
  room.doc.getText("body").insert(0, "hello");
  room.doc.getMap("meta").set("title", "A note");
  await saved(room);
  const first = await call("read?part=document");
  expect([first.status, bodyOf(await bytesOf(first))]).toEqual([200, "hello"]);
  const etag = first.headers.get("etag")!;
  expect(etag).toMatch(/^W\/"\d+-\d+"$/);
  expect((await call("read", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect(await (await call("read?format=json")).json()).toEqual({ body: "hello", meta: { title: "A note" } });
  await evictDurableObject(env.NOTES.getByName("read"));
  expect((await call("read", { headers: { "if-none-match": etag } })).status).toBe(304);
  room.doc.getText("body").insert(5, "!");
  await saved(room);
  const later = await call("read", { headers: { "if-none-match": etag } });
  expect([later.status, bodyOf(await bytesOf(later))]).toEqual([200, "hello!"]);
  expect((await call("read?part=weather")).status).toBe(400);
  expect((await call("nobody-has-made-this")).status).toBe(404);
  room.destroy();
});

test("[P1] an update from a server is durable when it is answered, is seen by who has it open, and may be sent again", async () => {
  const room = await open("patch");
  room.doc.getText("body").insert(0, "a");
  await saved(room);
  const update = updateOf("from a server ");
  const patch = (headers: Record<string, string> = {}): Promise<Response> =>
    call("patch/document", { method: "PATCH", body: update as Uint8Array<ArrayBuffer>, headers });
  const vector = btoa(String.fromCharCode(...Y.encodeStateVector(room.doc)));
  const applied = await patch({ "if-state-vector": vector });
  expect(applied.status).toBe(200);
  await until(() => room.doc.getText("body").toJSON().includes("from a server"), "the server's text");
  const again = await patch({ "if-state-vector": vector });
  expect([again.status, await again.json()]).toEqual([200, await applied.json()]);
  const other = await call("patch/document", {
    method: "PATCH",
    body: updateOf("too late") as Uint8Array<ArrayBuffer>,
    headers: { "if-state-vector": vector },
  });
  expect([other.status, (await other.json<{ title: string }>()).title]).toEqual([412, "conflict"]);
  expect((await patch({ "if-state-vector": "%%%" })).status).toBe(400);
  room.destroy();
});

test("[P5] what is no update, or rests on what is not there, is refused with its reason and changes nothing", async () => {
  const room = await open("bad");
  room.doc.getText("body").insert(0, "a");
  await saved(room);
  const before = (await call("bad")).headers.get("etag");
  const doc = new Y.Doc();
  doc.getText("body").insert(0, "one");
  const vector = Y.encodeStateVector(doc);
  doc.getText("body").insert(3, "two");
  const gap = Y.encodeStateAsUpdate(doc, vector);
  for (const body of [Uint8Array.of(1, 2, 3), updateOf("cut").slice(0, 9), gap]) {
    const response = await call("bad/document", { method: "PATCH", body: body as Uint8Array<ArrayBuffer> });
    expect([response.status, (await response.json<{ title: string }>()).title]).toEqual([422, "bad-input"]);
  }
  expect((await call("bad")).headers.get("etag")).toBe(before);
  expect(room.status).toBe("connected");
  room.destroy();
});

test("[P8] what is too long to be meant is refused with 413, whether it says its length or not, and not read before the scope is looked at", async () => {
  const room = await open("long");
  await saved(room);
  let pulled = 0;
  /** Without a length, and without an end. */
  const endless = (): ReadableStream =>
    new ReadableStream({
      pull(to) {
        pulled += 65_536;
        to.enqueue(new Uint8Array(65_536));
      },
    });
  const status = async (path: string, init: RequestInit, scopes?: readonly Scope[]): Promise<unknown> => {
    const response = await call(path, init, scopes);
    return [response.status, (await response.json<{ title: string }>()).title];
  };
  for (const body of [endless(), new Uint8Array(960_001)])
    expect(await status("long/document", { method: "PATCH", body })).toEqual([413, "too-large"]);
  expect(pulled).toBeLessThan(3_000_000);
  for (const path of ["long/versions", "long/restore"])
    expect(await status(path, { method: "POST", body: JSON.stringify({ name: "x".repeat(9000) }) })).toEqual([413, "too-large"]);
  const guest = await fetchWorker("/auth/guest", { method: "POST", body: JSON.stringify({ name: "x".repeat(9000) }) });
  expect(guest.status).toBe(413);
  pulled = 0;
  expect(await status("long/document", { method: "PATCH", body: endless() }, ["read"])).toEqual([403, "forbidden"]);
  expect(pulled).toBeLessThan(500_000);
  room.destroy();
});

test("who may not is told what it takes, whether the room exists or not", async () => {
  const room = await open("scopes");
  await saved(room);
  const body = updateOf("x") as Uint8Array<ArrayBuffer>;
  for (const id of ["scopes", "no-such-room"])
    for (const [path, init, scopes] of [
      [`${id}/document`, { method: "PATCH", body }, ["read"]],
      [`${id}/restore`, { method: "POST", body: '{"version":1}' }, ["read"]],
      [`${id}/versions/1`, { method: "DELETE" }, ["read"]],
      [id, { method: "DELETE" }, ["read", "write", "create"]],
      [id, {}, []],
    ] as const)
      expect([path, (await call(path, init, scopes)).status]).toEqual([path, 403]);
  expect((await fetchWorker("/parties/notes/scopes")).status).toBe(401);
  room.destroy();
});

test("versions: kept by name, listed, read, and restored as a change that open editors follow", async () => {
  const [ann, ben] = [await open("versions"), await open("versions")];
  const body = ann.doc.getText("body");
  const list = ann.doc.getArray("list");
  body.insert(0, "The first draft");
  list.push([1, 2, 3]);
  await saved(ann);
  const kept = await ann.versions.keep("first draft");
  expect(kept).toMatchObject({ id: 1, name: "first draft" });
  body.delete(4, 6);
  body.insert(0, "Not ");
  list.delete(0, 2);
  await saved(ann);
  await until(() => ben.doc.getText("body").toJSON() === "Not The draft", "the second draft");
  expect(await ann.versions.list()).toEqual([kept]);
  expect(bodyOf(await ann.versions.read(1))).toBe("The first draft");
  await ann.versions.restore(1);
  for (const room of [ann, ben]) {
    await until(() => room.doc.getText("body").toJSON() === "The first draft", "the first draft again");
    expect(room.doc.getArray("list").toJSON()).toEqual([1, 2, 3]);
  }
  body.insert(0, "> ");
  await saved(ann);
  await until(() => ben.doc.getText("body").toJSON() === "> The first draft", "editing goes on");
  await expect(ann.versions.read(9)).rejects.toMatchObject({ code: "not-found" });
  await expect(ann.versions.keep("")).rejects.toMatchObject({ code: "bad-input" });
  const second = await ann.versions.keep("second");
  await ann.versions.delete(second.id);
  expect(await ann.versions.list()).toEqual([kept]);
  await expect(ann.versions.delete(second.id)).rejects.toMatchObject({ code: "not-found" });
  await expect(ann.versions.restore(second.id)).rejects.toMatchObject({ code: "not-found" });
  for (const room of [ann, ben]) room.destroy();
  const versions = async (): Promise<{ name: string | null }[]> =>
    ((await (await call("versions/versions")).json()) as { versions: { name: string | null }[] }).versions;
  for (let tries = 0; (await versions()).length < 1 && tries < 100; tries++) await new Promise((go) => setTimeout(go, 10));
  expect((await versions())[0]).toMatchObject({ name: "first draft" });
});

test("a deleted room closes everyone with 4404, and nobody brings its text back but by making it anew", async () => {
  const room = await open("deleted");
  room.doc.getText("body").insert(0, "old life");
  await saved(room);
  const closed = new Promise((resolve) => room.on("error", resolve));
  expect((await call("deleted", { method: "DELETE" }, ["admin"])).status).toBe(204);
  expect(await closed).toMatchObject({ code: "not-found" });
  expect((await call("deleted", { method: "DELETE" }, ["admin"])).status).toBe(404);
  room.connect(); // the page is still open, with its text
  expect(await new Promise((resolve) => room.on("error", resolve))).toMatchObject({ code: "not-found" });
  const anew = clientOf("ben").join(notesRoom, "deleted", { create: undefined });
  await expect(anew.ready).rejects.toMatchObject({ code: "not-found" });
  await evictDurableObject(env.NOTES.getByName("deleted"));
  expect((await call("deleted")).status).toBe(404);
  room.destroy();
  anew.destroy();
});

test("a row that cannot be read breaks the room for everyone, and is taken out by a repair, with nothing else lost", async () => {
  const room = await open("broken");
  room.doc.getText("body").insert(0, "before");
  await saved(room);
  room.destroy();
  const stub = env.NOTES.getByName("broken");
  const admin = (path: string, method = "GET"): Promise<Response> => call(`broken/${path}`, { method }, ["admin"]);
  expect(await (await admin("verify")).json()).toMatchObject({ findings: [] });
  const seq = await runInDurableObject(stub, (_object, { storage }) => {
    const { last } = storage.sql.exec<{ last: number }>("SELECT max(seq) AS last FROM journal").one();
    const bytes = writeSections(new Map([[3, Uint8Array.of(0, 1, 4, 9, 9, 9, 9)]]));
    storage.sql.exec("INSERT INTO journal VALUES (?, 1, ?)", last + 1, bytes);
    return last + 1;
  });
  await evictDurableObject(stub);
  const stuck = clientOf("ben").join(notesRoom, "broken");
  await until(() => stuck.status === "connecting", "still outside");
  expect((await call("broken")).status).toBe(503);
  const verified = await (await admin("verify")).json<{ findings: { where: string; mendable: boolean }[] }>();
  expect(verified.findings.map(({ where, mendable }) => [where, mendable])).toEqual([[`row ${seq}`, true]]);
  expect((await (await admin("export")).text()).split("\n").length).toBeGreaterThan(seq);
  expect(await (await admin("repair", "POST")).json()).toEqual({ rows: [seq] });
  expect(bodyOf(await bytesOf(await call("broken")))).toBe("before");
  await stuck.ready;
  expect(stuck.doc.getText("body").toString()).toBe("before");
  expect(await (await admin("verify")).json()).toMatchObject({ findings: [] });
  stuck.destroy();
}, 20_000);
