/** What a run is told from outside (`-e NAME=value`), and what its users have in common. */

export interface Setting {
  /** In the ids of this run's rooms: no two runs meet. */
  readonly run: string;
  /** When it was set up, in ms since 1970. */
  readonly at: number;
}

/** For `setup`. */
export const newRun = (): Setting => ({ run: Math.random().toString(36).slice(2, 10), at: Date.now() });

/** The worker under load. Default: `npm start`'s. */
export const BASE: string = (__ENV["URL"] ?? "http://127.0.0.1:8787").replace(/\/$/, "");

/** A number from outside. Throws on what is none. */
export function number(name: string, standard: number): number {
  const value = Number(__ENV[name] ?? standard);
  if (!(value >= 0)) throw new Error(`${name}: ${__ENV[name]}, expected a number`);
  return value;
}

/** How many users share a room. */
export const ROOM_SIZE: number = number("ROOM_SIZE", 100);

/** Where a user sits: its room's number, and its place there, from 0. */
export const placeOf = (user: number): { room: number; seat: number } => ({
  room: Math.floor((user - 1) / ROOM_SIZE),
  seat: (user - 1) % ROOM_SIZE,
});

/** So many of a room read what others do, and measure; the others only count what comes: a generator has few cores. */
const LOOKERS = 3;
export const looks = (seat: number): boolean => seat < LOOKERS;
