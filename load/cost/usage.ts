/**
 * From a scenario and what was measured to the amounts of a month, the same for all three bills: who comes, what they do, what
 * that makes of messages, rows, time awake and bytes. Where a bound is simple and the truth is not, the bound is taken: it is never less than what was measured.
 */
import type { KindUse, Measured } from "./measured.ts";
import type { Kind, Scenario } from "./scenario.ts";

export const DAYS = 30;
const HOUR_S = 3600;
/** A sitting: who is in for an hour came in twice. */
export const JOINS_PER_HOUR = 2;
/** A room is made, and serves those who come this long; it is kept until the month is over. */
export const ROOM_HOURS = 2;
/** The SDK sends at most one frame in 33 ms, with everything in it. */
export const SDK_FRAMES_PER_SECOND = 1000 / 33;
/** A room writes at most one row in 32 ms, with everything in it. */
export const ROOM_ROWS_PER_SECOND = 1000 / 32;
/** After a move shown a timer is pending for a beat of 16 ms, after a row for 32 ms, here with what timers are late on a loaded machine, in s: meanwhile the object cannot sleep. */
export const AWAKE_S = { move: 0.02, row: 0.04 };
/** While two or more are in a room its alarm looks for the dead: every so often, in s; and how long that takes. */
export const LOOK = { everyS: 60, awakeS: 0.02 };
/** `y-websocket` says its awareness every 15 s, and with each keystroke where the cursor is. */
export const Y_WEBSOCKET = { everyS: 15, framesPerKey: 2 };

/** All of a month, in all rooms together. */
export interface Usage {
  readonly playerHours: number;
  /** Seconds in rooms, and those in which somebody there does something. */
  readonly roomSeconds: number;
  readonly busySeconds: number;
  /** Of people, while their room is busy. */
  readonly busyPlayerSeconds: number;
  readonly idlePlayerSeconds: number;
  readonly joins: number;
  readonly rooms: number;
  /** WebSocket messages to rooms. */
  readonly messages: number;
  readonly alarms: number;
  /** Seconds in which rooms could not sleep. */
  readonly awakeSeconds: number;
  /** Lasting actions, and the rows that hold them. */
  readonly actions: number;
  readonly journalRows: number;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  readonly storedGB: number;
  /** To players. */
  readonly egressGB: number;
  /** Moves or keystrokes that reached a player, their own among them, and the bytes of one. */
  readonly deliveries: number;
  readonly bytesPerDelivery: number;
}

export function usageOf(scenario: Scenario, measured: Measured): Usage {
  const { kind, client, players, hours, rate, actions, roomSize, idle } = scenario;
  const use: KindUse = measured[kind];
  const { reference } = use;
  const playerHours = players * hours * DAYS;
  const roomSeconds = (playerHours * HOUR_S) / roomSize;
  const busySeconds = roomSeconds * (1 - idle);
  const joins = playerHours * JOINS_PER_HOUR;
  const rooms = roomSeconds / HOUR_S / ROOM_HOURS;

  // In a busy second of one room.
  const moves = roomSize * rate;
  const lasting = kind === "game" ? roomSize * actions : moves;
  const frames =
    client === "sdk"
      ? roomSize * Math.min(SDK_FRAMES_PER_SECOND, said(kind, rate, actions) * framesPerSaid(kind, use))
      : roomSize * rate * Y_WEBSOCKET.framesPerKey;
  const rows = Math.min(lasting, ROOM_ROWS_PER_SECOND);
  const awake = Math.min(1, (kind === "game" ? moves : 0) * AWAKE_S.move + rows * AWAKE_S.row);

  const renewals = client === "y-websocket" ? (roomSeconds * roomSize) / Y_WEBSOCKET.everyS : 0;
  const idleRenewals = renewals * idle;
  const looks = roomSize > 1 ? roomSeconds / LOOK.everyS : 0;
  const alarms = looks + joins; // who leaves is given a while to come back
  const journalRows = busySeconds * rows + joins;
  const deliveries = busySeconds * moves * roomSize;
  const bytesPerDelivery = reference.bytesOut / (reference.players ** 2 * reference.rate);
  return {
    playerHours,
    roomSeconds,
    busySeconds,
    busyPlayerSeconds: busySeconds * roomSize,
    idlePlayerSeconds: (roomSeconds - busySeconds) * roomSize,
    joins,
    rooms,
    messages: busySeconds * frames + renewals,
    alarms,
    awakeSeconds: busySeconds * awake + looks * LOOK.awakeS + Math.min(roomSeconds - busySeconds, idleRenewals * AWAKE_S.move),
    actions: busySeconds * lasting,
    journalRows,
    rowsWritten: journalRows * use.billedRowsPerRow + alarms + rooms * reference.joinRowsWritten * reference.players,
    rowsRead: joins * reference.joinRowsRead,
    storedGB: (rooms * reference.stored) / 1e9,
    egressGB: (deliveries * bytesPerDelivery + joins * reference.joinBytesOut) / 1e9,
    deliveries,
    bytesPerDelivery,
  };
}

/** Frames a client sends for each thing it says, acknowledgements among them: the most that was measured. */
const framesPerSaid = (kind: Kind, { rooms }: KindUse): number =>
  Math.max(1, ...rooms.map(({ framesIn, players, rate, actions }) => framesIn / (players * said(kind, rate, actions))));

/** A keystroke is an action too; a move is none. */
const said = (kind: Kind, rate: number, actions: number): number => (kind === "game" ? rate + actions : rate);
