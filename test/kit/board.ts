/** What most tests of a room begin with: a simulated room of the board game, joined by some users. */
import type { Room } from "coterie/client";
import { encode } from "../../shared/protocol/frame.ts";
import { writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import { board, boardRoom } from "./board-game.ts";
import { simulate, type Simulation, type SimulatedClient, type SimulationOptions } from "./simulation.ts";

export type BoardRoom = Room<typeof boardRoom>;

export interface Player {
  readonly name: string;
  readonly room: BoardRoom;
  readonly wire: SimulatedClient;
}

export const boardSimulation = (options: SimulationOptions<typeof boardRoom> = {}): Simulation<typeof boardRoom> =>
  simulate(boardRoom, options);

/** Joins, and waits until it is in. */
export async function join(simulation: Simulation, name: string, pieces = 10): Promise<Player> {
  const wire = simulation.client(name);
  const room = wire.join(boardRoom, "table", { presence: { cursor: null, mood: "calm" }, create: { pieces } });
  await simulation.advance(200);
  await simulation.until(room.ready); // a long state takes some round trips
  return { name, room, wire };
}

/** A view as canonical bytes: equal states, equal bytes. */
export function canonical(view: BoardRoom["state"]): string {
  const state = new GameState(board["~rules"].state);
  const { draft } = state as unknown as {
    draft: Record<"pieces" | "seen", { add(id: number, row: unknown): void }> & { meta: object };
  };
  for (const { id, ...row } of view.pieces) draft.pieces.add(id, row);
  for (const { id, ...row } of view.seen) draft.seen.add(id, row);
  Object.assign(draft.meta, view.meta);
  return Buffer.from(encode((to) => writeSnapshot(to, state))).toString("hex");
}
