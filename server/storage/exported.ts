/** A room from its export (`GET …/export`): in memory, as it lay in storage. */
import { MemoryStore } from "./memory-store.ts";
import type { Birth } from "./store.ts";

type Line =
  | ({ readonly kind: "birth"; readonly params: string } & Omit<Birth, "params">)
  | { readonly kind: "piece"; readonly cut: number; readonly number: number; readonly section: number; readonly bytes: string }
  | { readonly kind: "row"; readonly seq: number; readonly at: number; readonly bytes: string };

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** Throws on text that is no export. */
export function readExport(text: string): MemoryStore {
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
  const store = new MemoryStore();
  const birth = lines.find((line) => line.kind === "birth");
  if (!birth) throw new RangeError("the export names no room");
  const { kind: _kind, params, ...rest } = birth;
  const pieces = lines.filter((line) => line.kind === "piece");
  const cut = pieces[0]?.cut ?? 0;
  store.create({ ...rest, params: bytesOf(params) }, []);
  store.carryOver(
    { ...rest, params: bytesOf(params) },
    cut,
    pieces.map(({ section, bytes }) => ({ section, bytes: bytesOf(bytes) })),
  );
  for (const line of lines) if (line.kind === "row" && line.seq > cut) store.append({ ...line, bytes: bytesOf(line.bytes) });
  return store;
}
