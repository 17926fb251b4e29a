/** Two ways to keep a table, used in the same manner: a room, by the SDK; and functions over a store, by fetch. */
import { setTimeout } from "node:timers/promises";
import { joinPuzzle, type PuzzleRoom } from "../players.ts";
import type { Process } from "../servers/processes.ts";
import { GRID, newTable, type Move } from "./table.ts";

export interface Way {
  readonly name: string;
  readonly server: Process;
  /** Resolves when the move was answered with yes; rejects when it could not be made. */
  move(player: number, move: Move): Promise<void>;
  /** Calls back with each piece that has been seen elsewhere than before. Returns its own end. */
  watch(seen: (move: Move) => void): () => Promise<void>;
  /** What is there in the end: by piece. */
  moved(): Promise<ReadonlyMap<number, Move>>;
  end(): void;
}

/** Pages that poll ask this often, in ms. */
const POLL_MS = 1000;

export async function byRoom(server: Process, players: number): Promise<Way> {
  const origin = `http://127.0.0.1:${server.port}`;
  const params = { ...GRID, picture: 0, seed: 7 };
  const room = `stateless-${Math.random().toString(36).slice(2)}`;
  const join = async (name: string): Promise<PuzzleRoom> => {
    const joined = joinPuzzle(origin, room, name, params);
    await joined.ready;
    return joined;
  };
  const watcher = await join("watcher");
  const all = await Promise.all(Array.from({ length: players }, (_, index) => join(`player ${index}`)));
  const began = new Map([...watcher.confirmed.groups].map(({ id, x, y }) => [id, `${x},${y}`]));
  const elsewhere = ({ confirmed }: PuzzleRoom): Move[] =>
    [...confirmed.groups].filter(({ id, x, y }) => began.get(id) !== `${x},${y}`).map(({ id, x, y }) => ({ piece: id, x, y }));
  return {
    name: "a room",
    server,
    async move(player, { piece, x, y }) {
      const { do: act } = all[player]!;
      await Promise.all([act.grab({ g: piece }), act.drop({ g: piece, x, y })]);
    },
    watch(seen) {
      const stop = watcher.subscribe(
        ({ groups }) => groups,
        () => elsewhere(watcher).forEach(seen),
      );
      return () => Promise.resolve(stop());
    },
    async moved() {
      const fresh = await join("who comes later");
      const moves = elsewhere(fresh);
      fresh.destroy();
      return new Map(moves.map((move) => [move.piece, move]));
    },
    end: () => [watcher, ...all].forEach((each) => each.destroy()),
  };
}

export async function byFunctions(server: Process, checked: boolean): Promise<Way> {
  const origin = `http://127.0.0.1:${server.port}`;
  await fetch(`${origin}/table`, { method: "PUT", body: JSON.stringify(newTable()) });
  const moved = async (): Promise<Move[]> => (await (await fetch(`${origin}/moved`)).json()) as Move[];
  return {
    name: checked ? "functions that look first" : "functions",
    server,
    async move(_, move) {
      const response = await fetch(`${origin}/move${checked ? "?checked" : ""}`, { method: "POST", body: JSON.stringify(move) });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the move was answered with ${response.status}`);
    },
    watch(seen) {
      const page = { open: true };
      const poll = async (): Promise<void> => {
        while (page.open) {
          (await moved()).forEach(seen);
          await setTimeout(POLL_MS);
        }
      };
      const polling = poll();
      return () => {
        page.open = false;
        return polling;
      };
    },
    moved: async () => new Map((await moved()).map((move) => [move.piece, move])),
    end() {},
  };
}
