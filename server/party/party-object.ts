/**
 * The Durable Object that runs a PartyKit class as it is. It has no beat and no journal: what the class sends goes out at once,
 * and what it stores is its own affair. Nothing that a handler throws closes anybody but a socket that has not been let in yet.
 */
import { DurableObject } from "cloudflare:workers";
import type { PartyKitServer, Worker } from "partykit/server";
import { isUpgrade, problem } from "../edge/respond.ts";
import { sinkFor, type Sink } from "../observe/sink.ts";
import { BROKE, closeSocket } from "../room/close-socket.ts";
import { asConnection, attach, attached, tagsOf, type Attachment } from "./connection.ts";
import { Connections } from "./connections.ts";
import { analyticsOf, contextOf } from "./context.ts";
import { hooksOf } from "./hooks.ts";
import { classOf } from "./module-server.ts";
import type { PartyClass, PartySite } from "./party-class.ts";
import { messageOf } from "./party-error.ts";
import type { Connection, Room, Server, ServerClass } from "./server-class.ts";

export interface HostPartyOptions {
  /** The name of the binding in wrangler.toml. Default: the party's name in upper case, `-` as `_`. */
  readonly binding?: string;
  /** What each schedule of wrangler.toml is called, as `crons` in partykit.json: name → expression. Others are "unknown". */
  readonly crons?: Readonly<Record<string, string>>;
  /** Where it is said what happens in its rooms. Default: the console, and the dataset bound as ANALYTICS. */
  readonly observe?: (env: unknown) => Sink;
}

/**
 * The class of Durable Object that runs this PartyKit server, a class or an object of handlers: export it from the worker, bind it
 * in wrangler.toml, and name it in `createWorker({ parties })`. One call for each party.
 */
export function hostParty(party: Worker | PartyKitServer, options: HostPartyOptions = {}): PartyClass {
  const serverClass = typeof party === "function" ? (party as unknown as ServerClass) : classOf(party);
  let settled: PartySite | undefined;
  const site = (): PartySite => {
    if (settled) return settled;
    throw new TypeError("a class of hostParty that no worker hosts: name it in createWorker({ parties: { … } })");
  };

  return class HostedParty extends DurableObject {
    static readonly binding: string | undefined = options.binding;
    static readonly hooks: PartyClass["hooks"] = hooksOf(serverClass, site, options.crons ?? {});
    static settle(next: PartySite): void {
      if (settled && settled.party !== next.party)
        throw new TypeError(`one class for the parties ${settled.party} and ${next.party}: call hostParty for each`);
      settled = next;
    }

    readonly #sink: Sink;
    readonly #connections = new Connections();
    /** Known of each socket since it was let in. */
    readonly #attachments = new WeakMap<WebSocket, Attachment>();
    #server: Server | undefined;
    #starting: Promise<Server> | undefined;
    /** Of the last address at which it was asked. */
    #origin = "http://localhost";

    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      super(ctx, env);
      this.#sink = sinkFor(options.observe, env);
      for (const socket of ctx.getWebSockets()) if (socket.readyState === WebSocket.OPEN) this.#adopt(socket);
    }

    /** The server, its `onStart` over. One that does not start is made anew for whoever comes next. */
    async #running(): Promise<Server> {
      return this.#server ?? (this.#starting ??= this.#start().finally(() => (this.#starting = undefined)));
    }

    async #start(): Promise<Server> {
      const server = new serverClass(this.#room());
      await server.onStart?.();
      return (this.#server = server);
    }

    #room(): Room {
      const { id, storage } = this.ctx;
      const env = this.env as unknown as Record<string, unknown>;
      const context = contextOf(env, site(), () => this.#origin);
      const connections = this.#connections;
      return {
        id: id.name ?? "",
        internalID: id.toString(),
        name: site().party,
        env,
        storage,
        blockConcurrencyWhile: (run) => this.ctx.blockConcurrencyWhile(run),
        context,
        parties: context.parties,
        analytics: analyticsOf(env),
        get connections() {
          return connections.byId();
        },
        broadcast(message, without = []) {
          for (const connection of connections.all()) if (!without.includes(connection.id)) connection.send(message);
        },
        getConnection: (of) => connections.get(of),
        getConnections: (tag) => connections.all(tag),
      };
    }

    /** Runs a handler; what it throws harms nobody. */
    async #run(what: string, handler: (server: Server) => unknown): Promise<void> {
      try {
        await handler(await this.#running());
      } catch (error) {
        this.#report(what, error);
      }
    }

    #report(what: string, error: unknown): void {
      const [party, room] = [settled?.party, this.ctx.id.name];
      this.#sink.log({
        level: "error",
        message: `${what} threw`,
        party,
        room,
        error: error instanceof Error ? error.stack : String(error),
      });
    }

    override async fetch(request: Request): Promise<Response> {
      this.#origin = new URL(request.url).origin;
      if (isUpgrade(request)) return this.#connect(request);
      try {
        const server = await this.#running();
        if (!server.onRequest) return problem(404, "not found", "this party answers no requests");
        return await server.onRequest(request);
      } catch (error) {
        this.#report("onRequest", error);
        return new Response(messageOf(error), { status: statusOf(error) });
      }
    }

    /** The client is told that it is in, and can speak, when `onConnect` is over. */
    async #connect(request: Request): Promise<Response> {
      const { 0: client, 1: socket } = new WebSocketPair();
      const id = new URL(request.url).searchParams.get("_pk") || crypto.randomUUID();
      const attachment = { id, uri: request.url, since: Date.now(), state: null };
      let accepted = false;
      try {
        const server = await this.#running();
        const sleeps = server.options?.hibernate === true;
        const connection = this.#known(socket, attachment, sleeps);
        const tags = tagsOf(id, (await server.getConnectionTags?.(connection, { request })) ?? []);
        if (sleeps) {
          this.ctx.acceptWebSocket(connection, tags);
          accepted = true;
          attach(connection, { ...attachment, state: connection.state });
        } else {
          this.#hear(connection);
          connection.accept();
          accepted = true;
        }
        this.#connections.add(connection, tags);
        await server.onConnect?.(connection, { request });
      } catch (error) {
        this.#report("onConnect", error);
        this.#forget(socket);
        if (!accepted) socket.accept();
        closeSocket(socket, BROKE, messageOf(error) || "not connected");
      }
      return new Response(null, { status: 101, webSocket: client });
    }

    #known(socket: WebSocket, attachment: Attachment, sleeps: boolean): Connection {
      this.#attachments.set(socket, attachment);
      return asConnection(socket, attachment, sleeps);
    }

    /** A socket whose events come to it, and not to the object. */
    #hear(connection: Connection): void {
      connection.binaryType = "arraybuffer"; // as PartyKit's were
      connection.addEventListener("message", ({ data }) => this.webSocketMessage(connection, data as string | ArrayBuffer));
      connection.addEventListener("close", ({ code, reason }) => this.webSocketClose(connection, code, reason));
      connection.addEventListener("error", ({ error }) => this.webSocketError(connection, error));
    }

    /** A socket that was open before the object slept. */
    #adopt(socket: WebSocket): Connection | undefined {
      const attachment = attached(socket);
      if (!attachment) return undefined;
      const connection = this.#known(socket, attachment, true);
      this.#connections.add(connection, this.ctx.getTags(socket));
      return connection;
    }

    override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> | undefined {
      if (!this.#connections.has(socket)) return undefined;
      return this.#run("onMessage", (server) => server.onMessage?.(message, socket));
    }

    override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
      const connection = this.#leave(socket, code);
      closeSocket(socket, code, reason); // without an answer the client would hang in CLOSING
      if (connection) await this.#run("onClose", (server) => server.onClose?.(connection));
    }

    override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
      const connection = this.#leave(socket, 1006);
      const thrown = error instanceof Error ? error : new Error(String(error));
      if (connection) await this.#run("onError", (server) => server.onError?.(connection, thrown));
    }

    /** Undefined: it has left before, or was never in. */
    #leave(socket: WebSocket, code: number): Connection | undefined {
      // The platform does not count a socket among those there are when its own close is what woke the object.
      const connection = this.#connections.has(socket) ? socket : this.#attachments.has(socket) ? undefined : this.#adopt(socket);
      if (!connection) return undefined;
      this.#connections.delete(connection);
      const ms = Date.now() - this.#attachments.get(socket)!.since;
      const [party, room] = [settled?.party ?? "", this.ctx.id.name ?? ""];
      this.#sink.log({ level: "info", message: "closed", party, room, code, ms });
      this.#sink.point({ kind: "closed", party, room, code, ms });
      return connection;
    }

    /** One that was not let in: nothing is heard of it any more, and nobody is told that it goes. */
    #forget(socket: WebSocket): void {
      if (this.#connections.has(socket)) this.#connections.delete(socket);
      attach(socket, null);
    }

    /** The platform rings again where this throws. */
    override async alarm(): Promise<void> {
      try {
        const server = await this.#running();
        await server.onAlarm?.();
      } catch (error) {
        this.#report("onAlarm", error);
        throw error;
      }
    }
  };
}

/** A thrown `code` that is a status is the answer's, as with PartyKit. */
function statusOf(error: unknown): number {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599 ? code : 500;
}
