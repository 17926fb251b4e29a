/** Memory of sockets on which nothing is said. */
import { setTimeout } from "node:timers/promises";
import { Client } from "./client.ts";
import { memory } from "../servers/machine.ts";
import type { Server } from "./servers.ts";

/** With as many the server has grown by what it takes however many there are: its code, and a heap to work in. */
const FIRST = 400;
const MORE = 800;
/** Opened at once. */
const LOT = 50;
const SETTLED_MS = 1500;

/** Bytes another socket takes, of the server's resident memory. */
export async function memoryPerSocket(server: Server, room: string): Promise<number> {
  await server.restart();
  const clients = [await Client.join(server, room, "first")];
  const grow = async (count: number): Promise<number> => {
    while (clients.length < count)
      clients.push(
        ...(await Promise.all(Array.from({ length: LOT }, (_, n) => Client.join(server, room, `user-${clients.length + n}`)))),
      );
    await setTimeout(SETTLED_MS);
    return memory(server.pid);
  };
  const [before, from] = [await grow(FIRST), clients.length];
  const after = await grow(FIRST + MORE);
  const lost = clients.filter(({ closed }) => closed !== undefined).length;
  for (const client of clients) client.close();
  if (lost > 0) throw new Error(`${server.name} closed ${lost} idle sockets`);
  return (after - before) / (clients.length - from);
}
