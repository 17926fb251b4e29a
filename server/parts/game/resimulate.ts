/**
 * Runs a stored game once more by the rules of now, from the snapshot through every row's inputs, and compares: answers,
 * timers, and after each row all tables. What differs is what a deploy of these rules would have made of a past game.
 */
import * as decoding from "lib0/decoding";
import { join } from "../../../shared/bytes.ts";
import { applyDelta } from "../../../shared/game/delta.ts";
import type { Rules } from "../../../shared/game/define-game.ts";
import { run, type AnyGame, type Outcome, type Timer } from "../../../shared/game/run.ts";
import { GameState } from "../../../shared/game/tables.ts";
import type { Answer } from "../../../shared/protocol/action.ts";
import { Journal } from "../../room/journal.ts";
import { Sessions, SESSIONS_SECTION } from "../../room/sessions.ts";
import type { Birth, Store } from "../../storage/store.ts";
import { Chance } from "./chance.ts";
import { jsonOf, readWhole } from "./action-limits.ts";
import { readEntry, type Input } from "./inputs.ts";
import { GAME_SECTION, readGame } from "./stored.ts";
import { Timers } from "./timers.ts";

/** The first thing that came out differently. */
export interface Divergence {
  readonly seq: number;
  /** "the answer of drop", "groups.7.x", "the timer of skip". */
  readonly what: string;
  readonly stored: string;
  readonly now: string;
}

export interface Resimulation {
  readonly rows: number;
  readonly inputs: number;
  readonly divergence: Divergence | undefined;
}

/** Throws where the store holds no room of this game and version. */
export function resimulate(game: AnyGame, store: Store): Resimulation {
  const stored = new Journal(store, Infinity).load();
  if (!stored) throw new RangeError("there is no room");
  if (stored.birth.gameVersion !== game.version && !game["~rules"].compatible.includes(stored.birth.gameVersion))
    throw new RangeError(`stored by rules of version ${stored.birth.gameVersion}, these are version ${game.version}`);
  return new Rerun(game["~rules"], stored.birth).of(stored);
}

type Stored = NonNullable<ReturnType<Journal["load"]>>;

class Rerun {
  readonly #rules: Rules;
  readonly #params: unknown;
  readonly #chance: Chance;
  readonly #then: GameState;
  readonly #now: GameState;
  readonly #sessions = new Sessions();
  readonly #timers = new Timers();
  /** Timers that were asked for, and are not yet seen in the row. */
  #asked: Timer[] = [];

  constructor(rules: Rules, { params, seed, secret }: Birth) {
    this.#rules = rules;
    this.#params = rules.params?.read(decoding.createDecoder(params));
    this.#chance = new Chance(secret ?? String(seed));
    this.#then = new GameState(rules.state);
    this.#now = new GameState(rules.state);
  }

  of({ section, rows }: Stored): Resimulation {
    const bytes = join(section(GAME_SECTION));
    for (const state of [this.#then, this.#now]) readGame(decoding.createDecoder(bytes), state, this.#timers);
    this.#sessions.restore(decoding.createDecoder(join(section(SESSIONS_SECTION))));
    let [count, inputs] = [0, 0];
    let divergence: Divergence | undefined;
    for (const { seq, at, sections } of rows) {
      count++;
      if (divergence) continue; // rows are read to the end
      const sessions = sections.get(SESSIONS_SECTION);
      if (sessions) this.#sessions.replay(decoding.createDecoder(sessions));
      const from = decoding.createDecoder(sections.get(GAME_SECTION) ?? new Uint8Array(1));
      const changes = decoding.readVarUint8Array(from);
      if (changes.length > 0) applyDelta(decoding.createDecoder(changes), this.#then);
      let place = 0;
      while (!divergence && decoding.hasContent(from)) {
        const entry = readEntry(from);
        if (entry.kind === "secrets") applyDelta(decoding.createDecoder(entry.changes), this.#then);
        else if (entry.kind !== "input") {
          this.#timers.set(entry.id, entry.timer);
          if (entry.kind === "set") divergence = this.#sameTimer(seq, entry.timer);
        } else {
          inputs++;
          divergence = this.#sameAnswer(seq, entry.input, entry.answer, this.#run(entry.input, seq, place++, at));
        }
      }
      if (this.#asked.length > 0) divergence ??= this.#sameTimer(seq, undefined);
      this.#then.log.clear();
      this.#now.log.clear();
      divergence ??= this.#sameState(seq);
    }
    return { rows: count, inputs, divergence };
  }

  /** As the room ran it (game-part.ts). */
  #run(input: Input, seq: number, place: number, at: number): Outcome {
    const rules = this.#rules;
    if (input.kind === "join" || input.kind === "leave") {
      const caller = { me: input.me, now: at, seed: this.#chance.for(input, undefined, seq, place, () => "") };
      return run(rules, this.#now, this.#params, caller, (c) => rules[input.kind]?.(c));
    }
    const timer = input.kind === "timer" ? this.#timers.get(input.id) : undefined;
    if (input.kind === "timer") this.#timers.delete(input.id);
    const number = input.kind === "timer" ? timer?.action : input.action;
    const move = rules.actions[number ?? -1];
    const bytes = input.kind === "timer" ? timer?.input : input.input;
    const seed = this.#chance.for(input, move, seq, place, () => (input.kind === "act" ? this.#sessions.idIn(input.slot) : ""));
    const caller = { me: input.kind === "timer" ? 0 : input.me, now: Math.max(at, timer?.at ?? 0), seed };
    const draft = input.kind === "act" && move?.predict === true ? this.#now.publicDraft : this.#now.draft;
    const rule = (c: Parameters<NonNullable<typeof move>["run"]>[0]): unknown => {
      if (!move || !bytes) throw new RangeError(`no action ${number}`);
      return jsonOf(move.run(c, readWhole(move, bytes)));
    };
    return run(rules, this.#now, this.#params, caller, rule, draft);
  }

  #nameOf(input: Input): string {
    if (input.kind !== "act") return input.kind;
    return this.#rules.actions[input.action]?.name ?? `action ${input.action}`;
  }

  #sameAnswer(seq: number, input: Input, answer: Answer, outcome: Outcome): Divergence | undefined {
    if (outcome.kind === "done") this.#asked.push(...outcome.timers);
    // What a hook returns is nobody's.
    const isHook = input.kind === "join" || input.kind === "leave";
    const words = (each: Outcome | Answer): string => {
      if (each.kind === "rejected") return `rejected: ${each.code}`;
      if (each.kind === "broke") return "it threw";
      return isHook ? "done" : `done: ${"json" in each ? each.json : String(each.value)}`;
    };
    const [stored, now] = [words(answer), words(outcome)];
    return stored === now ? undefined : { seq, what: `the answer of ${this.#nameOf(input)}`, stored, now };
  }

  #sameTimer(seq: number, stored: Timer | undefined): Divergence | undefined {
    const now = this.#asked.shift();
    const words = (timer: Timer | undefined): string =>
      timer ? `${this.#rules.actions[timer.action]?.name} at ${timer.at} with ${timer.input.join(" ")}` : "none";
    return words(stored) === words(now) ? undefined : { seq, what: "a timer", stored: words(stored), now: words(now) };
  }

  #sameState(seq: number): Divergence | undefined {
    for (const [number, then] of this.#then.tables.entries()) {
      const now = this.#now.tables[number]!;
      if (then.hash === now.hash && then.size === now.size) continue;
      for (const id of new Set([...then.ids(), ...now.ids()])) {
        if (then.has(id) !== now.has(id))
          return {
            seq,
            what: `${then.name}.${id}`,
            stored: then.has(id) ? "a row" : "none",
            now: now.has(id) ? "a row" : "none",
          };
        for (const [column, name] of then.columns.entries()) {
          const [stored, received] = [then.get(id, column), now.get(id, column)].map((value) => JSON.stringify(value));
          if (stored !== received) return { seq, what: `${then.name}.${id}.${name}`, stored: `${stored}`, now: `${received}` };
        }
      }
    }
    return undefined;
  }
}
