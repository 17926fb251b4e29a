// Everything else that PartyKit declares, on a server that stays awake: requests, alarms, other parties, and the static hooks.
import type * as Party from "partykit/server";

export default class Main implements Party.Server {
  heard: string[] = [];

  constructor(readonly party: Party.Party) {}

  onConnect(connection: Party.Connection) {
    connection.setState({ since: "onConnect", run: () => "a state of any kind" });
    connection.addEventListener("message", (event) => {
      if (event.data === "listen") connection.send("heard by a listener");
    });
  }

  onMessage(message: string | ArrayBuffer, sender: Party.Connection<{ since: string }>) {
    if (typeof message !== "string") return sender.send(new Uint8Array(message).map((byte) => byte + 1));
    if (message === "throw") throw new Error("a handler that throws");
    if (message === "who") return sender.send([...this.party.connections.keys()].sort().join());
    if (message === "me")
      return sender.send(`${sender.id} ${new URL(sender.uri).pathname} ${sender.state!.since} ${sender.socket === sender}`);
  }

  onClose(connection: Party.Connection) {
    this.heard.push(`closed ${connection.id}`);
  }

  async onRequest(request: Party.Request): Promise<Response> {
    const path = new URL(request.url).pathname.split("/").at(-1);
    const { storage, context } = this.party;
    switch (`${request.method} ${path}`) {
      case "POST count": {
        const count = ((await storage.get<number>("count")) ?? 0) + Number(await request.text());
        await storage.put("count", count);
        return new Response(String(count));
      }
      case "GET heard":
        return Response.json(this.heard);
      case "GET by":
        return new Response(request.headers.get("x-user"));
      case "POST alarm":
        await storage.setAlarm(Date.now() + 60_000);
        return new Response("set");
      case "GET rang":
        return new Response((await storage.get<string>("rang")) ?? "not yet");
      case "GET sibling": {
        const answer = await context.parties["chat"]!.get("a sibling").fetch("/some/where");
        return new Response(`${answer.status}`);
      }
      case "GET other-room":
        return context.parties["main"]!.get("other").fetch("/count", { method: "POST", body: "5" });
      case "GET socket": {
        const socket = await context.parties["chat"]!.get("spoken-to").socket("/?name=server");
        const said = new Promise<string>((resolve) => socket.addEventListener("message", ({ data }) => resolve(data as string)));
        const answer = new Response(await said);
        socket.close();
        return answer;
      }
      case "GET vars":
        return Response.json([this.party.env["ENV"], this.party.internalID.length, this.party.name, this.party.id]);
      case "GET lacking": {
        const uses: Record<string, () => unknown> = {
          party: () => context.parties["nowhere"]!.get("a"),
          ai: () => (context.ai as Record<string, () => void>)["run"]!(),
          kv: () => context.bindings.kv["cache"]!.get("a"),
          vectorize: () => context.vectorize["docs"]!.query([1], {}),
          analytics: () => this.party.analytics.writeDataPoint({}),
          assets: () => context.assets.fetch("/index.html"),
          room: () => context.parties["main"]!.get(""),
          connect: () => context.parties["main"]!.get("a").connect(),
        };
        const codes: Record<string, string> = {};
        for (const [name, use] of Object.entries(uses))
          try {
            await use();
          } catch (error) {
            codes[name] = `${(error as Error).name} ${(error as { code?: string }).code}`;
          }
        return Response.json(codes);
      }
      case "GET teapot":
        throw Object.assign(new Error("short and stout"), { code: 418 });
      default:
        throw new Error("no such page");
    }
  }

  async onAlarm() {
    if (this.party.id === "jams") throw new Error("an alarm that throws");
    await this.party.storage.put("rang", `in ${this.party.id}`);
  }

  static async onBeforeConnect(request: Party.Request, lobby: Party.Lobby) {
    if (lobby.id === "closed") return new Response("not here", { status: 403 });
    if (new URL(request.url).searchParams.get("key") === "wrong") throw new Error("who are you?");
    return request;
  }

  static onBeforeRequest(request: Party.Request) {
    request.headers.set("x-user", "ann");
    return request;
  }

  static async onFetch(request: Party.Request, lobby: Party.FetchLobby) {
    const { pathname } = new URL(request.url);
    if (pathname === "/hello") return new Response(`${request.method} ${Object.keys(lobby.parties).sort().join()}`);
    if (pathname === "/asks") return lobby.parties["main"]!.get("asked").fetch("/count", { method: "POST", body: "2" });
    return undefined;
  }

  static onSocket(socket: Party.FetchSocket) {
    socket.send(`at ${new URL(socket.request.url).pathname}`);
  }

  static async onCron(cron: Party.Cron, lobby: Party.CronLobby) {
    return lobby.parties["main"]!.get(`cron-${cron.name}`).fetch("/count", { method: "POST", body: "1" });
  }
}

Main satisfies Party.Worker;
