/** The three bills of a scenario, and what they rest on: the one thing that the command and the page ask for. */
import type { Bill } from "./bill.ts";
import { durableObjects } from "./durable-objects.ts";
import { functions, POLLS } from "./functions.ts";
import { FEWEST, LOADED, machines, PEAK } from "./machines.ts";
import type { Measured } from "./measured.ts";
import type { Scenario } from "./scenario.ts";
import {
  AWAKE_S,
  DAYS,
  JOINS_PER_HOUR,
  LOOK,
  ROOM_HOURS,
  ROOM_ROWS_PER_SECOND,
  SDK_FRAMES_PER_SECOND,
  usageOf,
  Y_WEBSOCKET,
  type Usage,
} from "./usage.ts";

export interface Estimate {
  readonly scenario: Scenario;
  readonly usage: Usage;
  /** Durable Objects, functions, machines. */
  readonly bills: readonly [Bill, Bill, Bill];
}

/** Dollars of a month of 30 days. */
export function estimate(scenario: Scenario, measured: Measured): Estimate {
  const usage = usageOf(scenario, measured);
  return {
    scenario,
    usage,
    bills: [durableObjects(scenario, usage, measured), functions(scenario, usage, measured), machines(scenario, usage, measured)],
  };
}

/** Where it is looked for the number of people from which machines cost less: up to a hundred million, in steps of a tenth. */
const STEP = 1.1;
const MOST = 1e8;

/** The fewest people a day from which on machines cost less than rooms, everything else as it is; undefined: there is no such number. */
export function machinesWinFrom(scenario: Scenario, measured: Measured): number | undefined {
  for (let players = 1; players <= MOST; players = Math.ceil(players * STEP)) {
    const [rooms, , machines] = estimate({ ...scenario, players }, measured).bills;
    if (machines.total < rooms.total) return players;
  }
  return undefined;
}

const number = (value: number, digits = 2): string => Number(value.toPrecision(digits)).toLocaleString("en-US");

/** What is taken for granted, in words. */
export function assumptionsOf({ kind, client }: Scenario, measured: Measured): readonly string[] {
  const { billedRowsPerRow, reference } = measured[kind];
  const said = kind === "game" ? "move" : "keystroke";
  return [
    `A month has ${DAYS} days. Rooms are full: half as many people in each cost the same time awake twice.`,
    `Everybody comes in ${JOINS_PER_HOUR} times in an hour there; a room serves for ${ROOM_HOURS} hours and is kept for the rest of the month. The lobby's own time awake is not in it.`,
    client === "sdk"
      ? `A client sends at most ${number(SDK_FRAMES_PER_SECOND)} frames a second, with everything it has to say in them, and nothing at rest.`
      : `A client sends a frame for each keystroke, another for its cursor, and one every ${Y_WEBSOCKET.everyS} s whatever happens.`,
    `A room writes at most ${number(ROOM_ROWS_PER_SECOND)} rows a second, with everything in them; in the long run ${number(billedRowsPerRow, 3)} rows are billed for each.`,
    `It cannot sleep for ${AWAKE_S.move * 1000} ms after a ${said} and ${AWAKE_S.row * 1000} ms after a row, and its alarm looks after it every ${LOOK.everyS} s while two are there.`,
    `A ${said} takes ${number(reference.bytesOut / (reference.players ** 2 * reference.rate))} bytes to each player, on all three.`,
    `Machines are for ${PEAK} times the average at ${LOADED * 100} % of what they bear, at least ${FEWEST}; pages ask functions ${POLLS.busy} time a second, ${POLLS.idle} when quiet.`,
  ];
}
