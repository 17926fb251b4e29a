/** The worker of y-partyserver, with the storage that its readme shows: the whole document, some time after a change. */
import { routePartykitRequest } from "partyserver";
import { YServer } from "y-partyserver";
import * as Y from "yjs";

/** A row of storage takes 2 MB at most. */
const ROW_BYTES = 1_000_000;

export class Notes extends YServer {
  async onLoad() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS document (number INTEGER PRIMARY KEY, bytes BLOB)");
    const rows = sql.exec("SELECT bytes FROM document ORDER BY number").toArray();
    if (rows.length === 0) return;
    Y.applyUpdate(this.document, new Uint8Array(await new Blob(rows.map(({ bytes }) => bytes)).arrayBuffer()));
  }

  async onSave() {
    const { sql } = this.ctx.storage;
    const update = Y.encodeStateAsUpdate(this.document);
    this.ctx.storage.transactionSync(() => {
      sql.exec("DELETE FROM document");
      for (let at = 0; at < update.length; at += ROW_BYTES)
        sql.exec("INSERT INTO document VALUES (?, ?)", at / ROW_BYTES, update.slice(at, at + ROW_BYTES));
    });
  }
}

export default {
  fetch: async (request, env) => (await routePartykitRequest(request, env)) ?? new Response("ok"),
};
