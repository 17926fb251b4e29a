/** What a bill is asked for: how many people come, and what they do. The flags of `npm run cost`, and the sliders of the page. */

export const KINDS = ["game", "document"] as const;
export type Kind = (typeof KINDS)[number];
export const CLIENTS = ["sdk", "y-websocket"] as const;
export type ClientKind = (typeof CLIENTS)[number];

export interface Scenario {
  /** A game at the reference table, or a document for an editor. */
  readonly kind: Kind;
  /** With what documents are opened; games always with the SDK. */
  readonly client: ClientKind;
  /** People who come on a day. */
  readonly players: number;
  /** Hours a day that each is in a room. */
  readonly hours: number;
  /** Moves (of documents: keystrokes) a second of each, while busy. */
  readonly rate: number;
  /** Lasting actions a second of each, while busy; of documents each keystroke is one, and this is not looked at. */
  readonly actions: number;
  /** People in a room. */
  readonly roomSize: number;
  /** Share of the time in a room in which nobody there does anything, 0 to 1. */
  readonly idle: number;
  /** The state that stateless functions read and write for each action, in MB. */
  readonly stateMB: number;
}

export type Amount = { [K in keyof Scenario]: Scenario[K] extends number ? K : never }[keyof Scenario];

interface Range {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  /** Only whole numbers. */
  readonly whole?: boolean;
}

export const RANGES: Readonly<Record<Amount, Range>> = {
  players: { what: "people a day", from: 1, to: 100_000_000, whole: true },
  hours: { what: "hours a day, each", from: 0.01, to: 24 },
  /** What the SDK sends at most. */
  rate: { what: "moves or keystrokes a second, each", from: 0, to: 30 },
  actions: { what: "lasting actions a second, each", from: 0, to: 20 },
  roomSize: { what: "people in a room", from: 1, to: 1000, whole: true },
  idle: { what: "share of the time in which a room is quiet", from: 0, to: 1 },
  stateMB: { what: "MB of state that functions read and write", from: 0.001, to: 100 },
};

const SHARED = { client: "sdk", players: 1000, hours: 1, stateMB: 4 } as const;
export const DEFAULTS: Readonly<Record<Kind, Scenario>> = {
  /** As the scripted players do: a piece is taken and put down every six seconds. */
  game: { ...SHARED, kind: "game", rate: 30, actions: 0.33, roomSize: 20, idle: 0.25 },
  /** People who write, and read what they wrote. */
  document: { ...SHARED, kind: "document", rate: 1, actions: 0, roomSize: 5, idle: 0.5 },
};

const isOneOf = <T extends string>(all: readonly T[], value: string): value is T => all.some((each) => each === value);

/** A scenario of what was said, each by its name in {@link Scenario}; the rest as usual. Throws RangeError, saying what it got and what it expected. */
export function scenarioOf(said: Readonly<Partial<Record<keyof Scenario, string>>>): Scenario {
  const { kind = "game", client = "sdk" } = said;
  if (!isOneOf(KINDS, kind)) throw new RangeError(`kind ${quoted(kind)}: expected ${KINDS.join(" or ")}`);
  if (!isOneOf(CLIENTS, client)) throw new RangeError(`client ${quoted(client)}: expected ${CLIENTS.join(" or ")}`);
  if (client !== "sdk" && kind !== "document")
    throw new RangeError(`client ${quoted(client)} with kind "${kind}": expected kind document`);
  const amounts = { ...DEFAULTS[kind] };
  const named = Object.keys(RANGES) as Amount[];
  const numbers = Object.fromEntries(
    named.map((name) => [name, said[name] === undefined ? amounts[name] : amountOf(name, said[name])]),
  );
  return { ...amounts, ...(numbers as Record<Amount, number>), kind, client };
}

function amountOf(name: Amount, said: string): number {
  const { what, from, to, whole } = RANGES[name];
  const value = said.trim() === "" ? Number.NaN : Number(said);
  if (Number.isFinite(value) && value >= from && value <= to && (!whole || Number.isInteger(value))) return value;
  throw new RangeError(
    `${name} ${quoted(said)}: expected ${what}, ${whole ? "a whole number" : "a number"} from ${from} to ${to}`,
  );
}

const quoted = (text: string): string => JSON.stringify(text);
