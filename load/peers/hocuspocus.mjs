/** `PORT= FOLDER= node hocuspocus.mjs`: Hocuspocus, with the whole document in a file, some time after a change. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Server } from "@hocuspocus/server";
import * as Y from "yjs";

const fileOf = (name) => join(process.env.FOLDER, encodeURIComponent(name));

const server = new Server({
  address: "127.0.0.1",
  port: Number(process.env.PORT),
  quiet: true,
  async onLoadDocument({ documentName, document }) {
    const update = await readFile(fileOf(documentName)).catch(() => undefined);
    if (update) Y.applyUpdate(document, update);
  },
  async onStoreDocument({ documentName, document }) {
    await writeFile(fileOf(documentName), Y.encodeStateAsUpdate(document));
  },
});
await server.listen();
