/** `createWorker`: the default export of a worker that serves rooms. */
import type { AnyRoom } from "../shared/room/define-room.ts";
import type { Limits } from "./edge/throttle.ts";
import type { Lobbies } from "./edge/lobby-api.ts";
import { checkPlacement, type Placement } from "./edge/place.ts";
import { routes } from "./edge/routes.ts";
import { MAIN } from "./party/address.ts";
import type { PartyClass } from "./party/party-class.ts";
import type { Sink } from "./observe/sink.ts";
import type { RoomClass } from "./room/room-object.ts";

export interface WorkerOptions<R extends Record<string, AnyRoom>> {
  /** Party → class made by `durableRoom`. The key is the room's own name. Default: none. */
  rooms?: { [K in keyof R]: RoomClass<R[K] & { name: K }> };
  /** Party → class made by `hostParty` of coterie/party: PartyKit classes, which decide for themselves who may enter. Default: none. */
  parties?: Readonly<Record<string, PartyClass>>;
  auth?: {
    /** Whether anyone may have a guest token (`POST /auth/guest`). Default false. */
    guests?: boolean;
  };
  /** How often users may call. Default: see each; none on this machine in development. */
  limits?: Limits;
  /** For how long a room's state that was read over HTTP is kept at the edge, in seconds, so that many readers do not wake it. Who may read is looked at each time, but one who was revoked may read a copy until then. Default 0: not at all. */
  readCacheSeconds?: number;
  /** Origins besides the worker's own whose pages may connect, exactly as a browser sends them ("https://example.com"). Default: none to rooms, any to `parties`. */
  origins?: readonly string[];
  /**
   * Parties whose rooms are listed at `/lobby/:party` while somebody is in them: all (`true`), or those whose id begins with this
   * segment (`"open"`: "open:castle"). Needs the class `Lobby` of coterie/server, exported and bound as `LOBBY`. Default: none.
   */
  lobby?: { readonly [K in keyof R]?: true | string };
  /** Where rooms are stored. Default: near their first visitor, under no particular law. */
  placement?: Placement;
  /** Where it is said what happens at the edge; rooms have an option of their own. Default: the console, and the dataset bound as ANALYTICS. */
  observe?: (env: unknown) => Sink;
}

export function createWorker<R extends Record<string, AnyRoom>>({
  rooms: given,
  parties = {},
  auth,
  origins,
  readCacheSeconds,
  lobby,
  placement,
  limits,
  observe,
}: WorkerOptions<R>): ExportedHandler<Cloudflare.Env> {
  const rooms = (given ?? {}) as Record<string, RoomClass<AnyRoom>>;
  for (const party of Object.keys(parties))
    if (Object.hasOwn(rooms, party)) throw new RangeError(`${party} is both a room and a hosted party`);
  checkPlacement(placement ?? {}, [...Object.keys(rooms), ...Object.keys(parties)]);
  const serve = routes({
    rooms,
    parties,
    guests: auth?.guests ?? false,
    origins,
    cacheSeconds: readCacheSeconds ?? 0,
    lobby: lobby as Lobbies | undefined,
    placement,
    limits,
    observe,
  });
  const cron = parties[MAIN]?.hooks.cron;
  return {
    fetch: (request, env, ctx) => serve(request, env as unknown as Record<string, unknown>, ctx),
    ...(cron && {
      scheduled: (controller, env, ctx) => cron(controller, { env: env as unknown as Record<string, unknown>, ctx }),
    }),
  };
}
