/** Who you are on this device: a name and a colour, chosen for you and changed in place. */
import { useSyncExternalStore } from "react";
import { COLOURS } from "./board/people.ts";
import { read, write } from "./storage.ts";

export interface Identity {
  readonly name: string;
  /** Index into the colours. */
  readonly colour: number;
}

const KEY = "coterie-identity";
export const NAME_LENGTH = 24;

const MOODS = [
  "Quiet",
  "Merry",
  "Patient",
  "Sunny",
  "Clever",
  "Gentle",
  "Bold",
  "Dreamy",
  "Swift",
  "Cosy",
  "Lucky",
  "Curious",
] as const;
const BEASTS = ["Otter", "Heron", "Badger", "Lynx", "Puffin", "Marten", "Robin", "Hare", "Ibex", "Finch", "Seal", "Fox"] as const;

let current: Identity = load();
const listeners = new Set<() => void>();

export const identity = (): Identity => current;

export function setIdentity(change: Partial<Identity>): void {
  const next = { ...current, ...change };
  current = { ...next, name: next.name.slice(0, NAME_LENGTH) };
  write(KEY, current);
  for (const changed of listeners) changed();
}

export const useIdentity = (): Identity =>
  useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, identity);

function load(): Identity {
  const kept = read(KEY);
  if (
    typeof kept === "object" &&
    kept !== null &&
    "name" in kept &&
    "colour" in kept &&
    typeof kept.name === "string" &&
    typeof kept.colour === "number"
  )
    return { name: kept.name.slice(0, NAME_LENGTH), colour: kept.colour % COLOURS.length };
  const any = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)]!;
  const chosen = { name: `${any(MOODS)} ${any(BEASTS)}`, colour: Math.floor(Math.random() * COLOURS.length) };
  write(KEY, chosen);
  return chosen;
}
