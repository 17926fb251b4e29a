/** Runs one rule on one state: all of it or nothing. Both sides call this; neither does more to run an action. */
import { describe } from "../schema/wire.ts";
import type { AnyContext, Game, GameTypes, Rules } from "./define-game.ts";
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
    const value = rule(context(rules, state, params, caller, (event) => events.push(event)));
    return { kind: "done", value, events };
  } catch (error) {
    state.rollback(mark);
    return error instanceof Rejection ? { kind: "rejected", code: error.code } : { kind: "broke", error };
  }
}

/** The context of a rule; `emit` may be left out where events are not wanted (guards of streams). */
export function context(
  rules: Rules,
  state: GameState,
  params: unknown,
  caller: Caller,
  emit: (event: GameEvent) => void = () => {},
): AnyContext {
  let draw: (() => number) | undefined;
  return {
    state: state.draft,
    params: params as object,
    me: caller.me,
    now: caller.now,
    random: () => (draw ??= random(caller.seed))(),
    reject(code: string): never {
      if (!rules.codes.includes(code))
        throw new RangeError(`reject(${describe(code)}) is none of the declared codes: ${rules.codes.join(", ")}`);
      throw new Rejection(code);
    },
    emit(type: string, data: unknown) {
      const declared = rules.events[type];
      if (!declared)
        throw new RangeError(`emit(${describe(type)}) is none of the declared events: ${Object.keys(rules.events).join(", ")}`);
      emit({ type, data: declared.check(data, [type]) });
    },
  };
}
