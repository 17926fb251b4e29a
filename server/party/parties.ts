/** `room.context.parties`: other rooms of the same worker, asked object to object, past the edge and its hooks. */
import { jurisdictionOf } from "../edge/place.ts";
import { reach } from "../edge/reach.ts";
import { roomId } from "./address.ts";
import { named } from "./lacking.ts";
import { PartyError } from "./party-error.ts";
import { boundAs, type PartySite } from "./party-class.ts";
import type { Context, Stub } from "./server-class.ts";

/** `origin`: of the address at which this worker is asked, which those who are asked are told. */
export function partiesOf(
  env: Readonly<Record<string, unknown>>,
  { parties, placement }: PartySite,
  origin: () => string,
): Context["parties"] {
  const known = Object.keys(parties).map((party) => [party, { get: (id: string) => stubOf(party, roomId(id)) }] as const);
  return named(Object.fromEntries(known), (party) => {
    const hosted = Object.keys(parties).join(", ");
    throw new PartyError("no-such-party", `the party ${JSON.stringify(party)}: this worker hosts ${hosted}`);
  });

  function stubOf(party: string, room: string): Stub {
    const ask: Stub["fetch"] = async (pathOrInit, maybeInit) => {
      const [path, init] = typeof pathOrInit === "string" ? [pathOrInit, maybeInit] : ["", pathOrInit];
      if (path !== "" && !path.startsWith("/"))
        throw new TypeError(`the path ${JSON.stringify(path)}: expected one that begins with /`);
      const found = reach(env, boundAs(party, parties[party]!), jurisdictionOf(placement, party, room), room);
      if (typeof found === "string") throw new PartyError("not-bound", found);
      return (found as Fetcher).fetch(`${origin()}/parties/${party}/${room}${path}`, init);
    };
    return {
      fetch: ask,
      async socket(pathOrInit, maybeInit) {
        const [path, init] = typeof pathOrInit === "string" ? [pathOrInit, maybeInit] : ["", pathOrInit];
        const headers = new Headers(init?.headers);
        headers.set("upgrade", "websocket");
        const { webSocket, status } = await ask(path, { ...init, headers });
        if (!webSocket) throw new Error(`${party}/${room} answered ${status}, and no socket`);
        webSocket.binaryType = "arraybuffer"; // as PartyKit's were
        webSocket.accept();
        return webSocket;
      },
      connect() {
        throw new PartyError("unsupported", "connect() went out over the network and in again: use `await socket()`");
      },
    };
  }
}
