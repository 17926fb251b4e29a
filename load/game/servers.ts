/** The servers that are compared with a game: a puzzle, a relay that knows of none, and Colyseus with the like of it. */
import { underNode, underWorkerd, type Process } from "../servers/processes.ts";
import type { Join } from "./player.ts";
import { joinColyseus } from "./colyseus.ts";
import { joinCoterie } from "./coterie.ts";
import { joinRelay } from "./relay.ts";

export interface Server extends Process {
  readonly name: string;
  readonly join: Join;
}

type Described = Omit<Server, keyof Process>;

export const startCoterie = (): Promise<Server> =>
  underWorkerd<Described>({ name: "Coterie", join: joinCoterie }, "../../load/game/coterie-worker.ts", [
    { binding: "PUZZLE", className: "Puzzle", folder: "puzzle" },
  ]);

export const startRelay = (): Promise<Server> =>
  underWorkerd<Described>({ name: "relay, 16 ms", join: joinRelay }, "../../load/game/relay-worker.ts", [
    { binding: "RELAY", className: "Relay", folder: "relay" },
  ]);

export const startColyseus = (patchMs: number): Promise<Server> =>
  underNode<Described>({ name: `Colyseus, ${patchMs} ms`, join: joinColyseus }, "colyseus.mjs", { PATCH_MS: String(patchMs) });
