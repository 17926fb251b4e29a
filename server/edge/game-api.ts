/** Actions over HTTP, for servers and for pages without a socket: each as the token's user, once, and answered when it is durable. */
import type { Hono } from "hono";
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import type { Ask, EdgeEnv } from "./ask.ts";
import { bodyOf } from "./body.ts";
import { problem } from "./respond.ts";

const MAX_KEY = 64;

export function gameApi(app: Hono<EdgeEnv>, ask: Ask): void {
  app.post("/parties/:party/:room/actions/:name", (c) =>
    ask(
      c,
      "write",
      async (facts) => {
        const key = c.req.header("idempotency-key");
        if (key !== undefined && (key.length === 0 || key.length > MAX_KEY))
          return problem(400, "bad request", `idempotency-key: ${key.length} characters, expected 1 to ${MAX_KEY}`);
        const bytes = await bodyOf(c.req.raw, MAX_FRAME_BYTES);
        if (bytes instanceof Response) return bytes;
        const input = bytes.length === 0 ? undefined : jsonIn(bytes);
        if (input instanceof Error) return problem(400, "bad request", "expected the action's input as JSON, or nothing");
        return { kind: "act-as", facts, name: c.req.param("name"), input, key };
      },
      (reply) => {
        if (reply.kind !== "answer") return undefined;
        const { seq, answer } = reply.answer;
        if (answer.kind === "rejected") return problem(409, "rejected", "the rules reject it", { code: answer.code });
        if (answer.kind === "broke")
          return problem(answer.code === "unavailable" ? 503 : 500, answer.code, undefined, { code: answer.code });
        return Response.json({ seq, ...(answer.json !== "" && { value: JSON.parse(answer.json) as unknown }) });
      },
    ),
  );
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return error;
  }
}
