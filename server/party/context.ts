/**
 * What a PartyKit class is given of the rest of the project: other parties, and bindings of the worker by the names that
 * partykit.json gave them. What is not bound says so where it is used, with what to write into wrangler.toml.
 */
import { named, lacking } from "./lacking.ts";
import { partiesOf } from "./parties.ts";
import type { PartySite } from "./party-class.ts";
import { PartyError } from "./party-error.ts";
import type { Context, Lobby } from "./server-class.ts";

type Env = Readonly<Record<string, unknown>>;

/** The bindings of what has no name in PartyKit. */
const AI = "AI";
const ASSETS = "ASSETS";
const ANALYTICS = "PARTY_ANALYTICS"; // ANALYTICS has columns of our own

export function contextOf(env: Env, site: PartySite, origin: () => string): Context {
  const each = (what: string, block: (name: string) => string): Readonly<Record<string, unknown>> =>
    named({}, (name) => env[name] ?? lacking(notBound(name, what, block(name))));
  return {
    parties: partiesOf(env, site, origin),
    ai: env[AI] ?? lacking(notBound(AI, "Workers AI", `[ai]\nbinding = "${AI}"`)),
    vectorize: each("an index of Vectorize", (name) => `[[vectorize]]\nbinding = "${name}"\nindex_name = "…"`),
    assets: { fetch: (path) => asset(env, path) },
    bindings: {
      r2: each("a bucket of R2", (name) => `[[r2_buckets]]\nbinding = "${name}"\nbucket_name = "…"`),
      kv: each("a namespace of KV", (name) => `[[kv_namespaces]]\nbinding = "${name}"\nid = "…"`),
    },
  };
}

/** The same for a static hook; `id`: of the room that is asked for. */
export const lobbyOf = (env: Env, site: PartySite, origin: string, id?: string): Lobby => ({
  ...contextOf(env, site, () => origin),
  env,
  analytics: analyticsOf(env),
  ...(id !== undefined && { id }),
});

export const analyticsOf = (env: Env): unknown =>
  env[ANALYTICS] ??
  lacking(
    notBound(
      ANALYTICS,
      "a dataset of Analytics Engine",
      `[[analytics_engine_datasets]]\nbinding = "${ANALYTICS}"\ndataset = "…"`,
    ),
  );

async function asset(env: Env, path: string): Promise<Response | null> {
  if (!path.startsWith("/")) throw new TypeError(`the path ${JSON.stringify(path)}: expected one that begins with /`);
  const bound = env[ASSETS] as Fetcher | undefined;
  if (!bound) throw notBound(ASSETS, "static assets", `[assets]\ndirectory = "public"\nbinding = "${ASSETS}"`);
  const response = await bound.fetch(`https://assets${path}`);
  return response.status === 404 ? null : response;
}

const notBound = (name: string, what: string, block: string): PartyError =>
  new PartyError("not-bound", `${name}: ${what} that is not bound. Add this to wrangler.toml:\n\n${block}\n`);
