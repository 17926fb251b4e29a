import type * as Party from "partykit/server";

export default class ChatServer implements Party.Server {
  messages: string[] = [];

  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.messages = (await this.room.storage.get<string[]>("messages")) ?? [];
  }

  onConnect(connection: Party.Connection) {
    for (const message of this.messages) connection.send(message);
  }

  async onMessage(message: string) {
    this.messages.push(message);
    this.room.broadcast(message);
    await this.room.storage.put("messages", this.messages);
  }

  static onBeforeConnect(request: Party.Request) {
    const known = new URL(request.url).searchParams.get("ticket") === "a ticket";
    return known ? request : new Response("no ticket", { status: 401 });
  }
}
