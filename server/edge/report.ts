/** What the edge says of each request: a line, and a point to be counted. Nothing of its token: the path has no query, and no header is read but the platform's. */
import type { Context, MiddlewareHandler } from "hono";
import { sinkFor, type Sink } from "../observe/sink.ts";
import type { EdgeEnv } from "./ask.ts";
import { MAIN } from "../party/address.ts";
import { refusalOf } from "./respond.ts";

/** The platform's name of a request; where there is no platform a client may say anything. */
const RAY = /^[\w-]{1,64}$/;
/** What may be the name of a party or a room: of anything else only the path is told. */
const NAME = /^[\w:-]{1,131}$/;
/** As much of a path is logged, in characters. */
const MAX_PATH = 256;

export const reporting =
  (observe: ((env: unknown) => Sink) | undefined): MiddlewareHandler<EdgeEnv> =>
  async (c, next) => {
    const start = Date.now();
    const ray = c.req.header("cf-ray") ?? "";
    c.set("request", RAY.test(ray) ? ray : crypto.randomUUID());
    await next();
    report(sinkFor(observe, c.env), c, Date.now() - start);
  };

function report(sink: Sink, c: Context<EdgeEnv>, ms: number): void {
  const { status } = c.res;
  const { pathname } = new URL(c.req.url);
  const [first, party, room] = pathname
    .split("/")
    .slice(1, 4)
    .map((part) => (NAME.test(part) ? part : ""));
  const named = namedIn(first, party, room);
  const refusal = refusalOf(c.req.raw);
  sink.log({
    level: status >= 500 ? "error" : "info",
    message: "request",
    request: c.get("request"),
    ...(named.party && { party: named.party }),
    ...(named.room && { room: named.room }),
    user: c.get("user"),
    method: c.req.method,
    path: pathname.slice(0, MAX_PATH),
    status,
    code: refusal?.code,
    reason: refusal?.reason,
    ms,
    ...(c.error && { error: c.error.stack }),
  });
  sink.point({ kind: "request", ...named, code: refusal?.code ?? status, ms });
}

function namedIn(first = "", second = "", third = ""): { party: string; room: string } {
  if (first === "parties") return { party: second, room: third };
  if (first === "party") return { party: MAIN, room: second };
  return { party: first === "lobby" ? second : "", room: "" };
}
