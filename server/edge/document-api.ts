/** The document over HTTP, for servers and for pages without a socket: read it, change it, and what it once was. */
import type { Hono } from "hono";
import { MAX_DOCUMENT_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import type { Ask, EdgeEnv } from "./ask.ts";
import { bodyOf, fieldsOf } from "./body.ts";
import { problem } from "./respond.ts";

export function documentApi(app: Hono<EdgeEnv>, ask: Ask): void {
  app.patch("/parties/:party/:room/document", (c) =>
    ask(
      c,
      "write",
      async ({ user }) => {
        const update = await bodyOf(c.req.raw, MAX_DOCUMENT_FRAME_BYTES);
        if (update instanceof Response) return update;
        const vector = c.req.header("if-state-vector");
        const ifStateVector = vector === undefined ? undefined : bytesOf(vector);
        if (vector !== undefined && !ifStateVector)
          return problem(400, "bad request", "if-state-vector: expected a state vector in base64");
        return { kind: "edit-document", user: user.id, update, ifStateVector };
      },
      (reply) => {
        if (reply.kind !== "durable") return undefined;
        const { seq, tag } = reply.change;
        return Response.json({ seq }, { headers: { etag: `W/"${tag}"` } });
      },
    ),
  );

  app.get("/parties/:party/:room/versions", (c) =>
    ask(
      c,
      "read",
      () => ({ kind: "versions" }),
      (reply) => (reply.kind === "versions" ? Response.json({ versions: reply.versions }) : undefined),
    ),
  );

  app.get("/parties/:party/:room/versions/:id", (c) =>
    ask(
      c,
      "read",
      () => ({ kind: "version", id: Number(c.req.param("id")) }),
      (reply) =>
        reply.kind === "version"
          ? new Response(reply.content as Uint8Array<ArrayBuffer>, { headers: { "content-type": "application/octet-stream" } })
          : undefined,
    ),
  );

  app.delete("/parties/:party/:room/versions/:id", (c) =>
    ask(
      c,
      "write",
      () => ({ kind: "drop-version", id: Number(c.req.param("id")) }),
      (reply) => (reply.kind === "dropped" ? new Response(null, { status: 204 }) : undefined),
    ),
  );

  app.post("/parties/:party/:room/versions", (c) =>
    ask(
      c,
      "write",
      async ({ user }) => {
        const fields = await fieldsOf(c.req.raw);
        if (fields instanceof Response) return fields;
        const name = fields?.["name"];
        if (typeof name === "string") return { kind: "keep-version", user: user.id, name };
        return problem(400, "bad request", 'expected a JSON object: { "name": string }');
      },
      (reply) => (reply.kind === "kept" ? Response.json(reply.version, { status: 201 }) : undefined),
    ),
  );

  app.post("/parties/:party/:room/restore", (c) =>
    ask(
      c,
      "write",
      async ({ user }) => {
        const fields = await fieldsOf(c.req.raw);
        if (fields instanceof Response) return fields;
        const id = fields?.["version"];
        if (typeof id === "number") return { kind: "restore-version", user: user.id, id };
        return problem(400, "bad request", 'expected a JSON object: { "version": number }');
      },
      (reply) => (reply.kind === "durable" ? Response.json({ seq: reply.change.seq }) : undefined),
    ),
  );

  app.get("/parties/:party/:room/verify", (c) =>
    ask(
      c,
      "admin",
      () => ({ kind: "verify" }),
      (reply) => (reply.kind === "verified" ? Response.json(reply.verification) : undefined),
    ),
  );

  app.get("/parties/:party/:room/export", (c) =>
    ask(
      c,
      "admin",
      () => ({ kind: "export" }),
      (reply) =>
        reply.kind === "exported"
          ? new Response(reply.lines, { headers: { "content-type": "application/x-ndjson" } })
          : undefined,
    ),
  );

  app.post("/parties/:party/:room/repair", (c) =>
    ask(
      c,
      "admin",
      () => ({ kind: "repair" }),
      (reply) => (reply.kind === "repaired" ? Response.json({ rows: reply.rows }) : undefined),
    ),
  );

  app.delete("/parties/:party/:room", (c) =>
    ask(
      c,
      "admin",
      () => ({ kind: "delete" }),
      (reply) =>
        reply.kind === "deleted" ? (reply.deleted ? new Response(null, { status: 204 }) : problem(404, "not-found")) : undefined,
    ),
  );
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // atob throws on what is no base64: the caller says so
  }
}
