/** Every scope against every message of the wire: what a token does not allow changes nothing, and nobody else hears of it. */
import { defineRoom, t } from "coterie";
import * as encoding from "lib0/encoding";
import { expect, test } from "vitest";
import * as Y from "yjs";
import type { Scope } from "../../server/room/connections.ts";
import { writeAct } from "../../shared/protocol/action.ts";
import { writeEdit } from "../../shared/protocol/document.ts";
import { readDown } from "../../shared/protocol/down.ts";
import { writeAck, writePace } from "../../shared/protocol/flow.ts";
import { encode, readFrame } from "../../shared/protocol/frame.ts";
import { writeDrifted, writeMove } from "../../shared/protocol/game.ts";
import { writeEventUp } from "../../shared/protocol/people.ts";
import { UP } from "../../shared/protocol/up.ts";
import { board } from "../kit/board-game.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import { Intruder } from "../kit/intruder.ts";
import { Simulation } from "../kit/simulation.ts";

/** All that a room can have. */
const everything = defineRoom({
  name: "everything",
  game: board,
  document: true,
  presence: t.struct({ mood: t.str(16) }),
  events: { wave: t.struct({ hand: t.str(8) }) },
});

const SCOPES = ["read", "presence", "write", "create", "import", "admin"] as const satisfies readonly Scope[];

const edit = (): Uint8Array => {
  const doc = new Y.Doc();
  doc.getText("text").insert(0, "x");
  return Y.encodeStateAsUpdate(doc);
};
const awareness = encode((to) => {
  encoding.writeVarUint(to, 1);
  encoding.writeVarUint(to, 77);
  encoding.writeVarUint(to, 1);
  encoding.writeVarString(to, '{"x":1}');
});
const text = (words: string): Uint8Array => encode((to) => encoding.writeVarString(to, words));
const add = encode((to) => encoding.writeUint16(to, 5));
const number = (name: string): number => board["~rules"].actions.find((each) => each.name === name)!.number;

/** What each message may do, with which scope; null: with none, it concerns its own sender alone. */
const MESSAGES: Record<Exclude<keyof typeof UP, "hello">, { body: () => Uint8Array; scope: Scope | null }> = {
  ack: { body: () => writeAck(0), scope: null },
  pace: { body: () => writePace(20_000), scope: null },
  drifted: { body: () => writeDrifted(1), scope: null },
  act: { body: () => writeAct({ number: 1, action: number("add"), input: add }), scope: "write" },
  move: { body: () => writeMove(0, 0, new Uint8Array(4)), scope: "write" },
  presence: {
    body: () => encode((to) => (encoding.writeVarUint(to, 1), encoding.writeUint8Array(to, text("loud")))),
    scope: "presence",
  },
  event: { body: () => writeEventUp(0, text("left")), scope: "presence" },
  edit: { body: () => writeEdit({ number: 1, update: edit() }), scope: "write" },
  awareness: { body: () => awareness, scope: "presence" },
};

async function say(scopes: readonly Scope[], kind: keyof typeof MESSAGES) {
  const simulation = new Simulation(everything);
  const ann = simulation.client("ann").client.join(everything, "room", { presence: { mood: "" }, create: { pieces: 3 } });
  await simulation.advance(300);
  const eve = new Intruder(simulation, { scopes }).says(helloFrame(everything, "session of eve"));
  await simulation.advance(300);
  const [rows, told] = [simulation.store.rows(0).length, simulation.sent.length];
  eve.says(frameOf([UP[kind], MESSAGES[kind].body()]));
  await simulation.advance(300);
  const faults = eve.sent.flatMap((frame) => [...readFrame(frame)].map(readDown)).filter((down) => down?.kind === "fault");
  return {
    written: simulation.store.rows(0).length - rows,
    told: simulation.sent.slice(told).filter(({ to }) => to === "ann").length,
    closed: eve.closed,
    faults: faults.map((down) => down.code),
    ann: [ann.status, ann.state.meta.total, ann.doc.getText("text").length],
  };
}

test("[P5] every message that a scope does not allow is refused, changes nothing, and nobody else hears of it", async () => {
  for (const kind of Object.keys(MESSAGES) as (keyof typeof MESSAGES)[])
    for (const scope of SCOPES) {
      const allowed = MESSAGES[kind].scope;
      if (allowed === null || allowed === scope) continue;
      const outcome = await say(["read", scope], kind);
      const silent = kind === "awareness"; // stock clients say it whether they may or not
      expect([kind, scope, outcome]).toEqual([
        kind,
        scope,
        { written: 0, told: 0, closed: undefined, faults: silent ? [] : ["forbidden"], ann: ["connected", 0, 0] },
      ]);
    }
});

test("every message that a scope allows is taken: what the others are refused for is their scope alone", async () => {
  for (const kind of Object.keys(MESSAGES) as (keyof typeof MESSAGES)[]) {
    const { scope } = MESSAGES[kind];
    // Events are told under a name (`c.me`), which those who write have.
    const outcome = await say(["read", ...(scope ? [scope] : []), ...(kind === "event" ? (["write"] as const) : [])], kind);
    expect([kind, outcome.closed, outcome.faults]).toEqual([kind, undefined, []]);
    if (scope !== null && kind !== "move") expect([kind, outcome.told > 0]).toEqual([kind, true]);
  }
});

test("[P5] every number that is no message closes its sender alone, whatever it may do", async () => {
  const known = new Set<number>(Object.values(UP));
  for (const scope of SCOPES) {
    const simulation = new Simulation(everything);
    const ann = simulation.client("ann").client.join(everything, "room", { presence: { mood: "" }, create: { pieces: 3 } });
    await simulation.advance(300);
    for (let type = 0; type < 256; type++) {
      if (known.has(type)) continue;
      const eve = new Intruder(simulation, { scopes: ["read", scope] }).says(helloFrame(everything, `session ${type}`));
      eve.says(frameOf([type, Uint8Array.of(1, 2, 3)]));
      expect([type, eve.closed]).toEqual([type, 4400]);
    }
    expect(ann.status).toBe("connected");
    ann.destroy();
  }
});
