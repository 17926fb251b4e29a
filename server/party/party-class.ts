/** What the edge knows of a hosted PartyKit class: the object's class, and what of it runs before the object is asked. */
import { bindingOf, type Bound } from "../edge/reach.ts";
import type { Placement } from "../edge/place.ts";

/** The worker in which a class is hosted. */
export interface PartySite {
  /** Under which name: the `:party` of its addresses. */
  readonly party: string;
  /** All that are hosted there, by name. */
  readonly parties: Readonly<Record<string, PartyClass>>;
  readonly placement: Placement;
}

/** One call of the worker. */
export interface Visit {
  readonly env: Record<string, unknown>;
  readonly ctx: ExecutionContext;
  /** Says what a hook threw. */
  report(message: string, error: unknown): void;
}

/** The static side of a PartyKit class. */
export interface PartyHooks {
  /** `onBeforeConnect` or `onBeforeRequest`: the request to go on with, or the answer. */
  before(request: Request, room: string, visit: Visit): Promise<Request | Response>;
  /** `onSocket` or `onFetch`, for what is no room's address; undefined: not answered. */
  elsewhere(request: Request, visit: Visit): Promise<Response | undefined>;
  /** `onCron`, where there is one. */
  readonly cron: ((controller: ScheduledController, visit: Omit<Visit, "report">) => Promise<void>) | undefined;
}

/** A class of Durable Object made by `hostParty`: export it from the worker, and bind it in wrangler.toml. */
export interface PartyClass {
  new (ctx: DurableObjectState, env: Cloudflare.Env): Rpc.DurableObjectBranded;
  readonly name: string;
  /** Undefined: the party's name in upper case, `-` as `_`. */
  readonly binding: string | undefined;
  readonly hooks: PartyHooks;
  /** `createWorker` says where it is hosted, before anything runs. */
  settle(site: PartySite): void;
}

/** Where the rooms of a party are. */
export const boundAs = (party: string, { binding, name }: PartyClass): Bound => ({
  binding: binding ?? bindingOf(party),
  what: `the party ${JSON.stringify(party)}`,
  className: name || "YourClass",
});
