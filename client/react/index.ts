/**
 * `coterie/react`: one context a room definition, with hooks that render only what changed. README.md beside this has every
 * hook next to the line that it stands for.
 *
 * Selectors are called whenever the room has changed; a component renders when what it picked is no longer equal. Rows,
 * peers and presence keep their identity until something in them changes, so `===` does for them; a selector that builds
 * an array or an object takes `shallow` as its `isEqual`.
 */
import {
  createContext,
  createElement,
  use,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import type { Doc } from "yjs";
import type { View } from "../../shared/game/tables.ts";
import type { AnyRoom, GameOf, SomeGame } from "../../shared/room/define-room.ts";
import type { Listeners, Peer, Room, RoomBase, RoomDocument, RoomGame, Status, Sync } from "../api.ts";
import type { Client } from "../client.ts";
import { useSeating, type Seat } from "./seat.ts";
import { shallow, snapshots, type IsEqual } from "./selection.ts";

export { shallow, type IsEqual } from "./selection.ts";

export interface ProviderProps<D extends AnyRoom> {
  /** The same for as long as the room is to be the same: made outside of components. */
  client: Client<boolean>;
  /** The room's id. With another one the old room is left, the new one joined, and the children begin anew. */
  id: string;
  /** What this page shows of itself at first; later `room.setPresence`. */
  presence: D["~types"]["presence"];
  /** Parameters to create the room with, should it not exist. */
  create?: GameOf<D>["params"];
  /**
   * Shown instead of the children until `room.ready`, and on a server; a room that may not be entered is thrown (RoomError,
   * with its `code`) to the error boundary above. `null` waits and shows nothing. Default: the children are there as
   * soon as the page joins, and on a server (whose client needs its `host`); they see an empty room at first: "connecting",
   * nobody there, no rows.
   */
  fallback?: ReactNode;
  children?: ReactNode;
}

/** What `useEvent` is called with: an event of the room's people (`from`: their `c.me`) or of its game (`from`: "room"). */
export type RoomEvent<D extends AnyRoom> = Parameters<Listeners<D>["event"]>[0];

export type RoomContext<D extends AnyRoom> = {
  /**
   * Joins on mount and leaves on unmount: one socket, in Strict Mode too. Providers of other rooms may be inside; of two of the
   * same definition the hooks see the nearer. To try again after a failure, mount it anew (another `key`).
   */
  RoomProvider(props: ProviderProps<D>): ReactNode;
  /**
   * The room itself, for what is done: `do`, `setPresence`, `broadcast`, `connect`. Never renders by itself. Throws where no
   * RoomProvider is above, as every hook does.
   */
  useRoom(): Room<D>;
  /**
   * Suspends until `room.ready`; throws RoomError to the error boundary when the room may not be entered. For a part of the page
   * that waits by itself, in a `<Suspense>` of its own; a server renders that one's fallback, and React reports that the page
   * took over.
   */
  useReady(): void;
  /** This page's own user, or what `select` picks of it; null before the room has said who that is. */
  useSelf(): Peer<D> | null;
  useSelf<V>(select: (self: Peer<D>) => V, isEqual?: IsEqual<V>): V | null;
  /**
   * The others, by `c.me`, or what `select` picks of them. Without `select` it renders for every cursor that moves: for one of
   * them there is `useOther`.
   */
  useOthers(): readonly Peer<D>[];
  useOthers<V>(select: (others: readonly Peer<D>[]) => V, isEqual?: IsEqual<V>): V;
  /** What `select` picks of one user; undefined when that user is not here. `isEqual` defaults to `Object.is`. */
  useOther<V>(id: number, select: (peer: Peer<D>) => V, isEqual?: IsEqual<V | undefined>): V | undefined;
  /** `c.me` of the others, rising; the same array until someone comes or goes. All who only watch have 0. */
  useOtherIds(): readonly number[];
  useStatus(): Status;
  useSync(): Sync;
  /** Round trip of the last heartbeat, in ms; undefined before the first. */
  useRtt(): number | undefined;
  /** Calls `heard` for every event, and always the latest `heard`. Never renders. */
  useEvent(heard: (event: RoomEvent<D>) => void): void;
} & (D["game"] extends SomeGame
  ? {
      /**
       * What `select` picks of `room.state`: of a table a row, its size, or what is summed up of it. It runs when the state has
       * changed; `isEqual` defaults to `Object.is`.
       */
      useGame<V>(select: (state: View<GameOf<D>["state"]>) => V, isEqual?: IsEqual<V>): V;
    }
  : {}) &
  (D["document"] extends true
    ? {
        /** The room's document, for an editor's binding. Never renders: the binding does. */
        useDoc(): Doc;
      }
    : {});

/** The provider and the hooks of one kind of room; made once, beside the definition, and exported from there. */
export function createRoomContext<D extends AnyRoom>(definition: D): RoomContext<D> {
  type Base = RoomBase<D>;
  const Context = createContext<Seat<D> | null>(null);

  function RoomProvider({ client, id, presence, create, fallback, children }: ProviderProps<D>): ReactNode {
    const open = (): Base => {
      const options = { presence, connect: false, ...(create !== undefined && { create }) };
      return client.join<AnyRoom>(definition, id, options) as unknown as Base;
    };
    const { seat, entry } = useSeating(client, id, open, fallback === undefined);
    if (fallback !== undefined && entry?.failure) throw entry.failure.reason;
    if (!seat || (fallback !== undefined && !entry)) return fallback;
    return createElement(Context.Provider, { value: seat }, children);
  }

  function useSeat(): Seat<D> {
    const seat = useContext(Context);
    if (!seat) throw new Error(`useRoom and its like need a RoomProvider of ${definition.name} above them`);
    return seat;
  }
  const useRoom = (): Base => useSeat().room;

  function useRead<V>(of: (room: Base) => unknown, pick: (room: Base) => V, isEqual: IsEqual<V> = Object.is): V {
    const { room, served } = useSeat();
    const shown = useRef<{ readonly value: V } | null>(null);
    const subscribe = useCallback((changed: () => void) => room.on("frame", changed), [room]);
    const selection = { of, pick, isEqual };
    const value = useSyncExternalStore(
      subscribe,
      // oxlint-disable-next-line react/refs -- only an earlier value to give again when it is equal: any will do
      snapshots(() => room, selection, shown.current),
      snapshots(served, selection, null),
    );
    useEffect(() => {
      shown.current = { value };
    });
    return value;
  }

  const selfOf = ({ self }: Base): Peer<D> | null => self;
  const othersOf = ({ others }: Base): readonly Peer<D>[] => others;
  const statusOf = ({ status }: Base): Status => status;
  const syncOf = ({ sync }: Base): Sync => sync;
  const rttOf = ({ rtt }: Base): number | undefined => rtt;
  const stateOf = (room: Base): View<GameOf<D>["state"]> => (room as unknown as RoomGame<D>).state;

  const context = {
    RoomProvider,
    useRoom,
    useReady() {
      const { room, joined } = useSeat();
      if (!joined && typeof document === "undefined")
        throw new Error(
          "useReady: a server joins no room; the boundary around shows its fallback, and the page goes on from there",
        );
      use(room.ready);
    },
    useSelf: (select?: (self: Peer<D>) => unknown, isEqual?: IsEqual<unknown>) =>
      useRead<unknown>(selfOf, ({ self }) => (self && select ? select(self) : self), isEqual),
    useOthers: (select?: (others: readonly Peer<D>[]) => unknown, isEqual?: IsEqual<unknown>) =>
      useRead<unknown>(othersOf, ({ others }) => (select ? select(others) : others), isEqual),
    useOther: <V>(id: number, select: (peer: Peer<D>) => V, isEqual?: IsEqual<V | undefined>) => {
      const pick = ({ others }: Base): V | undefined => {
        const peer = others.find((each) => each.id === id);
        return peer && select(peer);
      };
      return useRead(othersOf, pick, isEqual);
    },
    useOtherIds: () => useRead<readonly number[]>(othersOf, ({ others }) => others.map(({ id }) => id), shallow),
    useStatus: () => useRead(statusOf, statusOf),
    useSync: () => useRead(syncOf, syncOf),
    useRtt: () => useRead(rttOf, rttOf),
    useEvent(heard: (event: RoomEvent<D>) => void) {
      const room = useRoom();
      const latest = useRef(heard);
      useEffect(() => {
        latest.current = heard;
      });
      useEffect(() => room.on("event", (event) => latest.current(event)), [room]);
    },
    useGame: <V>(select: (state: View<GameOf<D>["state"]>) => V, isEqual?: IsEqual<V>) =>
      useRead(
        (room) => Object.values(stateOf(room)), // a table is another object when anything in it has changed
        (room) => select(stateOf(room)),
        isEqual,
      ),
    useDoc: () => (useRoom() as unknown as RoomDocument).doc,
  };
  return context as unknown as RoomContext<D>;
}
