/** The types of hosted PartyKit classes: what is declared in partykit/server and what a host calls are the same names. */
import type * as Party from "partykit/server";
import { hostParty, type PartyClass } from "coterie/party";
import { createWorker } from "coterie/server";
import type { Context, Lobby, Room, Server, ServerClass, Stub } from "../../server/party/server-class.ts";

type Same<A, B> = [A, B] extends [B, A] ? true : false;
const room: Same<keyof Room, keyof Party.Room> = true;
const context: Same<keyof Context, keyof Party.Context> = true;
const lobby: Same<keyof Lobby, keyof Party.Lobby> = true;
const stub: Same<keyof Stub, keyof Party.Stub> = true;
const server: Same<keyof Server, keyof Party.Server> = true;
const hooks: Same<keyof ServerClass, keyof Party.Worker> = true;

class Echo implements Party.Server {
  readonly options: Party.ServerOptions = { hibernate: true };
  onMessage(message: string, sender: Party.Connection<{ count: number }>): void { sender.send(`${message} ${sender.state?.count ?? 0}`); }
  static onBeforeConnect(request: Party.Request, from: Party.Lobby): Party.Request | Response { return from.id === "" ? new Response(null) : request; }
}
export class Hosted extends hostParty(Echo, { binding: "ECHO", crons: { daily: "0 0 * * *" } }) {}
const kind: PartyClass = Hosted;
export class Handlers extends hostParty({ onConnect(connection, at) { at.broadcast(connection.id); } }) {}
export default createWorker({ parties: { echo: Hosted, handlers: Handlers } });
declare const ns: DurableObjectNamespace<Hosted>; ns.getByName("a");
// @ts-expect-error no PartyKit server
hostParty(class { onMessage = 1; });
// @ts-expect-error neither a class nor handlers
hostParty("echo");
// @ts-expect-error not made by hostParty
createWorker({ parties: { echo: Echo } });
