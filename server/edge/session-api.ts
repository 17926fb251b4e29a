/** A session's rights over HTTP: a new token for sockets that are open, and the end of them for users and tokens that are to stay away. */
import type { Hono } from "hono";
import type { Ask, EdgeEnv } from "./ask.ts";
import { fieldsOf } from "./body.ts";
import { problem } from "./respond.ts";

const MAX_ID = 128;

export function sessionApi(app: Hono<EdgeEnv>, ask: Ask): void {
  // The new token is the request's own.
  app.post("/parties/:party/:room/refresh", (c) =>
    ask(
      c,
      "read",
      async (facts) => {
        const fields = await fieldsOf(c.req.raw);
        if (fields instanceof Response) return fields;
        const connection = fields?.["connection"];
        if (connection === undefined || Number.isSafeInteger(connection))
          return { kind: "refresh", facts, connection: connection as number | undefined };
        return problem(400, "bad request", 'expected a JSON object: { "connection"?: number }');
      },
      (reply) => {
        if (reply.kind !== "refreshed") return undefined;
        const { connections, expiresAt } = reply;
        return connections > 0
          ? Response.json({ connections, expiresAt })
          : problem(404, "not-found", "no such connection of this user");
      },
    ),
  );

  app.post("/parties/:party/:room/revoke", (c) =>
    ask(
      c,
      "admin",
      async () => {
        const fields = await fieldsOf(c.req.raw);
        if (fields instanceof Response) return fields;
        const { user, token } = fields ?? {};
        if (isId(user) && token === undefined) return { kind: "revoke", which: { user } };
        if (isId(token) && user === undefined) return { kind: "revoke", which: { token } };
        return problem(400, "bad request", 'expected a JSON object: { "user": string } or { "token": string }, the id of one');
      },
      (reply) => (reply.kind === "revoked" ? Response.json({ connections: reply.connections }) : undefined),
    ),
  );
}

const isId = (value: unknown): value is string => typeof value === "string" && value.length > 0 && value.length <= MAX_ID;
