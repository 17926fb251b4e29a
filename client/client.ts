/** `createClient`: one per app. It knows where the worker is and who the user is, and opens rooms. */
import type { AnyRoom, GameOf } from "../shared/room/define-room.ts";
import { RoomError } from "../shared/room/room-error.ts";
import { isRoomId } from "../shared/room/room-id.ts";
import { describe } from "../shared/schema/wire.ts";
import type { AuthReason } from "./connection.ts";
import { worse, type DebugOptions } from "./debug.ts";
import { realEnvironment, type Environment } from "./environment.ts";
import { GuestPass } from "./guest.ts";
import { openLobby, type Lobby } from "./lobby.ts";
import type { Offline } from "./offline/offline.ts";
import type { Room } from "./api.ts";
import { openRoom, type RoomInit } from "./room.ts";

export interface AuthRequest {
  readonly party: string;
  readonly room: string;
  /** `renew`: the room refused the last token, so a cached one will not do; `refresh`: it ends soon, and one that lasts is wanted. */
  readonly reason: AuthReason;
  /** Aborted when the answer no longer matters. */
  readonly signal: AbortSignal;
}

export interface ClientOptions {
  /** Where the worker is: "example.com", "localhost:8787" or a whole "https://…". Default: where the page came from; where there is none, joining throws RoomError. */
  host?: string;
  /** Gives a token; asked before every attempt to connect. Default: a guest's, from `POST /auth/guest`. */
  auth?: (request: AuthRequest) => Promise<string>;
  /** How a guest is called, and whether this browser remembers them (default true). */
  guest?: { name?: string; remember?: boolean };
  /**
   * Where documents, and actions without an answer, are kept for when there is no network, or no page: `indexedDb()` of
   * coterie/client/offline. Default: nowhere, they live as long as the page.
   */
  offline?: Offline;
  /**
   * Whether the browser asks before it closes a page with something that is neither saved nor kept by `offline`. Default
   * false: a dialog is the app's to decide.
   */
  warnOnUnsaved?: boolean;
  /** A worse network, for development. Default: the one there is. */
  debug?: DebugOptions;
  /** For tests: the clock and the wire. */
  environment?: Environment;
}

interface Joining<D extends AnyRoom> {
  create?: GameOf<D>["params"];
  /** false: nothing happens before `room.connect()`; until then the room is empty, and "connecting". Default true. */
  connect?: boolean;
}

type JoinOptions<D extends AnyRoom, P> = {} extends P
  ? [options?: { presence?: P } & Joining<D>]
  : [options: { presence: P } & Joining<D>];

/** `Docs`: whether rooms with a document can be joined. */
export interface Client<Docs extends boolean> {
  /**
   * Joins a room, or with `create` makes it first where it does not exist (rooms without parameters make themselves).
   * Returns at once; `room.ready` tells how it went. Throws RoomError "bad-input" when presence or parameters do not fit.
   */
  join<D extends AnyRoom & { document: Docs extends true ? boolean : false }>(
    room: D,
    id: string,
    ...options: JoinOptions<D, D["~types"]["presence"]>
  ): Room<D>;
  /** The open rooms of this kind: where the worker lists them. */
  lobby<D extends AnyRoom>(room: D): Lobby<GameOf<D>["params"]>;
}

export function createClient(
  { host, auth, guest, offline, warnOnUnsaved = false, debug, environment: given = realEnvironment }: ClientOptions = {},
  documents?: RoomInit["documents"],
): Client<boolean> {
  const environment = debug ? worse(given, debug) : given;
  // When first needed: a server that renders a page makes a client too, and joins nothing.
  let known: { http: string; ws: string; pass: GuestPass } | undefined;
  const worker = (): NonNullable<typeof known> => {
    if (known) return known;
    const { http, ws } = origins(host);
    return (known = { http, ws, pass: new GuestPass(http, guest ?? {}, environment) });
  };
  const tokenFor = (party: string, room: string) => (reason: AuthReason, signal: AbortSignal) =>
    auth ? auth({ party, room, reason, signal }) : worker().pass.token(reason);
  return {
    join(room, id, ...[options]) {
      if (!isRoomId(id))
        throw new RangeError(`room id ${describe(id)}: expected 1 to 4 segments of [A-Za-z0-9_-]{1,32} joined by ":"`);
      return openRoom(room, id, {
        url: `${worker().ws}/parties/${room.name}/${id}`,
        token: tokenFor(room.name, id),
        presence: options?.presence ?? {},
        create: options?.create,
        connect: options?.connect ?? true,
        environment,
        warnOnUnsaved,
        ...(documents && { documents }),
        ...(offline && { offline }),
      });
    },
    lobby: (room) => openLobby(room, { ...worker(), token: tokenFor(room.name, "*"), environment }),
  };
}

/** Both addresses of the worker. Plain ws only where a browser calls it secure anyway: on this machine, or with http:// said. */
function origins(host: string | undefined): { http: string; ws: string } {
  const page = typeof location === "undefined" ? undefined : location;
  if (host === undefined && !page)
    throw new RoomError("unsupported", { reason: "createClient needs a host where there is no page" });
  const given = host === undefined || host === "" ? (page?.origin ?? "") : host;
  const whole = /^https?:\/\//.test(given) ? given : `${/^(localhost|127\.|\[::1\])/.test(given) ? "http" : "https"}://${given}`;
  const { origin } = new URL(whole);
  return { http: origin, ws: origin.replace(/^http/, "ws") };
}
