/** What servers take that are rented by the month: many small rooms at once, as they would have. */
import { startHocuspocus } from "../documents/servers.ts";
import { type as typeInto } from "../documents/typing.ts";
import { move } from "../game/moving.ts";
import { startColyseus } from "../game/servers.ts";

const ROOMS = 10;
const TABLE = { players: 20, cols: 25, rows: 20 };
const TYPISTS = { typists: 5, perSecond: 25 };

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const all = <T>(run: (room: string) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: ROOMS }, (_, n) => run(`cost-${n}`)));

/** ms of a core that Colyseus takes for a move said. */
export async function colyseusMsPerMove(seconds: number): Promise<number> {
  const server = await startColyseus(16);
  try {
    const rooms = await all((room) => move(server, room, { ...TABLE, seconds }));
    // Each room saw what the server took for all of them.
    return mean(rooms.map(({ cpuPerMove, delivered }) => (cpuPerMove / 1000) * (TABLE.players - 1) * delivered)) / ROOMS;
  } finally {
    await server.stop();
  }
}

/** ms of a core that Hocuspocus takes for a keystroke. */
export async function hocuspocusMsPerEdit(seconds: number): Promise<number> {
  const server = await startHocuspocus();
  try {
    const rooms = await all((room) => typeInto(server, room, { ...TYPISTS, seconds }));
    return (
      mean(rooms.map(({ cpuPerDelivery, delivered }) => (cpuPerDelivery / 1000) * (TYPISTS.typists - 1) * delivered)) / ROOMS
    );
  } finally {
    await server.stop();
  }
}
