/** The page of a ledger: the SDK and nothing else, to be driven by a test. */
import { createClient } from "coterie/client";
import { indexedDb } from "coterie/client/offline";
import type { RoomError } from "coterie";
import { ROOMS, type LedgerRoom } from "../faults/kept/rooms.ts";

export interface LedgerOptions {
  readonly id: string;
  readonly version?: number;
  readonly isKept?: boolean;
  readonly warnOnUnsaved?: boolean;
}

export interface Told {
  readonly code: string;
  readonly action: string | undefined;
  readonly input: unknown;
}

declare global {
  interface Window {
    tokenFor(reason: string): Promise<string>;
    openLedger(options: LedgerOptions): void;
    room: LedgerRoom;
    /** By room.on("error"), and by promises that were rejected. */
    errors: Told[];
    rejected: string[];
    asked: string[];
  }
}

window.openLedger = ({ id, version = 1, isKept = true, warnOnUnsaved = false }) => {
  window.errors = [];
  window.rejected = [];
  window.asked = [];
  const client = createClient({
    host: location.origin,
    auth: ({ reason }) => {
      window.asked.push(reason);
      return window.tokenFor(reason);
    },
    warnOnUnsaved,
    ...(isKept && { offline: indexedDb() }),
  });
  window.room = client.join(ROOMS[version]!, id);
  window.room.on("error", ({ code, action }: RoomError) => {
    window.errors.push({ code, action: action?.name, input: action?.input });
  });
};
