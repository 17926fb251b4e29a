/** When documents are the same, and waiting until they are. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import * as Y from "yjs";
import { readUpdate } from "../../shared/document/update.ts";
import { DocumentIndex } from "../../server/parts/document/document-index.ts";
import type { Editor } from "./editors.ts";

const LOOK_EVERY_MS = 20;

/** Waits for `condition`; throws, with what `words` says, when it has not come true in time. */
export async function until(condition: () => boolean, words: () => string, withinMs: number = 10_000): Promise<void> {
  for (const end = Date.now() + withinMs; !condition(); await sleep(LOOK_EVERY_MS))
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${words()}`);
}

/** A document as one that is loaded from it is written: however two came to be, they are the same by these bytes. */
export function bytesOf(doc: Y.Doc): string {
  const fresh = new Y.Doc();
  Y.applyUpdate(fresh, Y.encodeStateAsUpdate(doc));
  const bytes = Buffer.from(Y.encodeStateAsUpdate(fresh)).toString("base64");
  fresh.destroy();
  return bytes;
}

/** Everyone has told their page that they are in, and has the same state vector, and then the same bytes. */
export async function converged(editors: readonly Editor[], withinMs?: number): Promise<void> {
  const vectors = (): Map<number, number>[] => editors.map(({ doc }) => Y.decodeStateVector(Y.encodeStateVector(doc)));
  const same = (): boolean => {
    const [first, ...others] = vectors();
    return editors.every(({ synced }) => synced) && others.every((other) => isDeepStrictEqual(other, first));
  };
  const words = (): string =>
    editors
      .map(
        ({ kind, user, synced, wire }) => `${kind} (${user}) ${synced ? "synced" : "not synced"}, closed ${wire.closed.join()}`,
      )
      .join("; ");
  await until(same, words, withinMs);
  // State vectors say nothing of what is deleted.
  await until(
    () => new Set(editors.map(({ doc }) => bytesOf(doc))).size === 1,
    () => `one document; ${words()}`,
    3000,
  );
}

/** Whether `has` holds all that `holds` does: inserts and deletes. */
export function includes(has: Y.Doc, holds: Y.Doc): boolean {
  const index = new DocumentIndex();
  index.add(readUpdate(Y.encodeStateAsUpdate(has)), 0);
  return index.judge(readUpdate(Y.encodeStateAsUpdate(holds)), 0).kind === "nothing";
}

/** The users whom an editor shows to be here, itself among them. */
export const shown = ({ awareness }: Editor): string[] =>
  [...awareness.getStates().values()].map((state) => (state as { user?: string }).user ?? "?").sort();
