/** People who type in documents of growing length, and one who comes in. */
import { joinOnce, put } from "../documents/joining.ts";
import { seed } from "../documents/seed.ts";
import type { Coterie } from "../documents/servers.ts";
import { type as typeInto } from "../documents/typing.ts";
import { memory } from "../servers/machine.ts";
import type { Measured } from "./point.ts";

const TYPING = { typists: 5, perSecond: 20 };

export async function atBytes(server: Coterie, bytes: number, seconds: number): Promise<Measured> {
  const room = `long/${crypto.randomUUID().slice(0, 8)}`;
  const document = seed(bytes);
  const empty = memory(server.pid);
  await put(server, room, document); // from now on the room has it in memory
  const { ms, decodingMs, whole } = await joinOnce(server, room, document);
  if (!whole) throw new Error(`a document of ${bytes} bytes did not come whole`);
  const { p50, p99, cpu, generator } = await typeInto(server, room, { ...TYPING, seconds });
  return { size: document.update.length, p50, p99, cpu, generator, memory: memory(server.pid) - empty, join: ms - decodingMs };
}
