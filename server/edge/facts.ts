/** How the edge tells a room who is coming: one header, which nobody outside can set, since the edge strips it first. */
import type { Facts } from "../room/connections.ts";

/** Every header of this prefix is the edge's own. */
export const INTERNAL_PREFIX = "x-coterie-";
const FACTS_HEADER = `${INTERNAL_PREFIX}facts`;

/** The request for the room: the visitor's, without what only the edge may say, and with what it has verified. */
export function withFacts(request: Request, facts: Facts): Request {
  const headers = new Headers();
  for (const name of ["upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  headers.set("sec-websocket-protocol", withoutToken(request.headers.get("sec-websocket-protocol")));
  headers.set(FACTS_HEADER, encodeURIComponent(JSON.stringify(facts)));
  const { pathname } = new URL(request.url);
  return new Request(`https://room${pathname}`, { headers });
}

export function readFacts(request: Request): Facts {
  const header = request.headers.get(FACTS_HEADER);
  if (header === null) throw new TypeError("a request came to a room without passing the edge");
  return JSON.parse(decodeURIComponent(header)) as Facts;
}

const withoutToken = (protocols: string | null): string =>
  (protocols ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => !each.startsWith("auth."))
    .join(", ");
