// A chat that sleeps between messages: names as state, tags by team. A PartyKit server as one would find it.
import type * as Party from "partykit/server";

type State = { name: string; said: number };

export default class Chat implements Party.Server {
  readonly options: Party.ServerOptions = { hibernate: true };
  /** How often it was started: lost in sleep. */
  starts = 0;

  constructor(readonly room: Party.Room) {}

  async onStart() {
    await new Promise((resolve) => setTimeout(resolve, 2)); // as when something is fetched
    this.starts = ((await this.room.storage.get<number>("starts")) ?? 0) + 1;
    await this.room.storage.put("starts", this.starts);
    if (this.room.id === "stumbles" && this.starts === 1) throw new Error("not ready yet");
  }

  getConnectionTags(_connection: Party.Connection, { request }: Party.ConnectionContext) {
    return new URL(request.url).searchParams.getAll("team");
  }

  onConnect(connection: Party.Connection<State>, { request }: Party.ConnectionContext) {
    const name = new URL(request.url).searchParams.get("name") ?? "nobody";
    if (name === "bad") throw new Error("this name is not allowed");
    connection.setState({ name, said: 0 });
    connection.send(`welcome to ${this.room.name}/${this.room.id}, ${name}, start ${this.starts}`);
    this.room.broadcast(`${name} came`, [connection.id]);
  }

  onMessage(message: string | ArrayBuffer | ArrayBufferView, sender: Party.Connection<State>) {
    if (typeof message !== "string") return sender.send(message);
    const [command = "", ...rest] = message.split(" ");
    const words = rest.join(" ");
    switch (command) {
      case "say": {
        const state = sender.setState((old) => ({ name: old!.name, said: old!.said + 1 }));
        return this.room.broadcast(`${state!.name} (${state!.said}, start ${this.starts}): ${words}`);
      }
      case "team":
        for (const each of this.room.getConnections<State>(rest[0])) each.send(`${rest[0]}: ${rest[1]}`);
        return;
      case "whisper":
        return this.room.getConnection(rest[0]!)?.send(`${sender.state!.name} whispers: ${rest[1]}`);
      case "big":
        try {
          sender.setState({ name: "x".repeat(20_000), said: 0 });
        } catch (error) {
          sender.send(`${(error as { code: string }).code}, still ${sender.state!.name}`);
        }
        return;
      case "leave":
        sender.close(4000, "as asked");
        return this.room.broadcast(`${sender.state!.name} goes`);
      case "throw":
        throw new Error("a handler that throws");
    }
  }

  onClose(connection: Party.Connection<State>) {
    this.room.broadcast(`${connection.state!.name} left, ${[...this.room.getConnections()].length} stay`);
  }
}
