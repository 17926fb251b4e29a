/**
 * What a room of the board game has stored, read past the room's own code. The state is made twice: from the public
 * changes, as every client takes them, and by running the rules again on the inputs. Both must give the same bytes.
 */
import * as decoding from "lib0/decoding";
import { join } from "../../shared/bytes.ts";
import type { Store } from "../../server/storage/store.ts";
import { Chance } from "../../server/parts/game/chance.ts";
import { readEntry, type Input } from "../../server/parts/game/inputs.ts";
import { applyDelta } from "../../shared/game/delta.ts";
import { seedOf } from "../../shared/game/random.ts";
import { run, type Caller } from "../../shared/game/run.ts";
import { readSnapshot, writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import type { Answer } from "../../shared/protocol/action.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { board } from "./board-game.ts";

export interface StoredInput {
  readonly seq: number;
  readonly input: Input;
  readonly answer: Answer;
}

export interface Stored {
  readonly seqs: readonly number[];
  readonly inputs: readonly StoredInput[];
  /** Canonical bytes of the state, by the changes. */
  readonly state: string;
  /** The same, by running the rules again. */
  readonly again: string;
}

const SESSIONS = 1;
const GAME = 2;
const rules = board["~rules"];

/**
 * Of a room whose journal reaches back to its snapshot. With `past`, the store as it once was, from the snapshot of then:
 * what has been dropped since is read there.
 */
export function readStored(store: Store, past: Store = store): Stored | undefined {
  const birth = store.birth();
  const snapshot = past.snapshot();
  if (!birth || snapshot === undefined) return undefined;
  const before = past === store ? [] : [...past.rows(snapshot)];
  const rows = [...before, ...store.rows(before.at(-1)?.seq ?? snapshot)];
  const params = rules.params?.read(decoding.createDecoder(birth.params));
  const sessions = new Map<number, string>();
  const [state, again] = [new GameState(rules.state), new GameState(rules.state)];
  for (const each of [state, again]) {
    const section = decoding.createDecoder(join(past.section(snapshot, GAME)));
    decoding.readVarUint(section); // the newest row with public changes
    for (let left = decoding.readVarUint(section); left > 0; left--) decoding.readVarUint(section); // who is present
    readSnapshot(section, each);
  }
  const seqs: number[] = [];
  const inputs: StoredInput[] = [];
  for (const { seq, at, bytes } of rows) {
    seqs.push(seq);
    readSessions(sectionOf(bytes, SESSIONS), sessions);
    const from = sectionOf(bytes, GAME);
    if (!from) continue;
    const changes = decoding.readVarUint8Array(from);
    if (changes.length > 0) applyDelta(decoding.createDecoder(changes), state);
    while (decoding.hasContent(from)) {
      const entry = readEntry(from);
      if (entry.kind !== "input") throw new RangeError(`the board sets no timers and has no secrets, received ${entry.kind}`);
      const { input, answer } = entry;
      if (input.kind === "timer") throw new RangeError("the board has no timers");
      inputs.push({ seq, input, answer });
      runAgain(again, params, input, {
        me: input.me,
        now: at,
        seed: seedFor(input, seq, sessions, new Chance(birth.secret ?? String(birth.seed))),
      });
    }
  }
  return { seqs, inputs, state: canonicalBytes(state), again: canonicalBytes(again) };
}

export const canonicalBytes = (state: GameState): string => Buffer.from(encode((to) => writeSnapshot(to, state))).toString("hex");

function runAgain(state: GameState, params: unknown, input: Exclude<Input, { kind: "timer" }>, caller: Caller): void {
  if (input.kind !== "act") return void run(rules, state, params, caller, (c) => rules[input.kind]?.(c));
  const move = rules.actions[input.action]!;
  const value = move.input?.read(decoding.createDecoder(input.input));
  run(rules, state, params, caller, (c) => move.run(c, value));
}

/** What both sides draw from; the room's secret where the browser is not to foresee it. */
function seedFor(
  input: Exclude<Input, { kind: "timer" }>,
  seq: number,
  sessions: ReadonlyMap<number, string>,
  chance: Chance,
): number | (() => number) {
  if (input.kind !== "act") return chance.of(input.kind, seq, input.me);
  const session = sessions.get(input.slot) ?? "";
  return rules.actions[input.action]!.predict ? seedOf(session, input.number) : chance.of("act", session, input.number);
}

function sectionOf(bytes: Uint8Array, section: number): decoding.Decoder | undefined {
  const from = decoding.createDecoder(bytes);
  while (decoding.hasContent(from)) {
    const number = decoding.readVarUint(from);
    const body = decoding.readVarUint8Array(from);
    if (number === section) return decoding.createDecoder(body);
  }
  return undefined;
}

function readSessions(from: decoding.Decoder | undefined, sessions: Map<number, string>): void {
  if (!from) return;
  for (let left = decoding.readVarUint(from); left > 0; left--) {
    decoding.readVarUint(from); // c.me
    decoding.readVarString(from); // whose it is
  }
  for (let left = decoding.readVarUint(from); left > 0; left--) {
    const slot = decoding.readVarUint(from);
    decoding.readVarUint(from); // c.me
    sessions.set(slot, decoding.readVarString(from));
  }
}
