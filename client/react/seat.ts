/**
 * A provider's place in a room: joined in an effect, so that a render (on a server, in Strict Mode, one that is thrown away)
 * never opens a socket, and left a moment after the last effect's end, so that effects which run twice join once.
 */
import { useEffect, useRef, useState } from "react";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { RoomBase } from "../api.ts";
import type { Client } from "../client.ts";

export interface Seat<D extends AnyRoom> {
  readonly client: Client<boolean>;
  readonly id: string;
  readonly room: RoomBase<D>;
  /** Counts what the room has said: as long as it stands, everything read from the room is as it was. */
  version: number;
  /** Runs while it is being left: until then it may be taken again. */
  leaving: ReturnType<typeof setTimeout> | undefined;
}

/** How `room.ready` ended: `failure` holds why, where it was rejected. */
interface Entry<D extends AnyRoom> {
  readonly seat: Seat<D>;
  readonly failure?: { readonly reason: unknown };
}

/** The seat in the room `id`: null before the first effect, and while one room is changed for another. `entry`: null until `ready` has ended. */
export function useSeating<D extends AnyRoom>(
  client: Client<boolean>,
  id: string,
  join: () => RoomBase<D>,
): { seat: Seat<D> | null; entry: Entry<D> | null } {
  const [taken, take] = useState<Seat<D> | null>(null);
  const [entered, enter] = useState<Entry<D> | null>(null);
  const last = useRef<Seat<D> | null>(null);

  useEffect(() => {
    const before = last.current;
    let seat: Seat<D>;
    if (before?.leaving !== undefined && before.client === client && before.id === id) {
      seat = before;
      clearTimeout(seat.leaving);
      seat.leaving = undefined;
    } else {
      const room = join();
      seat = last.current = { client, id, room, version: 0, leaving: undefined };
      room.on("frame", () => seat.version++); // the first to listen: whoever is told next reads what is new
      take(seat);
      room.ready.then(
        () => enter({ seat }),
        (reason: unknown) => enter({ seat, failure: { reason } }),
      );
    }
    return () => {
      seat.leaving = setTimeout(() => {
        seat.leaving = undefined;
        take((now) => (now === seat ? null : now));
        seat.room.destroy();
      });
    };
    // oxlint-disable-next-line react/exhaustive-deps -- presence and parameters count when it is joined, and not later
  }, [client, id]);

  const seat = taken?.client === client && taken.id === id ? taken : null;
  return { seat, entry: seat && entered?.seat === seat ? entered : null };
}
