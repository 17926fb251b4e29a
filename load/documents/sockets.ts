/** Memory of sockets on which nothing is said. */
import { setTimeout } from "node:timers/promises";
import { Client } from "./client.ts";
import { memory } from "../servers/machine.ts";
import type { Server } from "./servers.ts";

const SOCKETS = 400;
/** Opened at once. */
const LOT = 50;
const SETTLED_MS = 1500;

/** Bytes a socket, of the server's resident memory. */
export async function memoryPerSocket(server: Server, room: string): Promise<number> {
  await server.restart();
  const clients = [await Client.join(server, room, "first")];
  await setTimeout(SETTLED_MS);
  const before = memory(server.pid);
  while (clients.length <= SOCKETS)
    clients.push(
      ...(await Promise.all(Array.from({ length: LOT }, (_, n) => Client.join(server, room, `user-${clients.length + n}`)))),
    );
  await setTimeout(SETTLED_MS);
  const after = memory(server.pid);
  const lost = clients.filter(({ closed }) => closed !== undefined).length;
  for (const client of clients) client.close();
  if (lost > 0) throw new Error(`${server.name} closed ${lost} idle sockets`);
  return (after - before) / (clients.length - 1);
}
