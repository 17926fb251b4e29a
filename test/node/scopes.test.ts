/** Every message a client may send, under every set of scopes a token may give: what is not allowed changes nothing and reaches nobody. */
import { defineRoom, t } from "coterie";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import type { Scope } from "../../server/room/connections.ts";
import { readFault, writeAct } from "../../shared/protocol/action.ts";
import { writeEdit } from "../../shared/protocol/document.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { writeAck, writePace } from "../../shared/protocol/flow.ts";
import { encode, readFrame } from "../../shared/protocol/frame.ts";
import { writeDrifted, writeMove } from "../../shared/protocol/game.ts";
import { writeEventUp } from "../../shared/protocol/people.ts";
import { UP } from "../../shared/protocol/up.ts";
import { board } from "../kit/board-game.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import { Intruder } from "../kit/intruder.ts";
import { simulate } from "../kit/simulation.ts";

const room = defineRoom({
  name: "everything",
  game: board,
  document: true,
  presence: t.struct({ cursor: t.nullable(t.struct({ x: t.i16(), y: t.i16() })), mood: t.str(16) }),
  events: { wave: t.struct({ hand: t.str(8) }) },
});

const ADD = board["~rules"].actions.find(({ name }) => name === "add")!.number;
const doc = new Y.Doc();
doc.clientID = 7;
doc.getText("body").insert(0, "hello");
const awareness = new Awareness(doc);
awareness.setLocalState({ name: "eve" });
const shown = encodeAwarenessUpdate(awareness, [7]);
awareness.destroy();

type Name = Exclude<keyof typeof UP, "hello">;
/** What it takes, whether it is told to others, and whether who may not is told so. */
const MESSAGES: Record<Name, { body: Uint8Array; takes: readonly Scope[]; reaches: boolean; silently?: true }> = {
  ack: { body: writeAck(1), takes: [], reaches: false },
  pace: { body: writePace(10_000), takes: [], reaches: false },
  drifted: { body: writeDrifted(1), takes: [], reaches: false },
  act: { body: writeAct({ number: 1, action: ADD, input: Uint8Array.of(1, 0) }), takes: ["write"], reaches: true },
  move: { body: writeMove(0, 1, Uint8Array.of(1, 0, 1, 0)), takes: ["write"], reaches: false }, // nobody holds the piece
  presence: { body: Uint8Array.of(3, 0, 1, 65), takes: ["presence"], reaches: true },
  event: { body: writeEventUp(0, Uint8Array.of(1, 65)), takes: ["presence", "write"], reaches: true },
  edit: { body: writeEdit({ number: 1, update: Y.encodeStateAsUpdate(doc) }), takes: ["write"], reaches: true },
  awareness: { body: shown, takes: ["presence"], reaches: true, silently: true },
};

const GIVEN = ["presence", "write", "create", "import", "admin"] as const;
const sets = Array.from({ length: 2 ** GIVEN.length }, (_, bits): Scope[] => [
  "read",
  ...GIVEN.filter((_scope, at) => bits & (1 << at)),
]);

test("the table names every message there is", () => {
  expect(Object.keys(MESSAGES).toSorted()).toEqual(
    Object.keys(UP)
      .filter((name) => name !== "hello")
      .toSorted(),
  );
});

test.each(Object.keys(MESSAGES) as Name[])(
  "[P5] %s is taken from those whose scopes allow it, under each of 32 sets of them",
  async (name) => {
    const { body, takes, reaches, silently } = MESSAGES[name];
    for (const scopes of sets) {
      const simulation = simulate(room);
      const ann = new Intruder(simulation, { user: { id: "ann" } }).says(
        helloFrame(room, "ann", { create: encode((to) => board["~rules"].params!.write(to, { pieces: 3 })) }),
      );
      await simulation.advance(200);
      const eve = new Intruder(simulation, { scopes }).says(helloFrame(room, "eve"));
      await simulation.advance(1000);
      const rows = (): number => simulation.store.rows(0).length;
      const [before, heard] = [rows(), ann.sent.length];
      eve.sent.length = 0;
      eve.says(frameOf([UP[name], body]));
      await simulation.advance(200);
      const allowed = takes.every((scope) => scopes.includes(scope));
      const faults = eve.sent.flatMap((frame) =>
        [...readFrame(frame)].filter(({ type }) => type === DOWN.fault).map(({ body: from }) => readFault(from).code),
      );
      expect([scopes, eve.closed, faults]).toEqual([scopes, undefined, allowed || silently ? [] : ["forbidden"]]);
      expect([scopes, ann.sent.length > heard]).toEqual([scopes, allowed && reaches]);
      expect([scopes, rows() > before]).toEqual([scopes, allowed && (name === "act" || name === "edit")]);
    }
  },
);
