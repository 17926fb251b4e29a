/** What a room's document once was, over HTTP: `room.versions`. */
import type { Version } from "../shared/document/version.ts";
import { asking } from "./ask.ts";
import type { Environment } from "./environment.ts";

/** Rejects with a RoomError: "forbidden", "not-found", "unavailable", … */
export interface Versions {
  /** Oldest first. */
  list(): Promise<readonly Version[]>;
  /** Keeps the document as the room has it now, under a name of at most 100 characters. */
  keep(name: string): Promise<Version>;
  /** All that it held, as one Yjs update: apply it to a new `Y.Doc` to look at it. */
  read(id: number): Promise<Uint8Array>;
  /** Removes it; the document stays what it is. */
  delete(id: number): Promise<void>;
  /** Makes the document again what it was, for everyone, as a change like any other. */
  restore(id: number): Promise<{ seq: number }>;
}

export interface VersionsHost {
  /** The room's address, with http. */
  readonly url: string;
  readonly environment: Environment;
  token(): Promise<string>;
}

export function versionsOf({ url, environment, token }: VersionsHost): Versions {
  const ask = asking(url, token, environment, "the room");
  return {
    list: async () => ((await (await ask("/versions")).json()) as { versions: Version[] }).versions,
    keep: async (name) => (await (await ask("/versions", { name })).json()) as Version,
    read: async (id) => new Uint8Array(await (await ask(`/versions/${id}`)).arrayBuffer()),
    delete: async (id) => void (await ask(`/versions/${id}`, undefined, "DELETE")),
    restore: async (id) => (await (await ask("/restore", { version: id })).json()) as { seq: number },
  };
}
