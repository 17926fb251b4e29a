/** Runs one rule on one state: all of it or nothing. Both sides call this; neither does more to run an action. */
import { encode } from "../protocol/frame.ts";
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
  /** What `c.random()` draws from: a seed, or the numbers themselves. */
  readonly seed: number | (() => number);
}

/** An action to be run later, by the room. */
export interface Timer {
  /** ms since 1970. */
  readonly at: number;
  readonly action: number;
  /** In the action's own codec. */
  readonly input: Uint8Array;
}

export interface GameEvent {
  readonly type: string;
  readonly data: unknown;
}

/** What became of a rule. `broke`: it threw what is no refusal, which is a bug in the rules. */
export type Outcome =
  | { readonly kind: "done"; readonly value: unknown; readonly events: readonly GameEvent[]; readonly timers: readonly Timer[] }
  | { readonly kind: "rejected"; readonly code: string }
  | { readonly kind: "broke"; readonly error: unknown };

/** A year: what is due later than that is better kept in a table. */
const MAX_TIMER_MS = 365 * 86_400_000;

class Rejection {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

/** `draft` is the state as the rule sees it: `state.draft`, or a narrower one. */
export function run(
  rules: Rules,
  state: GameState,
  params: unknown,
  caller: Caller,
  rule: (c: AnyContext) => unknown,
  draft: unknown = state.draft,
): Outcome {
  const mark = state.log.length;
  const events: GameEvent[] = [];
  const timers: Timer[] = [];
  try {
    const value = rule(new RuleContext(rules, draft, params, caller, events, timers));
    return { kind: "done", value, events, timers };
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
  const live = (state.publicDraft as Record<string, { get(id: number): unknown }>)[table]!.get(row);
  if (live === undefined) return false;
  const mark = state.log.length;
  const outcome = run(rules, state, params, caller, (c) => guard(c, live), state.publicDraft);
  state.rollback(mark); // a guard looks, and changes nothing
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
  readonly #seed: number | (() => number);
  readonly #events: GameEvent[];
  readonly #timers: Timer[];
  #random: (() => number) | undefined;

  constructor(rules: Rules, draft: unknown, params: unknown, { me, now, seed }: Caller, events: GameEvent[], timers: Timer[]) {
    this.state = draft as AnyContext["state"];
    this.params = params as object;
    this.me = me;
    this.now = now;
    this.#rules = rules;
    this.#seed = seed;
    this.#events = events;
    this.#timers = timers;
  }

  get random(): () => number {
    return (this.#random ??= typeof this.#seed === "number" ? random(this.#seed) : this.#seed);
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
    const all = this.#events;
    return (type, data) => {
      const declared = Object.hasOwn(events, type) ? events[type] : undefined;
      if (!declared)
        throw new RangeError(`emit(${describe(type)}) is none of the declared events: ${Object.keys(events).join(", ")}`);
      all.push({ type, data: declared.check(data, [type]) });
    };
  }

  get after(): (ms: number, action: string, input?: unknown) => void {
    const { actions } = this.#rules;
    const timers = this.#timers;
    const { now } = this;
    return (ms, action, input) => {
      const move = actions.find(({ name }) => name === action);
      if (!move)
        throw new RangeError(
          `after(${ms}, ${describe(action)}) is none of the declared actions: ${actions.map(({ name }) => name).join(", ")}`,
        );
      if (!(ms >= 0 && ms <= MAX_TIMER_MS)) throw new RangeError(`after(${ms}), expected 0 to ${MAX_TIMER_MS} ms`);
      const bytes = encode((to) => move.input?.write(to, move.input.check(input, [action])));
      timers.push({ at: now + ms, action: move.number, input: bytes });
    };
  }
}
