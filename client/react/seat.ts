/**
 * A provider's place in a room. It is joined in an effect, so that a render (on a server, in Strict Mode, one that is thrown
 * away) never opens a socket, and left a moment after the last effect's end, so that effects which run twice join once.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { RoomBase } from "../api.ts";
import type { Client } from "../client.ts";

export interface Seat<D extends AnyRoom> {
  readonly client: Client<boolean>;
  readonly id: string;
  readonly room: RoomBase<D>;
  /** The room as a server has shown it: one that is not joined. Parts of a page may be taken up long after the rest has joined. */
  served(): RoomBase<D>;
  /** Whether an effect has connected it. */
  joined: boolean;
  /** Runs while it is being left: until then it may be taken again. */
  leaving: ReturnType<typeof setTimeout> | undefined;
}

/** How `room.ready` ended: `failure` holds why, where it was rejected. */
interface Entry<D extends AnyRoom> {
  readonly seat: Seat<D>;
  readonly failure?: { readonly reason: unknown };
}

const never = (): (() => void) => () => {};

/**
 * The seat in the room `id`: null before the first effect, and while one room is changed for another. `open` makes the room,
 * unconnected. `early`: on a server, and where a page takes up what a server has rendered, it is there at once. `entry`: null
 * until `ready` has ended.
 */
export function useSeating<D extends AnyRoom>(
  client: Client<boolean>,
  id: string,
  open: () => RoomBase<D>,
  early: boolean,
): { seat: Seat<D> | null; entry: Entry<D> | null } {
  const served = useSyncExternalStore(
    never,
    () => false,
    () => true,
  );
  const sit = (): Seat<D> => {
    let unjoined: RoomBase<D> | undefined;
    const seat: Seat<D> = {
      client,
      id,
      room: open(),
      served: () => (seat.joined ? (unjoined ??= open()) : seat.room),
      joined: false,
      leaving: undefined,
    };
    return seat;
  };
  const [taken, take] = useState(() => (early && served ? sit() : null));
  const [entered, enter] = useState<Entry<D> | null>(null);
  const last = useRef(taken);

  useEffect(() => {
    const before = last.current;
    const seat = before?.client === client && before.id === id ? before : sit();
    clearTimeout(seat.leaving);
    last.current = seat;
    take(seat);
    if (!seat.joined) {
      seat.joined = true;
      seat.room.connect();
      seat.room.ready.then(
        () => enter({ seat }),
        (reason: unknown) => enter({ seat, failure: { reason } }),
      );
    }
    return () => {
      seat.leaving = setTimeout(() => {
        if (last.current === seat) last.current = null;
        take((now) => (now === seat ? null : now));
        seat.room.destroy();
      });
    };
    // oxlint-disable-next-line react/exhaustive-deps -- presence and parameters count when it is joined, and not later
  }, [client, id]);

  const seat = taken?.client === client && taken.id === id ? taken : null;
  return { seat, entry: seat && entered?.seat === seat ? entered : null };
}
