/** What the edge says of each request: a line, and a point to be counted. Nothing of its token: the path has no query, and no header is read but the platform's. */
import type { Context, MiddlewareHandler } from "hono";
import type { Sink } from "../observe/sink.ts";
import type { EdgeEnv } from "./ask.ts";
import { refusalOf } from "./respond.ts";

export const reporting =
  (observe: (env: unknown) => Sink): MiddlewareHandler<EdgeEnv> =>
  async (c, next) => {
    const start = Date.now();
    c.set("request", c.req.header("cf-ray") ?? crypto.randomUUID());
    await next();
    report(observe(c.env), c, Date.now() - start);
  };

function report(sink: Sink, c: Context<EdgeEnv>, ms: number): void {
  const { status } = c.res;
  const { pathname } = new URL(c.req.url);
  const [, first, party = "", room = ""] = pathname.split("/");
  const named =
    first === "parties" || first === "lobby" ? { party, room: first === "parties" ? room : "" } : { party: "", room: "" };
  const refusal = refusalOf(c.req.raw);
  sink.log({
    level: status >= 500 ? "error" : "info",
    message: "request",
    request: c.get("request"),
    ...(named.party && { party: named.party }),
    ...(named.room && { room: named.room }),
    user: c.get("user"),
    method: c.req.method,
    path: pathname,
    status,
    code: refusal?.code,
    reason: refusal?.reason,
    ms,
    ...(c.error && { error: c.error.stack }),
  });
  sink.point({ kind: "request", ...named, code: refusal?.code ?? status, ms });
}
