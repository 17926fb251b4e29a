/**
 * A game in a snapshot: what clients were told, who is there by the game's own account, the tables, and what is to happen later.
 *
 *     game := varUint(publicSeq) varUint(present) { varUint(me) }* snapshot timers
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { readSnapshot, writeSnapshot } from "../../../shared/game/snapshot.ts";
import type { GameState } from "../../../shared/game/tables.ts";
import type { Timers } from "./timers.ts";

/** The game's section, in rows and in snapshots. */
export const GAME_SECTION = 2;

export interface StoredGame {
  /** The newest row with public changes. */
  readonly publicSeq: number;
  /** Users who have joined and not left. */
  readonly present: readonly number[];
}

export function writeGame(to: Encoder, state: GameState, timers: Timers, { publicSeq, present }: StoredGame): void {
  encoding.writeVarUint(to, publicSeq);
  encoding.writeVarUint(to, present.length);
  for (const me of present) encoding.writeVarUint(to, me);
  writeSnapshot(to, state);
  timers.write(to);
}

/** Fills `state` and `timers`. Throws on what is no game of these tables. */
export function readGame(from: Decoder, state: GameState, timers: Timers): StoredGame {
  const publicSeq = decoding.readVarUint(from);
  const present = Array.from({ length: decoding.readVarUint(from) }, () => decoding.readVarUint(from));
  readSnapshot(from, state);
  timers.clear();
  if (decoding.hasContent(from)) timers.read(from); // there were none before there were any
  return { publicSeq, present };
}
