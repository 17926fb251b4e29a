// A poll: anyone may make one over HTTP, everyone who looks at it sees the votes come in.
import type * as Party from "partykit/server";

type Poll = { title: string; options: string[]; votes: number[] };

export default class PollServer implements Party.Server {
  options: Party.ServerOptions = { hibernate: true };
  poll: Poll | undefined;

  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.poll = await this.room.storage.get<Poll>("poll");
  }

  async onRequest(req: Party.Request) {
    if (req.method === "POST") {
      const { title, options } = (await req.json()) as Pick<Poll, "title" | "options">;
      this.poll = { title, options, votes: options.map(() => 0) };
      await this.save();
    }
    return this.poll ? Response.json(this.poll) : new Response("Not found", { status: 404 });
  }

  async onMessage(message: string) {
    const event = JSON.parse(message) as { type: string; option: number };
    if (!this.poll || event.type !== "vote" || this.poll.votes[event.option] === undefined) return;
    this.poll.votes[event.option]! += 1;
    this.room.broadcast(JSON.stringify(this.poll));
    await this.save();
  }

  async save() {
    await this.room.storage.put("poll", this.poll);
  }
}
