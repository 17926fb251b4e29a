/** The lobby of a kind of room: which rooms are open, now or live; a new one; and one to play in at once. */
import { closeName } from "../shared/protocol/close-code.ts";
import type { AnyRoom, GameOf } from "../shared/room/define-room.ts";
import { LIST_READ, type OpenRoom } from "../shared/room/open-room.ts";
import { RoomError } from "../shared/room/room-error.ts";
import { asking } from "./ask.ts";
import { Connection, type AuthReason } from "./connection.ts";
import type { Environment } from "./environment.ts";

/** Some of a game's parameters: what a room must have been made with. */
export type Where<P> = P extends object ? Partial<P> : {};

/** Each call rejects with a RoomError: "unauthorized", "forbidden", "not found" (nothing is listed there), "bad-input", "unavailable" (try again). */
export interface Lobby<P> {
  /** Rooms with somebody in them: those with a place first, then by most players; at most 100. */
  list(where?: Where<P>): Promise<readonly OpenRoom<P>[]>;
  /**
   * Calls `changed` with the list, and again at most four times a second when it changes; reconnects by itself. `failed` is told
   * when it never will: no right to the list, or none there. Returns its own unsubscribe.
   */
  watch(changed: (rooms: readonly OpenRoom<P>[]) => void, failed?: (error: RoomError) => void): () => void;
  /** Makes a room with a new id; it is listed as soon as somebody has joined. */
  create(params: P): Promise<{ id: string }>;
  /**
   * The fullest room that fits and has a place, which is kept for this user for ten seconds; with `create`, a new one where none
   * fits, else the call rejects with "not-found". Who comes too late finds `room.ready` rejected with "full" (4531), and calls
   * again with that id in `except` (at most 32).
   */
  quickMatch(where?: Where<P>, options?: { create?: P; except?: readonly string[] }): Promise<{ id: string }>;
}

export interface LobbyInit {
  /** `https://…` and `wss://…`, without a path. */
  readonly http: string;
  readonly ws: string;
  readonly token: (reason: AuthReason, signal: AbortSignal) => Promise<string>;
  readonly environment: Environment;
}

export function openLobby<D extends AnyRoom>(
  { name, game }: D,
  { http, ws, token, environment }: LobbyInit,
): Lobby<GameOf<D>["params"]> {
  type P = GameOf<D>["params"];
  const type = game?.["~rules"].params;
  const path = `/lobby/${name}`;

  const asked = asking(http + path, () => token("connect", new AbortController().signal), environment, "the lobby");
  const ask = async <T>(where: string, body?: object): Promise<T> => (await asked(where, body)).json() as Promise<T>;

  return {
    list: async (where = {} as Where<P>) =>
      (await ask<{ rooms: OpenRoom<P>[] }>(`?where=${encodeURIComponent(JSON.stringify(where))}`)).rooms,
    create: async (params) => {
      const { id } = await ask<{ id: string }>("", { params: type ? type.check(params, ["params"]) : null });
      return { id };
    },
    quickMatch: async (where = {} as Where<P>, options = {}) => {
      const { except, create } = options;
      const made = "create" in options && { create: type ? type.check(create, ["create"]) : null };
      const { id } = await ask<{ id: string }>("/match", { where, except, ...made });
      return { id };
    },
    watch(changed, failed) {
      const read = new TextEncoder().encode(LIST_READ);
      const connection = new Connection(
        ws + path,
        token,
        {
          greet: () => read,
          received(frame) {
            if (connection.state.kind !== "open") connection.welcomed();
            connection.send(read);
            changed((JSON.parse(new TextDecoder().decode(frame)) as { rooms: OpenRoom<P>[] }).rooms);
          },
          changed(state) {
            if (state.kind !== "stopped") return;
            failed?.(new RoomError(closeName(state.code), { reason: state.reason }));
          },
        },
        environment,
      );
      connection.connect();
      return () => connection.disconnect();
    },
  };
}
