/** What most tests of a room begin with: a simulated room of the board game, joined by some users. */
import type { Room } from "coterie/client";
import { encode } from "../../shared/protocol/frame.ts";
import { writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import { board, boardRoom } from "./board-game.ts";
import { Simulation, type SimulatedClient, type SimulationOptions } from "./simulation.ts";

export type BoardRoom = Room<typeof boardRoom>;

export interface Player {
  readonly name: string;
  readonly room: BoardRoom;
  readonly wire: SimulatedClient;
}

export function boardSimulation(options: SimulationOptions = {}): Simulation {
  return new Simulation(boardRoom, options);
}

/** Joins, and waits until it is in. */
export async function join(simulation: Simulation, name: string, pieces = 10): Promise<Player> {
  const wire = simulation.client(name);
  const room = wire.client.join(boardRoom, "table", { presence: { cursor: null, mood: "calm" }, create: { pieces } });
  const entered: true[] = [];
  void room.ready.then(() => entered.push(true));
  await simulation.advance(200);
  for (let tries = 0; entered.length === 0 && tries < 100; tries++) await simulation.advance(50); // a long state takes some round trips
  await room.ready;
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
