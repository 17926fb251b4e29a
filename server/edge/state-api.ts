/**
 * What a room holds now, over HTTP: the document, or what everybody sees of the game. What many read may be kept at the edge
 * for a while, so that they do not wake the room; whether the reader may is looked at first, each time.
 */
import type { Context, Hono } from "hono";
import type { Ask, EdgeEnv } from "./ask.ts";
import { isUpgrade, problem } from "./respond.ts";

export interface StateOptions {
  /** For how long a copy is kept, in seconds; 0: none is. */
  readonly cacheSeconds: number;
  /** What the rooms of a party hold. */
  has(party: string): { readonly game: boolean; readonly document: boolean } | undefined;
}

const PARTS = ["document", "game"] as const;

export function stateApi(app: Hono<EdgeEnv>, ask: Ask, { cacheSeconds, has }: StateOptions): void {
  app.get("/parties/:party/:room", async (c, next) => {
    if (isUpgrade(c.req.raw)) return next();
    const holds = has(c.req.param("party"));
    const part = c.req.query("part") ?? (holds?.game && !holds.document ? "game" : "document");
    if (part !== "document" && part !== "game")
      return problem(400, "bad request", `part ${JSON.stringify(part)}, expected one of ${PARTS.join(", ")}`);
    const format = part === "game" || c.req.query("format") === "json" ? "json" : "update";
    const unless = /^(?:W\/)?"(\d+-\d+)"$/.exec(c.req.header("if-none-match") ?? "")?.[1];
    const copies = cacheSeconds > 0 ? new Copies(c, part, format, cacheSeconds) : undefined;
    const known = copies ? undefined : unless; // a copy that is to be kept is asked for as it is, whatever this reader has
    return ask(
      c,
      "read",
      async () =>
        (await copies?.kept(unless)) ??
        (part === "game" ? { kind: "read-game", unless: known } : { kind: "read-document", format, unless: known }),
      async (reply) => {
        if (reply.kind !== "copy") return undefined;
        if (!reply.copy) return notModified(unless!);
        const { tag, content } = reply.copy;
        const type = format === "json" ? "application/json" : "application/octet-stream";
        const response = new Response(content as Uint8Array<ArrayBuffer> | string, {
          headers: { "content-type": type, etag: `W/"${tag}"` },
        });
        await copies?.keep(response);
        return tag === unless ? notModified(tag) : response;
      },
    );
  });
}

const notModified = (tag: string): Response => new Response(null, { status: 304, headers: { etag: `W/"${tag}"` } });

/** What the edge keeps of one room's state, for all who may read it: the same bytes. */
class Copies {
  readonly #key: string;
  readonly #seconds: number;

  constructor(c: Context<EdgeEnv>, part: string, format: string, seconds: number) {
    const { origin, pathname } = new URL(c.req.url);
    this.#key = `${origin}${pathname}?part=${part}&format=${format}`; // and not the reader's token
    this.#seconds = seconds;
  }

  async kept(unless: string | undefined): Promise<Response | undefined> {
    const kept = await caches.default.match(this.#key);
    if (!kept) return undefined;
    const { headers, body } = kept;
    const etag = headers.get("etag");
    if (etag === `W/"${unless}"`) return notModified(unless!);
    return new Response(body, { headers: { "content-type": headers.get("content-type") ?? "", ...(etag && { etag }) } });
  }

  async keep(response: Response): Promise<void> {
    const copy = new Response(response.clone().body, response);
    copy.headers.set("cache-control", `max-age=${this.#seconds}`);
    await caches.default.put(this.#key, copy);
  }
}
