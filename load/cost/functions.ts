/**
 * The bill of a month without rooms: stateless functions over a database. Functions hold no socket, so a page asks once a second for what is new
 * and brings what it has; whoever acts has a function read the whole state, change it and write it back.
 */
import { bill, line, sumOf, type Bill, type Line } from "./bill.ts";
import { dollars } from "./figures.ts";
import type { Measured } from "./measured.ts";
import { AWS } from "./prices.ts";
import type { Scenario } from "./scenario.ts";
import type { Usage } from "./usage.ts";

/** How often a page asks, a second, while its room is busy and while it is quiet. */
export const POLLS = { busy: 1, idle: 0.2 };
/** A function of this size has a whole core (AWS Lambda: 1,769 MB); one that is asked for news needs the least. In GB. */
const ACTING_GB = 1769 / 1024;
const ASKING_GB = 128 / 1024;
/** An answer takes this long, most of it waiting for the database; an action as long besides what the state takes. In ms. */
const WAIT_MS = 10;
/** From and to the database, 1 GBit/s: ms for each MB. */
const WIRE_MS_PER_MB = 8;
/** Head of an HTTP answer, in bytes; and what is left of a state that is sent compressed. */
const HEAD_BYTES = 200;
const COMPRESSED = 0.2;
/** The database's units, in bytes. */
const READ_UNIT = 4096;
const WRITE_UNIT = 1024;

/** Database units for a state of `mb` MB: all of it, read or written. */
export const unitsOf = (mb: number, unit: "read" | "write"): number =>
  Math.ceil((mb * 1e6) / (unit === "read" ? READ_UNIT : WRITE_UNIT));

/** How long a function takes for an action over a state of `mb` MB, in ms. */
export const actingMs = (mb: number, rewriteMsPerMB: number): number => WAIT_MS + mb * (rewriteMsPerMB + 2 * WIRE_MS_PER_MB);

export function functions({ kind, rate, stateMB }: Scenario, usage: Usage, { rewriteMsPerMB }: Measured): Bill {
  const polls = usage.busyPlayerSeconds * POLLS.busy + usage.idlePlayerSeconds * POLLS.idle;
  // What is typed between two polls is saved at once.
  const saves = kind === "document" ? usage.busyPlayerSeconds * Math.min(rate, POLLS.busy) : usage.actions;
  const { joins } = usage;
  const gbMs = (saves + joins) * actingMs(stateMB, rewriteMsPerMB) * ACTING_GB + polls * WAIT_MS * ASKING_GB;
  const egress = usage.deliveries * usage.bytesPerDelivery + polls * HEAD_BYTES + joins * stateMB * 1e6 * COMPRESSED;
  const read = (units: number): Line => line("State read for each action", units, "units", AWS.readUnits);
  const written = (units: number): Line => line("State written for each action", units, "units", AWS.writeUnits);
  const whole = [read((saves + joins) * unitsOf(stateMB, "read")), written(saves * unitsOf(stateMB, "write"))];
  const byRow = [read(saves + joins * unitsOf(stateMB, "read")), written(saves)];
  const spared = sumOf(whole) - sumOf(byRow);
  return bill(
    "functions",
    "Functions and a database",
    [
      line("Function requests", saves + joins + polls, "requests", AWS.requests),
      line("Function time", gbMs / 1000, "GB-s", AWS.gbSeconds),
      ...whole,
      line("News asked for", polls, "units", AWS.readUnits),
      line("Where hands are, written", usage.busyPlayerSeconds * POLLS.busy, "units", AWS.writeUnits),
      line("States stored", (usage.rooms * stateMB) / 1000, "GB-months", AWS.storedGB),
      line("Traffic to players", egress / 1e9, "GB", AWS.egressGB),
    ],
    [
      `Not the same thing: what others do is seen up to a second late, ${POLLS.busy} look a second, and hands jump.`,
      `The state is ${stateMB} MB in one piece, as such a design begins. Kept by row, one read and one written for each action, it would be ${dollars(spared)} less.`,
      "Two actions at once need a version check and a second try, which are not in it.",
    ],
  );
}
