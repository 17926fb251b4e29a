/** Scripted players: each joins a puzzle through the SDK, takes a loose piece, drags it in a circle and puts it back, again and again. */
import { createClient, type Room } from "coterie/client";
import type { PuzzleParams } from "../demo/puzzle/grid.ts";
import { puzzleRoom } from "../demo/puzzle/room.ts";

export type PuzzleRoom = Room<typeof puzzleRoom>;

export interface Players {
  readonly rooms: readonly PuzzleRoom[];
  /** Drags said so far, by all of them. */
  drags(): number;
  /** Answers waited for so far, in ms each. */
  readonly answered: readonly number[];
  stop(): void;
}

/** How often each says where its piece is, a second. */
const DRAG_HZ = 30;
/** A piece is put down and taken again after this, in ms. */
const HOLD_MS = 3000;
/** The radius of the circle, in table units. */
const RADIUS = 300;

const FIVE_HUNDRED: PuzzleParams = { cols: 25, rows: 20, picture: 0, seed: 7 };

export function joinPuzzle(origin: string, id: string, name: string, create = FIVE_HUNDRED): PuzzleRoom {
  return createClient({ host: origin, guest: { name } }).join(puzzleRoom, id, { presence: { cursor: null }, create });
}

export async function startPlayers(origin: string, id: string, count: number, create = FIVE_HUNDRED): Promise<Players> {
  const rooms = Array.from({ length: count }, (_, index) => joinPuzzle(origin, id, `player ${index + 1}`, create));
  await Promise.all(rooms.map((room) => room.ready));
  const answered: number[] = [];
  let drags = 0;
  let stopped = false;
  const timers = rooms.map((room, index) => {
    const group = [...room.state.groups].filter(({ heldBy }) => heldBy === 0)[index];
    if (!group) throw new Error(`player ${index + 1} found no loose piece: the puzzle has too few for ${count}`);
    const { id: g, x, y } = group;
    let since = -Infinity;
    let holding = false;
    let phase = index;
    return setInterval(() => {
      const now = performance.now();
      if (!holding && since === -Infinity) {
        since = now;
        void timed(room.do.grab({ g })).then(() => (holding = true));
      } else if (holding && now - since > HOLD_MS) {
        holding = false;
        void timed(room.do.drop({ g, x, y })).then(() => (since = -Infinity));
      } else if (holding) {
        phase += 0.15;
        room.do.drag({ id: g, x: Math.round(x + RADIUS * Math.cos(phase)), y: Math.round(y + RADIUS * Math.sin(phase)) });
        drags++;
      }
    }, 1000 / DRAG_HZ);
  });

  async function timed(call: Promise<unknown>): Promise<void> {
    const start = performance.now();
    try {
      await call;
      answered.push(performance.now() - start);
    } catch (error) {
      if (!stopped) throw error;
    }
  }

  return {
    rooms,
    drags: () => drags,
    answered,
    stop() {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      for (const room of rooms) room.destroy();
    },
  };
}
