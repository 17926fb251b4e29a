/** People at a table or in a document, through the SDK as a page has it: what they cost is what pages cost. */
import { setTimeout } from "node:timers/promises";
import { signToken } from "coterie/auth";
import { createClient } from "coterie/client";
import { defineRoom } from "coterie";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { DEV_SECRET } from "../../test/faults/workerd.ts";

const TOKEN_S = 60 * 60;
const GRID = { cols: 25, rows: 20, picture: 0, seed: 7 };
/** The circle a hand draws, in units of the table. */
const RADIUS = 300;
const notesRoom = defineRoom({ name: "notes", document: true });

export interface Doing {
  readonly players: number;
  /** Moves, or keystrokes, a second of each. */
  readonly rate: number;
  /** A piece is put down and another taken up after this, in ms; of documents nothing. */
  readonly holdMs: number;
}

export interface Crowd {
  /** Moves, or keystrokes, said so far. */
  said(): number;
  /** Actions answered so far. */
  acted(): number;
  stop(): Promise<void>;
}

const client = (port: number, user: string): ReturnType<typeof createClient> =>
  createClient({
    host: `127.0.0.1:${port}`,
    auth: () =>
      signToken({
        key: DEV_SECRET,
        user: { id: user, name: user },
        rooms: { "puzzle:*": ["presence", "write", "create"], "notes:*": ["presence", "write", "create"] },
        expiresInSeconds: TOKEN_S,
      }),
  });

export async function sitDown(port: number, id: string, { players, rate, holdMs }: Doing): Promise<Crowd> {
  let [said, acted] = [0, 0];
  const done = new AbortController();
  const rooms = Array.from({ length: players }, (_, n) =>
    client(port, `player-${n}`).join(puzzleRoom, id, { presence: { cursor: null }, create: GRID }),
  );
  await Promise.all(rooms.map((room) => room.ready));
  const playing = rooms.map(async (room, n) => {
    const g = n;
    const { x, y } = room.state.groups.get(g)!;
    await setTimeout((holdMs * n) / players); // not all at once
    while (!done.signal.aborted) {
      await room.do.grab({ g });
      acted++;
      const end = performance.now() + holdMs;
      for (let phase = n; performance.now() < end && !done.signal.aborted; phase += 0.15, said++) {
        room.do.drag({ id: g, x: Math.round(x + RADIUS * Math.cos(phase)), y: Math.round(y + RADIUS * Math.sin(phase)) });
        await setTimeout(1000 / rate);
      }
      await room.do.drop({ g, x, y });
      acted++;
    }
  });
  return {
    said: () => said,
    acted: () => acted,
    async stop() {
      done.abort();
      await Promise.all(playing);
      for (const room of rooms) room.destroy();
    },
  };
}

export async function openDocument(port: number, id: string, { players, rate }: Doing): Promise<Crowd> {
  let said = 0;
  const done = new AbortController();
  const rooms = Array.from({ length: players }, (_, n) => client(port, `typist-${n}`).join(notesRoom, id));
  await Promise.all(rooms.map((room) => room.ready));
  const typing = rooms.map(async ({ doc }, n) => {
    const text = doc.getText(`paragraph-${n}`);
    await setTimeout((1000 / rate) * (n / players));
    for (; !done.signal.aborted; said++) {
      text.insert(text.length, "abcdefghij klmnop "[said % 18]!);
      await setTimeout(1000 / rate);
    }
  });
  return {
    said: () => said,
    acted: () => said,
    async stop() {
      done.abort();
      await Promise.all(typing);
      for (const room of rooms) room.destroy();
    },
  };
}
