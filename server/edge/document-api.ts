/**
 * The document over HTTP, for servers and for pages without a socket: read it, change it, and what it once was. Whose wish it
 * is, the token says; what a caller may not do, and what is not there, is answered alike.
 */
import type { Context, Hono } from "hono";
import { MAX_DOCUMENT_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { isRoomId } from "../../shared/room/room-id.ts";
import type { Scope } from "../room/connections.ts";
import type { RoomCall, RoomReply, RoomStub } from "../room/room-object.ts";
import { claimsOf, originAllowed } from "./admit.ts";
import { bodyOf, fieldsOf } from "./body.ts";
import { problem } from "./respond.ts";
import { factsFor } from "./tokens.ts";

export interface ApiOptions {
  readonly origins: readonly string[];
  /** The room's object; undefined where there is no such party. A Response where it is not bound. */
  stub(env: Record<string, unknown>, party: string, room: string, request: Request): RoomStub | Response | undefined;
}

export type EdgeEnv = { Bindings: Record<string, unknown>; Variables: { secret: Uint8Array } };

/** What each refusal of a room is over HTTP. */
const STATUS: Record<string, number> = {
  "not-found": 404,
  conflict: 412,
  "document-too-large": 413,
  "rate-limited": 429,
  overloaded: 429,
  unavailable: 503,
};

export function documentApi(app: Hono<EdgeEnv>, { origins, stub }: ApiOptions): void {
  /** Asks a room, as the token's user, if the token allows it: only then is it read what the request brings. */
  async function ask(
    c: Context<EdgeEnv>,
    scope: Scope,
    call: (user: string) => RoomCall | Response | Promise<RoomCall | Response>,
    answer: (reply: RoomReply) => Response | undefined,
  ): Promise<Response> {
    const { party = "", room = "" } = c.req.param() as { party?: string; room?: string };
    const request = c.req.raw;
    const claims = originAllowed(request, origins) ? await claimsOf(request, c.get("secret")) : undefined;
    if (!claims) return problem(401, "unauthorized");
    const found = stub(c.env, party, room, request);
    if (found instanceof Response) return found;
    if (!found || !isRoomId(room) || !factsFor(claims, party, room)?.scopes.includes(scope))
      return problem(403, "forbidden", `this takes the scope ${scope} in this room`);
    const asked = await call(claims.user.id);
    if (asked instanceof Response) return asked;
    const reply = await found.coterie(asked);
    if (reply.kind === "refused") return problem(STATUS[reply.code] ?? 422, reply.code, reply.message);
    return answer(reply) ?? problem(500, "internal");
  }

  app.get("/parties/:party/:room", async (c, next) => {
    if (c.req.header("upgrade")?.toLowerCase() === "websocket") return next();
    const part = c.req.query("part") ?? "document";
    if (part !== "document") return problem(400, "bad request", `part ${JSON.stringify(part)}, expected "document"`);
    const format = c.req.query("format") === "json" ? "json" : "update";
    const unless = /^(?:W\/)?"(\d+-\d+)"$/.exec(c.req.header("if-none-match") ?? "")?.[1];
    return ask(
      c,
      "read",
      () => ({ kind: "read-document", format, unless }),
      (reply) => {
        if (reply.kind !== "document") return undefined;
        if (!reply.copy) return new Response(null, { status: 304, headers: { etag: `W/"${unless}"` } });
        const { tag, content } = reply.copy;
        const type = format === "json" ? "application/json" : "application/octet-stream";
        return new Response(content as Uint8Array<ArrayBuffer> | string, {
          headers: { "content-type": type, etag: `W/"${tag}"` },
        });
      },
    );
  });

  app.patch("/parties/:party/:room/document", (c) =>
    ask(
      c,
      "write",
      async (user) => {
        const update = await bodyOf(c.req.raw, MAX_DOCUMENT_FRAME_BYTES);
        if (update instanceof Response) return update;
        const vector = c.req.header("if-state-vector");
        const ifStateVector = vector === undefined ? undefined : bytesOf(vector);
        if (vector !== undefined && !ifStateVector)
          return problem(400, "bad request", "if-state-vector: expected a state vector in base64");
        return { kind: "edit-document", user, update, ifStateVector };
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
      async (user) => {
        const fields = await fieldsOf(c.req.raw);
        if (fields instanceof Response) return fields;
        const name = fields?.["name"];
        if (typeof name === "string") return { kind: "keep-version", user, name };
        return problem(400, "bad request", 'expected a JSON object: { "name": string }');
      },
      (reply) => (reply.kind === "kept" ? Response.json(reply.version, { status: 201 }) : undefined),
    ),
  );

  app.post("/parties/:party/:room/restore", (c) =>
    ask(
      c,
      "write",
      async (user) => {
        const fields = await fieldsOf(c.req.raw);
        if (fields instanceof Response) return fields;
        const id = fields?.["version"];
        if (typeof id === "number") return { kind: "restore-version", user, id };
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
