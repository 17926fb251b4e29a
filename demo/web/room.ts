/** The page's client, and the room of the table it sits at, for components. */
import { createClient, type DebugOptions } from "coterie/client";
import { indexedDb } from "coterie/client/offline";
import { createRoomContext } from "coterie/react";
import { puzzleRoom } from "../puzzle/room.ts";
import { personFrom, type Person } from "./board/people.ts";
import { identity } from "./identity.ts";

export const { RoomProvider, useRoom, useGame, useSelf, useOther, useOtherIds, useStatus, useSync, useRtt, useEvent } =
  createRoomContext(puzzleRoom);

/** With `?devtools` in the page's first address: a network that can be made worse, and the panel for it. */
export const debug: DebugOptions | undefined = new URLSearchParams(location.search).has("devtools") ? {} : undefined;

let made: ReturnType<typeof createClient> | undefined;
/** Made when first needed, so that the guest has the name chosen in the lobby. */
export const client = (): ReturnType<typeof createClient> =>
  (made ??= createClient({
    host: location.origin,
    guest: { name: identity().name },
    offline: indexedDb(),
    ...(debug && { debug }),
  }));

/** Who somebody is, here or gone. */
export function usePerson(id: number): Person {
  const player = useGame((state) => state.players.get(id));
  const own = useSelf((self) => (self.id === id ? self.user.name : undefined));
  const other = useOther(id, ({ user }) => user.name);
  return personFrom(id, player, own ?? other);
}
