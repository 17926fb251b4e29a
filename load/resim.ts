/**
 * `npm run resim -- <module> <export>…`: runs rooms' stored games once more by the rules of now, before these are deployed.
 * The module exports the room's definition, as `demo/puzzle/room.ts` does; an export is what `GET …/export` answered. Fails
 * when something comes out differently, and says the first of it.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { resimulate } from "../server/parts/game/resimulate.ts";
import { readExport } from "../server/storage/exported.ts";
import type { AnyRoom } from "../shared/room/define-room.ts";

const [module, ...files] = process.argv.slice(2);
if (module === undefined || files.length === 0) {
  console.error("npm run resim -- <module with the room's definition> <file with an export>…");
  process.exit(2);
}
const isRoom = (value: unknown): value is AnyRoom =>
  typeof value === "object" && value !== null && "name" in value && "game" in value;
const exported = (await import(pathToFileURL(resolve(module)).href)) as Record<string, unknown>;
const rooms = Object.values(exported).filter(isRoom);

let differ = 0;
for (const file of files) {
  const store = readExport(readFileSync(file, "utf8"));
  const name = store.birth()?.room;
  const game = rooms.find((room) => room.name === name)?.game;
  if (!game)
    throw new Error(`${file} is of a room ${name}; ${module} defines ${rooms.map((room) => room.name).join(", ") || "none"}`);
  const { rows, inputs, divergence } = resimulate(game, store);
  if (divergence) differ++;
  console.log(
    divergence
      ? `${file}: differs at row ${divergence.seq}: ${divergence.what} was ${divergence.stored} and is now ${divergence.now}`
      : `${file}: the same, ${inputs} inputs in ${rows} rows`,
  );
}
process.exit(differ > 0 ? 1 : 0);
