/**
 * A room, and what can happen to it. It knows no platform; the Durable Object hands it sockets, storage, a clock and timers.
 * What it is made of is wired together in wiring.ts. Everything is one synchronous turn:
 *
 *     receive   something comes in (receive.ts, door.ts): a part applies it to memory, and marks what changed
 *     beat      at the end of the turn it is decided whether to speak (beat.ts). What is transient goes out first (speech.ts);
 *               then the open group's row is written (open-group.ts), and behind it everyone is told
 *     sleep     nothing stands but the alarm (alarms.ts); what a room must not forget lies in storage (content.ts, agenda.ts)
 *               and in the sockets (attachments.ts)
 */
import { encode } from "../../shared/protocol/frame.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Seating } from "../lobby/summary.ts";
import type { Counters } from "../observe/counters.ts";
import type { Sections } from "../storage/pieces.ts";
import type { WakeCause } from "./attachments.ts";
import type { Attachment, Connection, Connections, Facts, Socket } from "./connections.ts";
import type { Loaded } from "./content.ts";
import type { DocumentDesk } from "./document-desk.ts";
import type { GameDesk } from "./game-desk.ts";
import type { Group } from "./group.ts";
import type { Inspection, RoomHooks, RoomHost, RoomOptions } from "./host.ts";
import type { Care } from "./repair.ts";
import type { Revoked, Rights } from "./rights.ts";
import { wire, type Wired } from "./wiring.ts";

export class Room {
  readonly #definition: AnyRoom;
  readonly #host: RoomHost;
  readonly #made: Wired;

  constructor(definition: AnyRoom, host: RoomHost, options: RoomOptions = {}, hooks: RoomHooks = {}) {
    this.#definition = definition;
    this.#host = host;
    this.#made = wire(definition, host, options, hooks, {
      turn: (happen, cause) => this.#turn(happen, cause),
      loaded: (loaded) => this.#loaded(loaded),
      written: (group, sections) => this.#written(group, sections),
      undone: () => this.#undone(),
      lost: (error) => this.#lost(error),
      mended: () => this.#mended(),
      opened: (connection) => this.#opened(connection),
    });
  }

  get connections(): Connections {
    return this.#made.connections;
  }

  /** Who is to stay away. */
  get rights(): Rights {
    return this.#made.rights;
  }

  /** What servers ask of the document. */
  get document(): DocumentDesk {
    return this.#made.documentDesk;
  }

  /** And of the game. */
  get game(): GameDesk {
    return this.#made.gameDesk;
  }

  /** For whoever has to see why a room cannot be loaded. */
  get care(): Care {
    return this.#made.care;
  }

  // ---- receive

  /** A socket the edge has let in. */
  connect(socket: Socket, facts: Facts): Connection {
    this.#made.attachments.woken("join");
    const openedAt = this.#host.now();
    const connection = this.#add(socket, { id: undefined, facts, openedAt });
    socket.attach({ id: connection.id, facts, openedAt });
    this.#made.alarms.arm(); // it may be one that never says anything
    return connection;
  }

  /** A socket that was open before the object left memory. */
  adopt(socket: Socket, attachment: Attachment): Connection {
    const connection = this.#add(socket, attachment);
    if (!this.#made.attachments.restore(connection, attachment)) return connection;
    this.#made.people.stayed(connection);
    this.#made.speech.tellLife();
    this.#made.ticker.wake();
    return connection;
  }

  #add(socket: Socket, { id, facts, openedAt }: Pick<Attachment, "facts" | "openedAt"> & { id: number | undefined }): Connection {
    const connection = this.connections.add(socket, facts, openedAt ?? this.#host.now(), id);
    this.rights.watch(connection);
    if (facts.listed) this.#made.announcer.list();
    return connection;
  }

  /** A frame of one that is connected. */
  receive(connection: Connection, bytes: Uint8Array): void {
    if (connection.stage === "gone") return;
    this.#turn(() => this.#made.receiver.receive(connection, bytes), "message");
  }

  /** The socket has closed, from whichever side. */
  closed(connection: Connection): void {
    if (connection.stage === "gone") return;
    this.#turn(() => this.#made.door.left(connection), "close");
  }

  // ---- beat

  /** Something happens, and then the beat decides whether to speak. `cause`: what it may have woken the object for. */
  #turn<T>(happen: () => T, cause?: WakeCause): T {
    if (cause) this.#made.attachments.woken(cause);
    try {
      return happen();
    } finally {
      this.#made.beat.endOfEvent();
    }
  }

  /** A group has closed, its row is written: everyone is told what is in it, and who waited for it is served. */
  #written(group: Group, sections: Sections): void {
    try {
      this.#tell(group, sections);
    } catch (error) {
      // Nobody knows who was told of it. It is stored, so who comes anew is given it.
      this.#host.log("error", "what a group holds could not be told", error);
      this.#forget();
      this.#made.door.closeAll(4500, "the room could not say what has happened");
    }
    for (const { resolve } of group.waiting) resolve();
    this.#made.announcer.mark();
    this.#made.compacting.look();
  }

  #tell(group: Group, sections: Sections): void {
    this.#made.speech.durable(group);
    const loaded = this.#made.content.load();
    this.#made.bell.keep(loaded.game);
    if (loaded.kind === "open") this.#made.reception.serve(group.joiners, loaded.birth);
    else for (const connection of group.joiners) this.#made.door.close(connection, 4500, "the room cannot be read from storage");
    if (loaded.document && sections.has(loaded.document.section)) this.#made.documentDesk.keepWhenDue(false);
  }

  /** It has been given the room, and hears everything from now on. */
  #opened(connection: Connection): void {
    this.#made.parts.presence.joined(connection);
    this.#made.attachments.save(connection);
    this.#made.ticker.wake();
    this.#made.people.opened(connection);
    if (connection.facts.stock) this.#made.alarms.arm(); // it may be one that has to be told that the room is still here
  }

  // ---- sleep

  /** The time set by `setAlarm` has come. */
  alarm(): void {
    this.#turn(() => {
      this.#made.alarms.ring();
      this.#made.sweep.look(this.#host.now());
      this.#made.alarms.arm();
    }, "alarm");
  }

  /** What lasts was read from storage: now it is also known who has left without a word. */
  #loaded({ game, document }: Loaded): void {
    // Who points somewhere in the document has claimed a client id, though maybe in no row.
    if (document)
      for (const [client, { me, facts }] of this.#made.parts.awareness.clients())
        if (this.#made.content.sessions.has(me, facts.user.id)) document.claim(client, me);
    this.#made.bell.keep(game);
    this.#made.people.missed(game?.present ?? []);
  }

  /** Memory is not to be believed any more: what is needed of it is read again. */
  #forget(): void {
    this.#made.group.forget();
    this.#made.content.forget();
    this.#made.agenda.forget();
    this.#made.reception.forget();
    this.#made.documentDesk.forget();
  }

  /** A group could not be stored, and never happened: memory goes back to storage. */
  #undone(): void {
    this.#forget();
    this.#made.speech.beginLife();
  }

  /** Storage took a row and lost it. What was said of it the platform has held back; nobody can go on from here. */
  #lost(error: unknown): void {
    this.#made.group.fail(error);
    this.#made.door.closeAll(4500, "the room could not be stored");
  }

  /** Somebody has changed what is stored. */
  #mended(): void {
    this.#made.door.closeAll(4503, "the room was mended");
    this.#forget();
  }

  // ---- what servers ask, besides the desks

  /** Whether there is a room: made, and not deleted. */
  get exists(): boolean {
    return this.#made.content.load().kind !== "absent";
  }

  /** Makes the room, unless it is there; false when it was. Throws WireError on parameters that do not fit. */
  create(params: unknown): boolean {
    this.#made.attachments.woken("call");
    if (this.exists) return false;
    const type = this.#definition.game?.["~rules"].params;
    this.#made.content.create(type ? encode((to) => type.write(to, type.check(params, ["params"]))) : new Uint8Array());
    this.#made.bell.keep(this.#made.content.game);
    return true;
  }

  /** Closes everyone, and removes all but a tombstone: nobody comes back into the room without making it anew. False: there is none. */
  delete(): boolean {
    this.#made.attachments.woken("call");
    if (!this.exists) return false;
    const revoked = this.rights.all;
    this.#made.group.bury(() => {
      this.#made.content.bury();
      this.#forget();
      for (const [name, at] of revoked) this.#made.agenda.set(name, at);
    });
    this.#made.door.closeAll(4404, "the room was deleted");
    this.#made.lobbyDesk.counted(false);
    return true;
  }

  /** Another token of a user whose sockets are open: see {@link Rights}. Returns how many those are. */
  refresh(facts: Facts, id?: number): number {
    return this.#turn(() => this.rights.refresh(facts, id), "call");
  }

  /** Closes the sockets of a user, or of a token, and keeps them away. Returns how many there were. Throws Refusal. */
  revoke(which: Revoked): number {
    return this.#turn(() => this.rights.revoke(which), "call");
  }

  /** Keeps a place for a user who was matched with this room, for a short while. */
  seat(user: string): Seating {
    return this.#made.lobbyDesk.seat(user);
  }

  /** Tells everyone an event. Throws Refusal and WireError. */
  tell(type: string, data: unknown): void {
    this.#turn(() => this.#made.parts.events.tell(type, data), "call");
  }

  /** What it has done since the object woke. */
  get counters(): Readonly<Counters> {
    return this.#made.counters;
  }

  /** What the room is and has done, for whoever runs it. */
  inspect(): Inspection {
    return this.#turn(() => this.#inspection(), "inspect");
  }

  #inspection(): Inspection {
    this.#made.beat.flush(); // what is shown of what lasts must not run ahead of the journal
    const { kind } = this.#made.content.load();
    return {
      room: this.#definition.name,
      content: kind,
      seq: this.#made.content.seq,
      life: this.#made.speech.life,
      wakes: { ...this.#made.attachments.wakes },
      connections: [...this.connections].map(({ id, stage, me, facts }) => ({ id, stage, me, user: facts.user.id })),
      document: this.#made.content.document?.inspect(),
      counters: structuredClone(this.#made.counters),
    };
  }
}
