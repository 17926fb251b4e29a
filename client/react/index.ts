/** `coterie/react`: one context a room definition, with hooks that re-render only what changed. */
import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import type { Doc } from "yjs";
import type { View } from "../../shared/game/tables.ts";
import type { AnyRoom, GameOf, SomeGame } from "../../shared/room/define-room.ts";
import type { Client } from "../client.ts";
import type { Peer, Room, RoomBase, RoomGame, Status, Sync } from "../api.ts";

export interface ProviderProps<D extends AnyRoom> {
  client: Client<boolean>;
  /** The room's id. A new one leaves the old room. */
  id: string;
  /** What this page shows of itself at first; later `room.setPresence`. */
  presence: D["~types"]["presence"];
  /** Parameters to create the room with, should it not exist. */
  create?: GameOf<D>["params"];
  children?: ReactNode;
}

type Event<D extends AnyRoom> = Parameters<Parameters<RoomBase<D>["on"]>[1]>[0];

export type RoomContext<D extends AnyRoom> = {
  /** Joins on mount, leaves on unmount; children are rendered once there is a room. */
  RoomProvider(props: ProviderProps<D>): ReactNode;
  /** The room itself. Does not re-render by itself. */
  useRoom(): Room<D>;
  useSelf(): Peer<D> | null;
  useOthers(): readonly Peer<D>[];
  /** What `select` picks of one user; undefined when that user is not here. */
  useOther<V>(id: number, select: (peer: Peer<D>) => V): V | undefined;
  /** `c.me` of the others; the same array until someone comes or goes. */
  useOtherIds(): readonly number[];
  useStatus(): Status;
  useSync(): Sync;
  /** ms; undefined before the first heartbeat. */
  useRtt(): number | undefined;
  /** Calls `heard` for every event; the latest function is called. */
  useEvent(heard: (event: Event<D>) => void): void;
} & (D["game"] extends SomeGame
  ? {
      /** What `select` picks of the state: re-renders when it is no longer `===`. */
      useGame<V>(select: (state: View<GameOf<D>["state"]>) => V): V;
    }
  : {}) &
  (D["document"] extends true ? { useDoc(): Doc } : {});

export function createRoomContext<D extends AnyRoom>(definition: D): RoomContext<D> {
  type Base = RoomBase<D>;
  const Context = createContext<Base | null>(null);

  function RoomProvider({ client, id, presence, create, children }: ProviderProps<D>): ReactNode {
    const [room, setRoom] = useState<Base | null>(null);
    const first = useRef({ presence, create });
    useEffect(() => {
      const { presence: shown, create: params } = first.current;
      const joined = client.join<AnyRoom>(definition, id, {
        presence: shown,
        ...(params !== undefined && { create: params }),
      }) as unknown as Base;
      setRoom(joined);
      return () => {
        setRoom(null);
        joined.destroy();
      };
    }, [client, id]);
    return room && createElement(Context.Provider, { value: room }, children);
  }

  function useRoom(): Base {
    const room = useContext(Context);
    if (!room) throw new Error(`useRoom and its like need a RoomProvider of ${definition.name} above them`);
    return room;
  }

  /** What `read` gives, again whenever the room says that something changed. */
  function useRead<V>(read: (room: Base) => V): V {
    const room = useRoom();
    const subscribe = useCallback((changed: () => void) => room.on("frame", changed), [room]);
    return useSyncExternalStore(
      subscribe,
      () => read(room),
      () => read(room),
    );
  }

  const context = {
    RoomProvider,
    useRoom,
    useSelf: () => useRead((room) => room.self),
    useOthers: () => useRead((room) => room.others),
    useOther: <V>(id: number, select: (peer: Peer<D>) => V) =>
      useRead((room) => {
        const peer = room.others.find((each) => each.id === id);
        return peer && select(peer);
      }),
    useOtherIds() {
      const last = useRef<readonly number[]>([]);
      return useRead((room) => {
        const ids = room.others.map((peer) => peer.id);
        if (ids.length !== last.current.length || ids.some((id, index) => id !== last.current[index])) last.current = ids;
        return last.current;
      });
    },
    useStatus: () => useRead((room) => room.status),
    useSync: () => useRead((room) => room.sync),
    useRtt: () => useRead((room) => room.rtt),
    useEvent(heard: (event: Event<D>) => void) {
      const room = useRoom();
      const latest = useRef(heard);
      useEffect(() => {
        latest.current = heard;
      });
      useEffect(() => room.on("event", (event) => latest.current(event as Event<D>)), [room]);
    },
    useGame: <V>(select: (state: View<GameOf<D>["state"]>) => V) =>
      useRead((room) => select((room as unknown as RoomGame<D>).state)),
    useDoc: () => (useRoom() as unknown as { doc: Doc }).doc,
  };
  return context as unknown as RoomContext<D>;
}
