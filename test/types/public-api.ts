/** The public types in use: everything here must type-check, and every `@ts-expect-error` must stay an error. */
import { defineGame, defineRoom, t, type ContextOf } from "coterie";
import { makeKeys, signToken } from "coterie/auth";
import { createClient, within, type Client } from "coterie/client";
import { indexedDb } from "coterie/client/offline";
import { devtools } from "coterie/client/devtools";
import { createRoomContext, shallow } from "coterie/react";
import { createWorker, durableRoom, getRoom } from "coterie/server";
const rules = defineGame({
  name: "puzzle", version: 1, params: t.struct({ cols: t.u8() }), codes: ["held", "gone"], events: { solved: t.struct({ ms: t.u32() }) },
  state: { groups: t.table({ x: t.u16(), heldBy: t.u16() }, { index: ["heldBy"] }), meta: t.value({ topZ: t.u32() }) },
  setup(c) { for (let i = 0; i < c.params.cols; i++) c.state.groups.add(i, { x: c.random(), heldBy: 0 }); c.state.meta.topZ = c.now; },
  leave(c) { for (const g of c.state.groups.where("heldBy", c.me)) g.heldBy = 0; },
});
const snap = (c: ContextOf<typeof rules>, g: number): number => c.state.groups.get(g)?.id ?? 0;
export const puzzle = rules.actions((a) => ({
  grab: a(t.struct({ g: t.u16() }), (c, i) => { const g = c.state.groups.get(i.g) ?? c.reject("gone"); if (g.heldBy) return c.reject("held"); g.heldBy = c.me; }),
  drag: a.stream("groups", ["x"], (c, g) => g.heldBy === c.me, { hz: 30 }),
  // @ts-expect-error no such column
  bad1: a.stream("groups", ["nope"], () => true),
  // @ts-expect-error not a table
  bad2: a.stream("meta", ["topZ"], () => true),
  drop: a(t.struct({ g: t.u16() }), (c, i) => { c.emit("solved", { ms: c.now }); return snap(c, i.g); }),
  restart: a((c) => { c.state.meta.topZ = 0; }),
  soon: a(t.union("kind", { now: {}, in: { ms: t.u16(), note: t.optional(t.str(9)) } }), (c, i) => { if (i.kind === "in") c.after(i.ms, "restart"); const m: "now" | "in" = i.kind; void m; }, { scope: "admin" }),
  pick: a(t.struct({ of: t.array(t.enum("a", "b"), 3) }), (_c, { of }) => of[0]),
  // @ts-expect-error no such scope
  bad3: a((c) => { c.state.meta.topZ = 0; }, { scope: "root" }),
  // @ts-expect-error unknown code
  bad: a((c) => { c.reject("hold"); }),
}));
export const puzzleRoom = defineRoom({ name: "puzzle", game: puzzle, document: true, presence: t.struct({ cursor: t.nullable(t.u16()) }), events: { emote: t.struct({ e: t.str(8) }) } });
export const docRoom = defineRoom({ name: "document", document: true });
export const gameRoom = defineRoom({ name: "arena", game: puzzle });
export class Puzzle extends durableRoom(puzzleRoom) { override onEvent(e: { type: "solved"; data: { ms: number } }): void { void e.data.ms; } }
export class Docs extends durableRoom(docRoom) {}
export const PC = durableRoom(gameRoom);
export default createWorker({ rooms: { puzzle: Puzzle, document: Docs, arena: PC } });
// @ts-expect-error key is not the room's name
createWorker({ rooms: { jigsaw: Puzzle } });
declare const ns: DurableObjectNamespace<Puzzle>; ns.getByName("a");
declare const ns2: DurableObjectNamespace<InstanceType<typeof PC>>; ns2.getByName("a");
const client = createClient({ host: "" }), room = client.join(puzzleRoom, "a", { presence: { cursor: null }, create: { cols: 4 } });
client.join(gameRoom, "a", { connect: false }).connect();
declare const lean: Client<false>; lean.join(gameRoom, "a");
// @ts-expect-error document room on a client without documents
lean.join(docRoom, "a");
const x: number | undefined = room.state.groups.get(7)?.x, { value } = await room.do.drop({ g: 1 }), n: number = value;
const s: void = room.do.drag({ id: 1, x: 2 }); room.do.restart(); room.doc.getText("n"); room.params.cols;
try { await room.do.grab({ g: 1 }); } catch (e) { if (room.isRejection(e)) { const c: "held" | "gone" = e.code; } }
const way: { readonly x: number } | undefined = room.motion.drag(7), xs: Readonly<Float64Array> = room.state.groups.column("x");
// @ts-expect-error no stream
room.motion.drop(7);
// @ts-expect-error no column
room.state.groups.column("id");
room.on("event", (e) => { if (e.type === "solved") { const f: "room" = e.from, m: number = e.data.ms; } else { const m: string = e.data.e; } });
room.do.soon({ kind: "now" }); room.do.soon({ kind: "in", ms: 5 }); room.do.soon({ kind: "in", ms: 5, note: "x" });
const picked: "a" | "b" | undefined = (await room.do.pick({ of: ["a"] })).value;
// @ts-expect-error a field of another variant
room.do.soon({ kind: "now", ms: 5 });
// @ts-expect-error no such name
room.do.pick({ of: ["c"] });
// @ts-expect-error no such column to be private by
t.table({ x: t.u8() }, { private: "y" });
// @ts-expect-error wrong input
room.do.grab({ g: "1" });
// @ts-expect-error unknown action
room.do.nope();
// @ts-expect-error missing input
room.do.grab();
// @ts-expect-error unknown field
room.state.meta.nope;
// @ts-expect-error read-only
room.state.meta.topZ = 1;
// @ts-expect-error read-only
room.state.groups.get(7)!.x = 1;
// @ts-expect-error read-only
room.state.groups.add(1, { x: 1, heldBy: 1 });
// @ts-expect-error game events are the room's
room.broadcast("solved", { ms: 1 });
// @ts-expect-error presence required
client.join(puzzleRoom, "a");
// @ts-expect-error no game
client.join(docRoom, "a").do;
// @ts-expect-error no document
client.join(gameRoom, "a").doc;
const g: number | undefined = createRoomContext(puzzleRoom).useGame((s) => s.groups.get(1)?.x);
const hooks = createRoomContext(puzzleRoom), { useGame, useOther, useOthers, useSelf, useEvent, useReady } = hooks; useReady();
const ids: number[] = useGame((s) => [...s.groups].map(({ id }) => id), shallow), at: number | null | undefined = useOther(1, (p) => p.presence.cursor);
const everyone: readonly { readonly id: number }[] = useOthers(), them: number = useOthers((others) => others.length), own: number | null = useSelf((me) => me.id), whole: number | undefined = useSelf()?.id;
useEvent((e) => { if (e.type === "solved") { const f: "room" = e.from, m: number = e.data.ms; } else { const f: number = e.from, m: string = e.data.e; } });
// @ts-expect-error no such event
useEvent((e) => e.type === "unsolved");
// @ts-expect-error compares what is picked
useGame((s) => s.meta.topZ, (a: string, b: string) => a === b);
const remove: () => void = devtools(room, { debug: {}, open: true }); devtools(client.join(docRoom, "a"));
// @ts-expect-error no such switch
devtools(room, { debug: { latency: 1 } });
// @ts-expect-error no game
createRoomContext(docRoom).useGame;
// @ts-expect-error no document
createRoomContext(gameRoom).useDoc;
client.lobby(puzzleRoom).create({ cols: 6 });
// @ts-expect-error lobby params are typed
client.lobby(puzzleRoom).create({ cols: "6" });
const lobby = client.lobby(puzzleRoom), cols: number | undefined = (await lobby.list({ cols: 6 }))[0]?.params.cols;
const unwatch: () => void = lobby.watch((open) => { const n: number | undefined = open[0]?.players; void n; });
const matched: { id: string } = await lobby.quickMatch({ cols: 6 }, { create: { cols: 6 }, except: ["a"] }); await client.lobby(docRoom).quickMatch({}, { create: undefined });
// @ts-expect-error a filter is of parameters
lobby.quickMatch({ rows: 6 });
// @ts-expect-error and of their types
lobby.list({ cols: "6" });
durableRoom(gameRoom, { capacity: 4, ended: (s) => s.meta.topZ > 9 });
// @ts-expect-error no such state
durableRoom(gameRoom, { ended: (s) => s.nope });
createWorker({ rooms: { puzzle: Puzzle }, lobby: { puzzle: true }, limits: { roomsPerUser: 3 }, placement: { jurisdiction: { "puzzle:eu": "eu" } } });
// @ts-expect-error no such party
createWorker({ rooms: { puzzle: Puzzle }, lobby: { jigsaw: true } });
getRoom(ns, puzzleRoom, "a").do.restart();
// @ts-expect-error another room's namespace
getRoom(ns2, puzzleRoom, "a");
// @ts-expect-error wrong id type of result
const notString: string = value;
// @ts-expect-error x is a number
const notX: string | undefined = room.state.groups.get(7)?.x;
createRoomContext(puzzleRoom).RoomProvider({ client, id: "a", presence: { cursor: 1 } });
const pair = await makeKeys("EdDSA"), signed: string = await signToken({ key: pair.privateKey, issuer: "https://example.com", user: { id: "ann", name: "Ann" }, rooms: { "puzzle:*": ["read", "write"] } });
await signToken({ key: "text of DEV_SECRET", user: { id: "ann" }, rooms: {}, audience: "x", expiresInSeconds: 60, id: signed });
// @ts-expect-error no such scope
await signToken({ key: pair.privateKey, user: { id: "ann" }, rooms: { "puzzle:*": ["root"] } });
// @ts-expect-error nobody's token
await signToken({ key: pair.privateKey, rooms: {} });
createClient({ offline: indexedDb({ prefix: "ann" }), warnOnUnsaved: true });
const late: { seq: number; value: number } = await within(room.do.drop({ g: 1 }), AbortSignal.timeout(5000)); await within(room.ready, 5000);
room.on("error", ({ code, action }) => { const text: string = code, name: string | undefined = action?.name, input: unknown = action?.input; });
