/** How long it takes to come into a long document: as the room has it in memory, and after the server was killed. */
import { setTimeout } from "node:timers/promises";
import { defineRoom } from "coterie";
import { createClient } from "coterie/client";
import * as Y from "yjs";
import { splitUpdate } from "../../shared/document/update.ts";
import { Client } from "./client.ts";
import { TEXT, type Seed } from "./seed.ts";
import type { Coterie, Server } from "./servers.ts";

/** A frame that all of them read. */
const PIECE_BYTES = 500_000;
/** Some servers store a while after the last change, in ms. */
export const STORED_AFTER_MS = 3500;
const THERE_WITHIN_MS = 60_000;

export interface Joined {
  /** From the first byte to the last one applied, in ms. */
  readonly ms: number;
  /** Of these, what the client's own Yjs took. */
  readonly decodingMs: number;
  /** Everything came. */
  readonly whole: boolean;
}

export async function joinOnce(server: Server, room: string, { length }: Seed): Promise<Joined> {
  const doc = new Y.Doc();
  let decodingMs = 0;
  const start = performance.now();
  const client = await Client.join(server, room, `reader-${crypto.randomUUID().slice(0, 8)}`, {
    updated(update) {
      const before = performance.now();
      Y.applyUpdate(doc, update);
      decodingMs += performance.now() - before;
    },
  });
  const ms = performance.now() - start;
  client.close();
  const whole = doc.getText(TEXT).length === length;
  doc.destroy();
  return { ms, decodingMs, whole };
}

/** The same by the SDK, as a page comes. What its Yjs takes is not told apart. */
export async function joinBySdk(server: Coterie, name: string, { length }: Seed): Promise<Joined> {
  const notes = defineRoom({ name: "notes", document: true });
  const user = `reader-${crypto.randomUUID().slice(0, 8)}`;
  const start = performance.now();
  const room = createClient({ host: `127.0.0.1:${server.port}`, auth: () => server.token(user) }).join(notes, name);
  await room.ready;
  const ms = performance.now() - start;
  const whole = room.doc.getText(TEXT).length === length;
  room.destroy();
  return { ms, decodingMs: 0, whole };
}

/** Puts the document into the room, and waits until it is there; it may be stored later. */
export async function put(server: Server, room: string, seed: Seed): Promise<void> {
  const pieces = splitUpdate(seed.update, PIECE_BYTES);
  if (isCoterie(server)) {
    (await Client.join(server, room, "author")).close(); // makes the room
    for (const piece of pieces) await patch(server, room, piece);
  } else {
    const client = await Client.join(server, room, "author");
    for (const piece of pieces) client.send(client.frameOf(piece));
    const end = Date.now() + THERE_WITHIN_MS;
    while (!(await joinOnce(server, room, seed)).whole) {
      if (Date.now() > end) throw new Error(`${server.name} did not take the document; closed: ${client.closed}`);
      await setTimeout(200);
    }
    client.close();
  }
}

const isCoterie = (server: Server): server is Coterie => "token" in server;

/** A page may not say as much at once; another server may. */
async function patch(server: Coterie, room: string, update: Uint8Array): Promise<void> {
  const path = `/parties/${room.includes("/") ? room : `notes/${room}`}`;
  const response = await fetch(`http://127.0.0.1:${server.port}${path}/document`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${await server.token("author")}` },
    body: update as Uint8Array<ArrayBuffer>,
  });
  if (!response.ok) throw new Error(`the document was answered ${response.status}: ${await response.text()}`);
}
