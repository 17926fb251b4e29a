/** What a room's document once was, over HTTP: `room.versions`. */
import type { Version } from "../shared/document/version.ts";
import { RoomError } from "../shared/room/room-error.ts";
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
  async function ask(path: string, body?: object, method: string = body ? "POST" : "GET"): Promise<Response> {
    const response = await environment.fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const { title, detail } = (await response.json()) as { title?: string; detail?: string };
    throw new RoomError(title ?? "internal", { reason: detail ?? `the room answered ${response.status}` });
  }
  return {
    list: async () => ((await (await ask("/versions")).json()) as { versions: Version[] }).versions,
    keep: async (name) => (await (await ask("/versions", { name })).json()) as Version,
    read: async (id) => new Uint8Array(await (await ask(`/versions/${id}`)).arrayBuffer()),
    delete: async (id) => void (await ask(`/versions/${id}`, undefined, "DELETE")),
    restore: async (id) => (await (await ask("/restore", { version: id })).json()) as { seq: number },
  };
}
