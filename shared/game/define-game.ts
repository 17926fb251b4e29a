/**
 * `defineGame`: a game's state, rules and events, declared once. The room runs the rules with authority; the browser runs
 * the same functions to predict. An action must therefore be a pure function of its context and input: no clock, no
 * `Math.random`, no `await`; `c.now` and `c.random()` are there for that.
 */
import type { StandardSchemaV1 as Std } from "@standard-schema/spec";
import type { In, Out, Shape } from "../schema/compose.ts";
import { foreign, isWire } from "../schema/foreign.ts";
import type { Table } from "../schema/t.ts";
import { describe, type Wire } from "../schema/wire.ts";
import { MAX_COLUMNS } from "./delta.ts";
import type { Draft, Tables, View } from "./tables.ts";

/** What a rule may see and do. */
export interface Context<S, P, E, C> {
  readonly state: Draft<S>;
  readonly params: Readonly<P>;
  /** Who acts: one small number per user, for the room's life. 0 is the room itself, and spectators. */
  readonly me: number;
  /** The room's time, in ms since 1970; the same for every action of one journal row. */
  readonly now: number;
  /** [0, 1), the same on both sides for an action that is predicted. */
  random(): number;
  /** Ends the action: nothing it did stands, and its caller's promise rejects with this code. */
  reject(code: C): never;
  /**
   * Has the room run an action in `ms` (at most a year), as `me` 0, whoever is there then, and though the object has left
   * memory meanwhile. Kept with the row, so it stands when the action that asked for it does. `input` as the action declares it.
   */
  after(ms: number, action: string, input?: unknown): void;
  /** Tells everyone, once the action is durable. */
  emit<K extends keyof E & string>(type: K, data: E[K] extends Std<infer I> ? I : never): void;
}

/** In order, once, answered when durable. */
export interface Action<I, V> {
  readonly lane: "action";
  /** In the types only. */
  readonly input: I;
  /** In the types only. */
  readonly value: V;
}
/** Latest wins, never queued, never answered. */
export interface Stream<I> {
  readonly lane: "stream";
  /** In the types only. */
  readonly input: I;
}

export interface ActionOptions {
  /** Whether the browser runs the action at once, before the room has answered. Default true. */
  predict?: boolean;
  /** The most calls a second that one connection may make, in a burst of as many. Default: only the room's own limits. */
  rate?: number;
  /** What the caller's token must allow besides "write". */
  scope?: "create" | "import" | "admin";
}

export interface StreamOptions {
  /** The most values a second that the SDK sends for one row. Default 30. */
  hz?: number;
}

type TableKeys<S> = { [K in keyof S]: S[K] extends Table<infer _R> ? K : never }[keyof S] & string;
type RowOf<T> = T extends Table<infer R> ? R : never;

/** Makes the actions of a game: `a(input, run)`, `a(run)`, `a.stream(table, columns, may)`. */
export interface Make<S, X> {
  <V = void>(run: (c: X) => V, options?: ActionOptions): Action<void, V>;
  // oxlint-disable-next-line typescript/no-explicit-any -- any schema; In<I> and Out<I> recover its types
  <I extends Std<any, any>, V = void>(input: I, run: (c: X, input: Out<I>) => V, options?: ActionOptions): Action<In<I>, V>;
  /**
   * Values for `columns` of a row of `table`, above the table and never in it; `may` says who may set them, and when. A value
   * ends with an action that changes the row for good, or two seconds after it was last said: who keeps still says it again.
   */
  stream<K extends TableKeys<S>, const F extends readonly (keyof RowOf<S[K]> & string)[]>(
    table: K,
    columns: F,
    may: (c: X, row: Readonly<RowOf<S[K]>> & { readonly id: number }) => boolean,
    options?: StreamOptions,
  ): Stream<{ id: number } & Pick<RowOf<S[K]>, F[number]>>;
}

/* oxlint-disable typescript/no-explicit-any -- GameTypes is a bag of types that `Game<T>` carries; nothing has these types at run time */
export interface GameTypes {
  state: any;
  params: any;
  events: any;
  codes: any;
  actions: any;
}
/** The context of rules whose types are not known here: what the runner builds and hands over. */
export type AnyContext = Context<any, any, any, any>;
export type AnyAction = Action<any, any> | Stream<any>;
/* oxlint-enable typescript/no-explicit-any */

/** One action or stream, as the runner sees it. */
export type Move =
  | {
      readonly lane: "action";
      readonly name: string;
      readonly number: number;
      readonly input: Wire<unknown> | undefined;
      readonly run: (c: AnyContext, input: unknown) => unknown;
      readonly predict: boolean;
      readonly rate: number | undefined;
      readonly scope: NonNullable<ActionOptions["scope"]> | undefined;
    }
  | {
      readonly lane: "stream";
      readonly name: string;
      /** The stream's number among the streams. */
      readonly number: number;
      readonly table: string;
      readonly columns: readonly string[];
      readonly may: (c: AnyContext, row: unknown) => boolean;
      readonly hz: number;
    };
export type ActionMove = Extract<Move, { lane: "action" }>;
export type StreamMove = Extract<Move, { lane: "stream" }>;

/** A game without its types: what the runner needs. */
export interface Rules {
  readonly params: Wire<unknown> | undefined;
  readonly state: Tables;
  readonly events: Shape;
  readonly codes: readonly string[];
  setup(c: AnyContext): void;
  join?(c: AnyContext): void;
  leave?(c: AnyContext): void;
  tick?(c: AnyContext): void;
  readonly tickMs: number;
  readonly compatible: readonly number[];
  readonly migrations: ReadonlyMap<number, Migration>;
  readonly actions: readonly ActionMove[];
  readonly streams: readonly StreamMove[];
}

export interface Game<T extends GameTypes> {
  readonly name: string;
  readonly version: number;
  readonly "~types": T;
  readonly "~rules": Rules;
}

/** How a room that older rules have stored is carried over. */
export interface Migration {
  /** The state as those rules declared it: by it alone their bytes can be read. */
  readonly state: Tables;
  run(old: unknown, c: AnyContext): void;
}

export interface GameRules<S, P, E, C> {
  /** In the types only: name it with `ContextOf<typeof rules>` in helpers (by the finished game it would be circular). */
  readonly "~context": Context<S, P, E, C>;
  /**
   * Carries rooms over that version `from` of this game has stored: `state` is what it declared, and `run` fills the state
   * of now, which is empty, from the one of then. It runs once a room, when the room is next opened, before anyone is in; if
   * it throws, the room stays as it is, and closed. One for each version that may still lie in storage. The room's
   * parameters must still fit `params`. Timers are kept by their action's place among the actions, with the bytes of its input:
   * add new actions behind, and where an input's type changes, timers that were set before are lost.
   */
  migrate<const O extends Tables>(
    from: number,
    state: O,
    run: (old: View<O>, c: Context<S, P, E, C>) => void,
  ): GameRules<S, P, E, C>;
  actions<A extends Record<string, AnyAction>>(
    make: (a: Make<S, Context<S, P, E, C>>) => A,
  ): Game<{ state: S; params: P; events: E; codes: C; actions: A }>;
}
export type ContextOf<G extends { "~context": unknown }> = G["~context"];

export interface GameDeclaration<S, P, E, C> {
  name: string;
  /**
   * Rises with every change of the state or of what the actions do. Rooms stored by an older version are opened by
   * `migrate`; pages built with one are told to load again (4426).
   */
  version: number;
  /**
   * Older versions with the same state, events, and actions in the same places: their pages are served and their rooms
   * opened as they are, still as of that version: name it in later versions too. Where an action does something else now, those pages may predict it wrongly, and are set right.
   */
  compatible?: readonly number[];
  /** What a room is made with: validated when it is created, fixed for its life. */
  params?: Wire<P>;
  state: S;
  /** What the game tells everyone (`c.emit`). */
  events?: E;
  /** Why an action may be refused (`c.reject`). */
  codes?: readonly C[];
  /** Fills the state of a new room. */
  setup(c: Context<S, P, E, C>): void;
  /** A user's first session came. */
  join?(c: Context<S, P, E, C>): void;
  /** A user's last session has been gone for the room's `leaveGraceMs`. */
  leave?(c: Context<S, P, E, C>): void;
  /**
   * What moves by itself, `tickHz` times a second while somebody is there. It reads rows as they are shown, live values
   * above the tables, and writes only columns that a stream declares: what it writes is such a live value, seen by all and
   * kept by nobody. What must last it hands to an action: `c.after(0, "score", …)`.
   */
  tick?(c: Context<S, P, E, C>): void;
  /** Default 20. */
  tickHz?: number;
}

export function defineGame<const S extends Tables, P = void, const E extends Shape = {}, const C extends string = never>(
  declaration: GameDeclaration<S, P, E, C>,
): GameRules<S, P, E, C> {
  for (const [name, table] of Object.entries(declaration.state)) {
    const columns = Object.keys(table.shape).length;
    if (columns === 0 || columns > MAX_COLUMNS)
      throw new RangeError(`${declaration.name}: ${name} has ${columns} columns, expected 1 to ${MAX_COLUMNS}`);
    if (Object.hasOwn(table.shape, "id"))
      throw new RangeError(`${declaration.name}: ${name} declares a column id, which is the row's own name`);
    if (table.owner !== undefined && !OWNERS.has(String(table.shape[table.owner]?.wire)))
      throw new RangeError(
        `${declaration.name}: ${name} is private by ${describe(table.owner)}, expected a column of t.u8, u16 or u32`,
      );
    const stray = table.index.find((column) => !Object.hasOwn(table.shape, column));
    if (stray !== undefined) throw new RangeError(`${declaration.name}: ${name} has no column ${describe(stray)} to index`);
  }
  const typesOnly = undefined as never;
  const migrations = new Map<number, Migration>();
  const { compatible = [] } = declaration;
  const strange = compatible.find((each) => !(Number.isInteger(each) && each < declaration.version));
  if (strange !== undefined)
    throw new RangeError(`${declaration.name}: compatible with ${strange}, expected versions below ${declaration.version}`);
  return {
    "~context": typesOnly,
    migrate(from, state, run) {
      if (!Number.isInteger(from) || from >= declaration.version || migrations.has(from) || compatible.includes(from))
        throw new RangeError(
          `${declaration.name}: migrate(${from}), expected a version below ${declaration.version}, once, and none that is compatible`,
        );
      migrations.set(from, { state, run: run as Migration["run"] });
      return this;
    },
    actions(make) {
      const actions: ActionMove[] = [];
      const streams: StreamMove[] = [];
      const made = make(maker() as Make<S, Context<S, P, E, C>>);
      for (const [name, move] of Object.entries(made) as [string, unknown][]) {
        if (!isMove(move))
          throw new TypeError(`${declaration.name}: action ${name} is ${describe(move)}, expected a(…) or a.stream(…)`);
        if (move.lane === "action") actions.push({ ...move, name, number: actions.length });
        else streams.push({ ...move, name, number: streams.length });
      }
      const { params, state, events, codes, setup, join, leave, tick, tickHz = 20 } = declaration;
      const secret = streams.find(({ table }) => state[table]?.owner !== undefined);
      if (secret)
        throw new RangeError(`${declaration.name}: ${secret.name} streams the private table ${secret.table} to everyone`);
      if (!(tickHz > 0 && tickHz <= 60)) throw new RangeError(`${declaration.name}: tickHz ${tickHz}, expected up to 60`);
      return {
        name: declaration.name,
        version: declaration.version,
        "~types": typesOnly,
        "~rules": {
          params,
          state,
          events: events ?? {},
          codes: codes ?? [],
          setup,
          ...(join && { join }),
          ...(leave && { leave }),
          ...(tick && { tick }),
          tickMs: 1000 / tickHz,
          compatible,
          migrations,
          actions,
          streams,
        },
      };
    },
  };
}

/** The types of a column that may hold a `c.me`. */
const OWNERS = new Set(["u8", "u16", "u32"]);

type Unnamed = Omit<ActionMove, "name" | "number"> | Omit<StreamMove, "name" | "number">;

const isMove = (value: unknown): value is Unnamed => typeof value === "object" && value !== null && "lane" in value;

/** The run-time side of `Make`; the types are `Make`'s. */
function maker(): unknown {
  type Run = ActionMove["run"];
  const action = (first: Std | Run, second?: Run | ActionOptions, third?: ActionOptions): Unnamed => {
    const hasInput = "~standard" in first;
    const options = (hasInput ? third : (second as ActionOptions | undefined)) ?? {};
    const run = (hasInput ? second : first) as Run;
    const input = hasInput ? (isWire(first) ? first : foreign(first)) : undefined;
    return { lane: "action", input, run, predict: options.predict ?? true, rate: options.rate, scope: options.scope };
  };
  const stream = (table: string, columns: readonly string[], may: StreamMove["may"], options: StreamOptions = {}): Unnamed => ({
    lane: "stream",
    table,
    columns,
    may,
    hz: options.hz ?? 30,
  });
  return Object.assign(action, { stream });
}
