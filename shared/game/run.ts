/** Runs one rule on one state: all of it or nothing. Both sides call this; neither does more to run an action. */
import { describe } from "../schema/wire.ts";
import type { AnyContext, Game, GameTypes, Rules, StreamMove } from "./define-game.ts";
import { random } from "./random.ts";
import type { GameState } from "./tables.ts";

export type AnyGame = Game<GameTypes>;

/** Who acts and when, as far as a rule can tell. */
export interface Caller {
  readonly me: number;
  /** ms since 1970. */
  readonly now: number;
  readonly seed: number;
}

export interface GameEvent {
  readonly type: string;
  readonly data: unknown;
}

/** What became of a rule. `broke`: it threw what is no refusal, which is a bug in the rules. */
export type Outcome =
  | { readonly kind: "done"; readonly value: unknown; readonly events: readonly GameEvent[] }
  | { readonly kind: "rejected"; readonly code: string }
  | { readonly kind: "broke"; readonly error: unknown };

class Rejection {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

export function run(rules: Rules, state: GameState, params: unknown, caller: Caller, rule: (c: AnyContext) => unknown): Outcome {
  const mark = state.log.length;
  const events: GameEvent[] = [];
  try {
    const value = rule(new RuleContext(rules, state, params, caller, (event) => events.push(event)));
    return { kind: "done", value, events };
  } catch (error) {
    state.rollback(mark);
    return error instanceof Rejection ? { kind: "rejected", code: error.code } : { kind: "broke", error };
  }
}

/** Whether a stream's guard lets `caller` set values of this row. One that throws does not: nobody pays for its mistake. */
export function may(
  rules: Rules,
  { table, may: guard }: StreamMove,
  state: GameState,
  params: unknown,
  caller: Caller,
  row: number,
): boolean {
  const live = (state.draft as Record<string, { get(id: number): unknown }>)[table]!.get(row);
  if (live === undefined) return false;
  const outcome = run(rules, state, params, caller, (c) => guard(c, live));
  return outcome.kind === "done" && Boolean(outcome.value);
}

/**
 * The context of a rule. One is made for every value of a stream, so what few rules use is made when it is asked for;
 * it may be taken out (`({ state, random }) => …`), so it hangs on no `this`.
 */
class RuleContext implements AnyContext {
  readonly state: AnyContext["state"];
  readonly params: AnyContext["params"];
  readonly me: number;
  readonly now: number;
  readonly #rules: Rules;
  readonly #seed: number;
  readonly #emit: (event: GameEvent) => void;
  #random: (() => number) | undefined;

  constructor(rules: Rules, state: GameState, params: unknown, { me, now, seed }: Caller, emit: (event: GameEvent) => void) {
    this.state = state.draft;
    this.params = params as object;
    this.me = me;
    this.now = now;
    this.#rules = rules;
    this.#seed = seed;
    this.#emit = emit;
  }

  get random(): () => number {
    return (this.#random ??= random(this.#seed));
  }

  get reject(): (code: string) => never {
    const { codes } = this.#rules;
    return (code) => {
      if (!codes.includes(code))
        throw new RangeError(`reject(${describe(code)}) is none of the declared codes: ${codes.join(", ")}`);
      throw new Rejection(code);
    };
  }

  get emit(): (type: string, data: unknown) => void {
    const { events } = this.#rules;
    const emit = this.#emit;
    return (type, data) => {
      const declared = Object.hasOwn(events, type) ? events[type] : undefined;
      if (!declared)
        throw new RangeError(`emit(${describe(type)}) is none of the declared events: ${Object.keys(events).join(", ")}`);
      emit({ type, data: declared.check(data, [type]) });
    };
  }
}
