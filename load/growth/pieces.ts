/** Actions on tables of growing length, by the SDK: until the room has answered, the row being durable by then. */
import { setTimeout } from "node:timers/promises";
import { signToken } from "coterie/auth";
import { createClient } from "coterie/client/game";
import { DEV_SECRET } from "../../test/faults/workerd.ts";
import { cpuMs, memory } from "../servers/machine.ts";
import { underWorkerd, type Process } from "../servers/processes.ts";
import { percentile } from "../statistics.ts";
import { fieldRoom } from "./field.ts";
import type { Measured } from "./point.ts";

const PLAYERS = 5;
/** Actions a second of each. */
const RATE = 4;
const TOKEN_S = 60 * 60;

export const startFields = (): Promise<{ name: string } & Process> =>
  underWorkerd({ name: "fields" }, "../../load/growth/worker.ts", [{ binding: "FIELD", className: "Field", folder: "field" }]);

export async function atPieces(server: Process, pieces: number, seconds: number): Promise<Measured> {
  const empty = memory(server.pid);
  const id = crypto.randomUUID().slice(0, 8);
  const joins: number[] = [];
  const rooms = [];
  for (let n = 0; n < PLAYERS; n++) {
    const start = performance.now();
    const client = createClient({
      host: `127.0.0.1:${server.port}`,
      auth: () =>
        signToken({
          key: DEV_SECRET,
          user: { id: `player-${n}` },
          rooms: { "field:*": ["presence", "write", "create"] },
          expiresInSeconds: TOKEN_S,
        }),
    });
    const room = client.join(fieldRoom, id, { create: { pieces } });
    await room.ready;
    joins.push(performance.now() - start);
    rooms.push(room);
  }
  await setTimeout(1000);
  const took: number[] = [];
  const [before, own, start] = [cpuMs(server.pid), process.cpuUsage(), performance.now()];
  await Promise.all(
    rooms.map(async (room, n) => {
      await setTimeout((1000 / RATE) * (n / PLAYERS));
      for (let k = 0; performance.now() - start < seconds * 1000; k++) {
        const said = performance.now();
        const piece = (k * 7919 + n * 104_729) % pieces; // here and there
        await room.do.put({ id: piece, x: k % 1000, y: n });
        took.push(performance.now() - said);
        await setTimeout(Math.max(0, 1000 / RATE - (performance.now() - said)));
      }
    }),
  );
  const ms = performance.now() - start;
  const used = process.cpuUsage(own);
  const point = {
    size: pieces,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    cpu: (cpuMs(server.pid) - before) / ms,
    memory: memory(server.pid) - empty,
    generator: (used.user + used.system) / 1000 / ms,
    join: percentile(joins.slice(1), 0.5), // the first has made the table
  };
  for (const room of rooms) room.destroy();
  return point;
}
