/**
 * Who is here, as those know it who are told: the app's own code, when a user's first socket is in and the last has gone; and
 * the game, when the last has been gone for a while, since a page that is loaded again is no leaving.
 */
import type { Agenda } from "./agenda.ts";
import type { Alarms } from "./alarms.ts";
import type { App } from "./app.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Content } from "./content.ts";
import type { RoomHost } from "./host.ts";
import { Leaving } from "./leaving.ts";

export interface PeopleHost extends Pick<RoomHost, "now"> {
  readonly connections: Connections;
  readonly content: Content;
  readonly agenda: Agenda;
  readonly alarms: Alarms;
  readonly app: App;
  /** How long a user's last socket may be gone before the game is told, in ms. */
  readonly leaveGraceMs: number;
}

export class People {
  /** Rings when someone has been gone for long enough. */
  readonly leaving: Leaving;
  readonly #host: PeopleHost;
  /** Users of whom the app's own code knows that they are here. */
  readonly #here = new Set<string>();

  constructor(host: PeopleHost) {
    this.#host = host;
    this.leaving = new Leaving(host.agenda, (me) => {
      if (!this.#isHere(me)) host.content.load().game?.userLeft(me);
    });
  }

  /** The object is back, and this one was here before. */
  stayed({ facts }: Connection): void {
    this.#here.add(facts.user.id);
  }

  /** It says that it comes in. */
  came(connection: Connection): void {
    const { content, alarms } = this.#host;
    this.leaving.back(connection.me);
    content.load().game?.joined(connection);
    alarms.arm();
  }

  /** It is in. */
  opened(connection: Connection): void {
    const { id } = connection.facts.user;
    if (!this.#here.has(id)) this.#host.app.told("join", connection);
    this.#here.add(id);
  }

  /** Its socket has gone, and it had come in. */
  left(connection: Connection): void {
    const { connections, content, app } = this.#host;
    if (connection.me > 0 && content.load().game?.present.has(connection.me)) this.#away(connection.me);
    const { user } = connection.facts;
    if (this.#here.has(user.id) && !connections.has(({ facts }) => facts.user.id === user.id)) {
      this.#here.delete(user.id);
      app.told("leave", connection);
    }
    if (!connections.has(() => true)) app.told("empty", connection);
  }

  /** The room was read: now it is known who was in it, and may have gone without a word. */
  missed(present: Iterable<number>): void {
    for (const me of present) if (!this.leaving.has(me)) this.#away(me);
  }

  #away(me: number): void {
    if (this.#isHere(me)) return;
    this.leaving.at(me, this.#host.now() + this.#host.leaveGraceMs);
    this.#host.alarms.arm();
  }

  #isHere(me: number): boolean {
    return this.#host.connections.has((connection) => connection.me === me);
  }
}
