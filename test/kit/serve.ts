/** A worker in a real workerd on this machine, as `wrangler dev` would run it, for a test with real sockets and real SQLite. */
import { isAbsolute, resolve } from "node:path";
import type { AnyRoom } from "coterie";
import { signToken, type TokenScope } from "coterie/auth";
import { createClient, type Client, type ClientOptions } from "coterie/client";
import type { createTestHarness } from "wrangler";

export interface ServeOptions {
  /** Variables of the worker, above those of its configuration. Default: those of development, by which `client` and `token` are believed. */
  vars?: Record<string, string>;
}

export interface ServedClientOptions extends ClientOptions {
  /** How the user is called. Default: as their id. */
  name?: string;
  /** What the user's tokens allow, in every room. Default: read, presence, write and create. */
  scopes?: readonly TokenScope[];
}

export interface Served extends AsyncDisposable {
  /** Where it is, on the loopback interface: "http://localhost:…". */
  readonly origin: string;
  /** Wrangler's own, for what else it can do: `getLogs()`, `getWorker().getDurableObjectStorage(…)`. */
  readonly harness: ReturnType<typeof createTestHarness>;
  /** The SDK as this user. */
  client(user: string, options?: ServedClientOptions): Client<true>;
  /** A token of this user for all rooms of a party: for HTTP, and for stock clients. */
  token(user: string, party: string, scopes?: readonly TokenScope[]): Promise<string>;
  /** Puts a room's object out of memory, its sockets open: it wakes with what comes next. By the binding that its name gives; else by `harness`. */
  sleep(room: AnyRoom, id: string): Promise<void>;
  /** Ends it, and forgets what it stored. */
  close(): Promise<void>;
}

/** Known to all: it counts on this machine only. */
const DEV_SECRET = "a secret for tests only, long enough";
const MEMBER: readonly TokenScope[] = ["read", "presence", "write", "create"];

/**
 * Serves the worker of a configuration (a path from the working directory, or a file URL) until it is closed, with storage of its own. Needs
 * `wrangler` ≥ 4.155 beside coterie, and Node ≥ 22. Takes about a second; throws what wrangler says where the worker does not build.
 */
export async function serve(config: string | URL = "wrangler.toml", options: ServeOptions = {}): Promise<Served> {
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false"; // wrangler would ask Cloudflare where this machine is
  const wrangler = await import("wrangler");
  const { vars = { ENV: "dev", DEV_SECRET } } = options;
  const configPath = typeof config === "string" && !isAbsolute(config) ? resolve(config) : config;
  const harness = wrangler.createTestHarness({ workers: [{ configPath, vars }] });
  const origin = String((await harness.listen()).url).replace(/\/$/, "");
  const token: Served["token"] = (user, party, scopes = MEMBER) => tokenOf({ id: user }, party, scopes);
  return {
    origin,
    harness,
    token,
    client: (user, { name = user, scopes = MEMBER, ...rest } = {}) =>
      createClient({ host: origin, auth: ({ party }) => tokenOf({ id: user, name }, party, scopes), ...rest }),
    sleep: (room, id) => harness.getWorker().evictDurableObject(bindingOf(room), { name: id, webSockets: "hibernate" }),
    close: () => harness.close(),
    [Symbol.asyncDispose]: () => harness.close(),
  };
}

const tokenOf = (user: { id: string; name?: string }, party: string, scopes: readonly TokenScope[]): Promise<string> =>
  signToken({ key: DEV_SECRET, user, rooms: { [`${party}:*`]: scopes } });

const bindingOf = ({ name }: AnyRoom): string => name.toUpperCase().replaceAll("-", "_");
