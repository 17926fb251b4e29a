/**
 * The counter-example: a puzzle by functions that remember nothing. Each move reads the whole table from a store, changes it and
 * writes it back, as one does with a blob in a bucket or a row in a key-value store. The store keeps bytes and a version, and
 * knows of no puzzle.
 *
 *   POST /move             a move, without asking whether somebody else wrote meanwhile
 *   POST /move?checked     the same, written only if nobody did; else all anew, some times
 *   GET /moved             pieces that have been moved: what a page that polls is told
 *   PUT /table             the table to begin with
 */
import { DurableObject } from "cloudflare:workers";
import type { Move, Table } from "./table.ts";

interface Env {
  readonly STORE: DurableObjectNamespace<Store>;
}

interface Stored {
  readonly bytes: Uint8Array;
  readonly version: number;
}

/** A row must stay below 2 MB. */
const CHUNK_BYTES = 1_000_000;
/** With a version check: so often a move is tried before its caller is told that it could not be made. */
const TRIES = 10;

/** Bytes in SQLite, whole or not at all. */
export class Store extends DurableObject<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS chunks (place INTEGER PRIMARY KEY, bytes BLOB)");
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS versions (one INTEGER PRIMARY KEY, version INTEGER)");
  }

  read(): Stored {
    const chunks = [...this.ctx.storage.sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM chunks ORDER BY place")];
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.bytes.byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(new Uint8Array(chunk.bytes), at);
      at += chunk.bytes.byteLength;
    }
    return { bytes, version: this.#version() };
  }

  /** False: it is not at this version any more. Without one it is written in any case. */
  write(bytes: Uint8Array, version?: number): boolean {
    const { sql } = this.ctx.storage;
    if (version !== undefined && version !== this.#version()) return false;
    this.ctx.storage.transactionSync(() => {
      sql.exec("DELETE FROM chunks");
      for (let place = 0; place * CHUNK_BYTES < bytes.length; place++)
        sql.exec("INSERT INTO chunks VALUES (?, ?)", place, bytes.slice(place * CHUNK_BYTES, (place + 1) * CHUNK_BYTES));
      sql.exec("INSERT OR REPLACE INTO versions VALUES (0, ?)", this.#version() + 1);
    });
    return true;
  }

  #version(): number {
    const [row] = this.ctx.storage.sql.exec<{ version: number }>("SELECT version FROM versions");
    return row?.version ?? 0;
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const store = env.STORE.getByName("table");
    if (pathname === "/table") {
      await store.write(new Uint8Array(await request.arrayBuffer()));
      return new Response(null, { status: 204 });
    }
    if (pathname === "/moved") {
      const table = parsed((await store.read()).bytes);
      const moved = table.pieces.flatMap(({ x, y, moves }, piece) => (moves > 0 ? [{ piece, x, y } satisfies Move] : []));
      return Response.json(moved);
    }
    if (pathname !== "/move") return new Response("ok");
    const move: Move = await request.json();
    const checked = searchParams.has("checked");
    for (let tries = 1; tries <= (checked ? TRIES : 1); tries++) {
      const { bytes, version } = await store.read();
      const table = parsed(bytes);
      const piece = table.pieces[move.piece]!;
      piece.x = move.x;
      piece.y = move.y;
      piece.moves++;
      const changed = new TextEncoder().encode(JSON.stringify(table));
      if (await store.write(changed, checked ? version : undefined)) return Response.json({ tries });
    }
    return Response.json({ tries: TRIES }, { status: 409 });
  },
} satisfies ExportedHandler<Env>;

const parsed = (bytes: Uint8Array): Table => JSON.parse(new TextDecoder().decode(bytes)) as Table;
