/** The static side of a PartyKit class, which runs at the edge: before its object is asked, beside it, and on a schedule. */
import { isUpgrade } from "../edge/respond.ts";
import { lobbyOf } from "./context.ts";
import type { PartyHooks, PartySite } from "./party-class.ts";
import { messageOf } from "./party-error.ts";
import type { ServerClass } from "./server-class.ts";

/** `crons`: what each schedule is called, as in partykit.json: name → expression. */
export function hooksOf(server: ServerClass, site: () => PartySite, crons: Readonly<Record<string, string>>): PartyHooks {
  const { onCron } = server;
  return {
    async before(request, room, { env, ctx, report }) {
      const name = isUpgrade(request) ? "onBeforeConnect" : "onBeforeRequest";
      if (!server[name]) return request;
      const copy = new Request(request.url, request); // whose headers can be written
      try {
        return (await server[name](copy, lobbyOf(env, site(), new URL(request.url).origin, room), ctx)) ?? copy;
      } catch (error) {
        report(`${name} threw`, error); // which is how many say no
        return new Response(messageOf(error) || "Unauthorised", { status: 401 });
      }
    },
    async elsewhere(request, { env, ctx }) {
      const lobby = lobbyOf(env, site(), new URL(request.url).origin);
      if (!isUpgrade(request) || !server.onSocket) return (await server.onFetch?.(request, lobby, ctx)) ?? undefined;
      const { 0: client, 1: socket } = new WebSocketPair();
      socket.binaryType = "arraybuffer"; // as PartyKit's were
      socket.accept();
      await server.onSocket(Object.assign(socket, { request }), lobby, ctx);
      return new Response(null, { status: 101, webSocket: client });
    },
    cron:
      onCron &&
      (async (controller, { env, ctx }) => {
        const name = Object.keys(crons).find((each) => crons[each] === controller.cron) ?? "unknown";
        await onCron.call(server, Object.assign(controller, { name }), lobbyOf(env, site(), "http://localhost"), ctx);
      }),
  };
}
