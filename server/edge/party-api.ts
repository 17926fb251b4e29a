/**
 * Hosted PartyKit classes at the edge. Who may enter is theirs to say, in their static hooks, so no token is looked at here; the
 * list of origins counts where there is one. Their answers are theirs too: no header is added.
 */
import type { Context, Hono } from "hono";
import { addressed, MAIN, MAX_ROOM_ID, type PartyAddress } from "../party/address.ts";
import { boundAs, type PartyClass, type Visit } from "../party/party-class.ts";
import { sinkFor, type Sink } from "../observe/sink.ts";
import { originAllowed } from "./admit.ts";
import type { EdgeEnv } from "./ask.ts";
import { hintOf, jurisdictionOf, type Placement } from "./place.ts";
import { reach } from "./reach.ts";
import { closeAtEdge, isUpgrade, missing, problem } from "./respond.ts";
import { addressOf, type Throttle } from "./throttle.ts";

export interface PartyApiOptions {
  readonly parties: Readonly<Record<string, PartyClass>>;
  /** Undefined: any page may come. */
  readonly origins: readonly string[] | undefined;
  readonly placement: Placement;
  readonly throttle: Throttle;
  readonly observe: ((env: unknown) => Sink) | undefined;
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** Addresses that are Coterie's own, whatever `onFetch` would say. */
const OWN = /^\/(parties\/|lobby\/|auth\/guest$)/;

export function partyApi(app: Hono<EdgeEnv>, { parties, origins, placement, throttle, observe }: PartyApiOptions): void {
  for (const [party, kind] of Object.entries(parties)) {
    if (!NAME.test(party)) throw new RangeError(`the party ${JSON.stringify(party)}: expected 1 to 64 of A-Z, a-z, 0-9, _ and -`);
    kind.settle({ party, parties, placement });
  }
  const main = Object.hasOwn(parties, MAIN) ? parties[MAIN] : undefined;

  app.use(async (c, next) => {
    const { pathname } = new URL(c.req.url);
    const address = addressed(pathname);
    const kind = address && Object.hasOwn(parties, address.party) ? parties[address.party] : undefined;
    if (address && kind) return enter(c, address, kind);
    return (main && !OWN.test(pathname) ? await main.hooks.elsewhere(c.req.raw, visitOf(c)) : undefined) ?? next();
  });

  async function enter(c: Context<EdgeEnv>, { party, room }: PartyAddress, kind: PartyClass): Promise<Response> {
    const request = c.req.raw;
    if (origins && !originAllowed(request, origins)) return refuse(request, 4403, 403, "this origin may not connect");
    if (room.length > MAX_ROOM_ID) return refuse(request, 4400, 400, `a room's id has at most ${MAX_ROOM_ID} characters`);
    const over =
      (await throttle.over(request, c.env, "address", addressOf(request))) ??
      (await throttle.over(request, c.env, "room", `${party}/${room}`));
    if (over) return over;
    const found = reach(c.env, boundAs(party, kind), jurisdictionOf(placement, party, room), room, hintOf(request));
    if (typeof found === "string") return missing(found);
    const passed = await kind.hooks.before(request, room, visitOf(c, { party, room }));
    return passed instanceof Response ? passed : (found as Fetcher).fetch(passed);
  }

  function visitOf(c: Context<EdgeEnv>, address?: PartyAddress): Visit {
    return {
      env: c.env,
      ctx: c.executionCtx as ExecutionContext,
      report: (message, error) =>
        sinkFor(observe, c.env).log({
          level: "error",
          message,
          request: c.get("request"),
          ...address,
          error: error instanceof Error ? error.stack : String(error),
        }),
    };
  }
}

const refuse = (request: Request, code: 4400 | 4403, status: number, detail: string): Response =>
  isUpgrade(request) ? closeAtEdge(request, code, detail) : problem(status, code === 4403 ? "forbidden" : "bad request", detail);
