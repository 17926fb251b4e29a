/** A room's line to the lobby of its party: which object that is, and how it is told. */
import type { LobbyStub } from "./lobby-object.ts";
import type { LobbyLine } from "./summary.ts";

/** The lobby's binding in wrangler.toml: one namespace, with an object for each party. */
export const LOBBY_BINDING = "LOBBY";

type Lobbies = { getByName(name: string): LobbyStub; jurisdiction(name: string): Lobbies };

/** Undefined where the worker has no lobby. A room and its lobby are always under the same jurisdiction. */
export function lobbyLine(
  env: Readonly<Record<string, unknown>>,
  party: string,
  { name: room, jurisdiction }: Pick<DurableObjectId, "name" | "jurisdiction">,
): (LobbyLine & { claim(user: string, most: number): Promise<boolean> }) | undefined {
  const lobbies = env[LOBBY_BINDING] as Lobbies | undefined;
  if (!lobbies || room === undefined) return undefined;
  // A stub that has thrown stays broken: one for each call.
  const stub = (): LobbyStub => (jurisdiction === undefined ? lobbies : lobbies.jurisdiction(jurisdiction)).getByName(party);
  return {
    async report(summary) {
      await stub().coterie(summary ? { kind: "report", summary } : { kind: "gone", id: room });
    },
    async counted(exists) {
      await stub().coterie({ kind: "counted", id: room, exists });
    },
    async claim(user, most) {
      const reply = await stub().coterie({ kind: "claim", id: room, user, most });
      return reply.kind === "claimed" && reply.granted;
    },
  };
}
