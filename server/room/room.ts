/**
 * A room: what it is made of, wired together, and what can happen to it. It knows no platform; the Durable Object hands it
 * sockets, storage, a clock and timers. Everything is one synchronous turn:
 *
 *     receive   something comes in (receive.ts), a part applies it to memory and marks what changed
 *     beat      at the end of the turn it is decided whether to speak (beat.ts): what is transient goes out first (speech.ts),
 *               then the open group's row is written (open-group.ts), and behind it everyone is told
 *     sleep     nothing is left but the alarm (alarms.ts); what a room must not forget lies in storage (content.ts, agenda.ts),
 *               and in the sockets (attachments.ts)
 */
import { encode } from "../../shared/protocol/frame.ts";
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Seating } from "../lobby/summary.ts";
import { Counters } from "../observe/counters.ts";
import type { Sections } from "../storage/pieces.ts";
import { Agenda } from "./agenda.ts";
import { Alarms } from "./alarms.ts";
import { App } from "./app.ts";
import { Announcer } from "./announcer.ts";
import { Attachments, type WakeCause } from "./attachments.ts";
import { Beat } from "./beat.ts";
import { Bell } from "./bell.ts";
import { Calls } from "./calls.ts";
import { Compacting } from "./compacting.ts";
import { Connections, type Attachment, type Connection, type Facts, type Socket } from "./connections.ts";
import { Content, type Loaded } from "./content.ts";
import { DocumentDesk } from "./document-desk.ts";
import { Door } from "./door.ts";
import { GameDesk } from "./game-desk.ts";
import type { Group } from "./group.ts";
import type { Inspection, RoomHooks, RoomHost, RoomOptions } from "./host.ts";
import { LobbyDesk } from "./lobby-desk.ts";
import { OpenGroup } from "./open-group.ts";
import { Pace } from "./pace.ts";
import { Parts } from "./parts.ts";
import { People } from "./people.ts";
import { Receiver } from "./receive.ts";
import { Reception } from "./reception.ts";
import { Care } from "./repair.ts";
import { Rights, type Revoked } from "./rights.ts";
import { Seats } from "./seats.ts";
import { Silence } from "./silence.ts";
import { Speech } from "./speech.ts";
import { StockClients } from "./stock-clients.ts";
import { Sweep } from "./sweep.ts";
import { Throttle } from "./throttle.ts";
import { Ticker } from "./ticker.ts";

/** What the platform takes of sockets in one object. */
export const MOST_SOCKETS = 32_768;

export class Room {
  readonly #counters = new Counters();
  readonly connections: Connections = new Connections(this.#counters);
  /** What servers ask of the document. */
  readonly document: DocumentDesk;
  /** And of the game. */
  readonly game: GameDesk;
  /** Who is to stay away. */
  readonly rights: Rights;
  /** For whoever has to see why a room cannot be loaded. */
  readonly care: Care;
  readonly #definition: AnyRoom;
  readonly #host: RoomHost;
  // what is true, and for how long
  readonly #content: Content;
  readonly #parts: Parts;
  readonly #group: OpenGroup;
  readonly #agenda: Agenda;
  readonly #attachments: Attachments;
  // who is here
  readonly #door: Door;
  readonly #people: People;
  readonly #lobby: LobbyDesk;
  readonly #announcer: Announcer;
  // receive, beat, sleep
  readonly #receiver: Receiver;
  readonly #beat: Beat;
  readonly #speech: Speech;
  readonly #reception: Reception;
  readonly #alarms: Alarms;
  readonly #bell: Bell;
  readonly #compacting: Compacting;
  readonly #sweep: Sweep;
  readonly #ticker: Ticker;

  constructor(definition: AnyRoom, host: RoomHost, options: RoomOptions = {}, hooks: RoomHooks = {}) {
    this.#definition = definition;
    this.#host = host;
    const { capacity = MOST_SOCKETS, leaveGraceMs = 5000, sweepMs = 60_000, framesPerSecond = 30_000 } = options;
    const { snapshotRows = 1000, maxLiveDocumentBytes = 7_000_000, ended } = options;

    // What most of it is made of comes first; each takes of that what its own interface names.
    const { connections } = this;
    const seats = new Seats(capacity, host.now);
    const pace = new Pace(framesPerSecond);
    const silence = new Silence(connections);
    const throttle = new Throttle(framesPerSecond);
    const app = new App({ ...host, hooks });
    const agenda = (this.#agenda = new Agenda(host.store, (error) =>
      host.log("error", "what is to be done later could not be stored", error),
    ));
    const alarms = (this.#alarms = new Alarms(host));
    const beat = (this.#beat = new Beat(
      {
        after: host.after,
        now: host.now,
        volatile: () => this.#speech.volatile(),
        durable: () => this.#group.close(),
        settled: () => host.store.settled(),
        lost: (error) => this.#lost(error),
        late: (ms) => this.#counters.late(ms),
        stored: (ms) => this.#counters.stored(ms),
      },
      options,
    ));
    const base = {
      ...host,
      ...{ definition, connections, seats, pace, silence, throttle, app, agenda, alarms, beat },
      counters: this.#counters,
      flush: () => beat.flush(),
      close: (connection: Connection, code: CloseCode, reason: string) => this.#door.close(connection, code, reason),
    };

    const group = (this.#group = new OpenGroup({
      ...base,
      nextSeq: () => {
        this.#content.load(); // which row is next is known when the room is
        return this.#content.seq + 1;
      },
      write: ({ at }) => this.#content.write(at),
      written: (closed, sections) => this.#written(closed, sections),
      undone: () => {
        this.#forget();
        this.#speech.beginLife();
      },
      refuse: (connection, number, code, reason) => this.#speech.refuse(connection, number, code, reason),
    }));
    const content = (this.#content = new Content(definition, {
      ...base,
      ...{ snapshotRows, maxLiveDocumentBytes },
      parts: group,
      loaded: (loaded) => this.#loaded(loaded),
      event: (event) => app.event(event),
    }));
    const parts = (this.#parts = new Parts(definition, group, content, (connection, atOnce) =>
      this.#attachments.shows(connection, atOnce),
    ));
    const attachments = (this.#attachments = new Attachments({ ...base, parts }));
    const calls = new Calls({ ...base, group, content, turn: (happen) => this.#turn(happen, "call") });
    const held = { ...base, group, content, parts, attachments, calls };

    this.#bell = new Bell(held);
    this.#compacting = new Compacting(held);
    this.#ticker = new Ticker({ ...held, tick: () => this.#turn(() => content.load().game?.tick()) });

    this.rights = new Rights(held);
    this.game = new GameDesk(held);
    this.document = new DocumentDesk(held);
    this.care = new Care({ ...held, mended: () => this.#mended() });
    this.#lobby = new LobbyDesk({ ...held, ended });
    this.#announcer = new Announcer({ ...held, summary: () => this.#lobby.listing() });
    const people = (this.#people = new People({ ...held, leaveGraceMs }));
    const door = (this.#door = new Door({
      ...held,
      people,
      rights: this.rights,
      lobbyDesk: this.#lobby,
      documentDesk: this.document,
      changed: () => this.#announcer.mark(),
    }));

    const stock = new StockClients({ ...held, door, credited: (connection) => this.#reception.credited(connection) });
    this.#sweep = new Sweep({ ...held, sweepMs });
    const speech = (this.#speech = new Speech({ ...held, stock, spoke: (now) => this.#sweep.look(now) }));
    const reception = (this.#reception = new Reception({
      ...held,
      speech,
      opened: (connection) => this.#opened(connection),
    }));
    this.#receiver = new Receiver({ ...held, stock, door, speech, reception });
    alarms.add(people.leaving, this.#bell, this.#compacting, this.#announcer, stock, this.#sweep, this.rights);
  }

  // ---- receive

  /** A socket the edge has let in. */
  connect(socket: Socket, facts: Facts): Connection {
    this.#attachments.woken("join");
    const openedAt = this.#host.now();
    const connection = this.#add(socket, { id: undefined, facts, openedAt });
    socket.attach({ id: connection.id, facts, openedAt });
    this.#alarms.arm(); // it may be one that never says anything
    return connection;
  }

  /** A socket that was open before the object left memory. */
  adopt(socket: Socket, attachment: Attachment): Connection {
    const connection = this.#add(socket, attachment);
    if (!this.#attachments.restore(connection, attachment)) return connection;
    this.#people.stayed(connection);
    this.#speech.tellLife();
    this.#ticker.wake();
    return connection;
  }

  #add(socket: Socket, { id, facts, openedAt }: Pick<Attachment, "facts" | "openedAt"> & { id: number | undefined }): Connection {
    const connection = this.connections.add(socket, facts, openedAt ?? this.#host.now(), id);
    this.rights.watch(connection);
    if (facts.listed) this.#announcer.list();
    return connection;
  }

  /** A frame of one that is connected. */
  receive(connection: Connection, bytes: Uint8Array): void {
    if (connection.stage === "gone") return;
    this.#turn(() => this.#receiver.receive(connection, bytes), "message");
  }

  /** The socket has closed, from whichever side. */
  closed(connection: Connection): void {
    if (connection.stage === "gone") return;
    this.#turn(() => this.#door.left(connection), "close");
  }

  // ---- beat

  /** Something happens, and then the beat decides whether to speak. `cause`: what it may have woken the object for. */
  #turn<T>(happen: () => T, cause?: WakeCause): T {
    if (cause) this.#attachments.woken(cause);
    try {
      return happen();
    } finally {
      this.#beat.endOfEvent();
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
      this.#door.closeAll(4500, "the room could not say what has happened");
    }
    for (const { resolve } of group.waiting) resolve();
    this.#announcer.mark();
    this.#compacting.look();
  }

  #tell(group: Group, sections: Sections): void {
    this.#speech.durable(group);
    const loaded = this.#content.load();
    this.#bell.keep(loaded.game);
    if (loaded.kind === "open") this.#reception.serve(group.joiners, loaded.birth);
    else for (const connection of group.joiners) this.#door.close(connection, 4500, "the room cannot be read from storage");
    if (loaded.document && sections.has(loaded.document.section)) this.document.keepWhenDue(false);
  }

  /** It has been given the room, and hears everything from now on. */
  #opened(connection: Connection): void {
    this.#parts.presence.joined(connection);
    this.#attachments.save(connection);
    this.#ticker.wake();
    this.#people.opened(connection);
    if (connection.facts.stock) this.#alarms.arm(); // it may be one that has to be told that the room is still here
  }

  // ---- sleep

  /** The time set by `setAlarm` has come. */
  alarm(): void {
    this.#turn(() => {
      this.#alarms.ring();
      this.#sweep.look(this.#host.now());
      this.#alarms.arm();
    }, "alarm");
  }

  /** What lasts was read from storage: now it is also known who has left without a word. */
  #loaded({ game, document }: Loaded): void {
    // Who points somewhere in the document has claimed a client id, though maybe in no row.
    if (document)
      for (const [client, { me, facts }] of this.#parts.awareness.clients())
        if (this.#content.sessions.has(me, facts.user.id)) document.claim(client, me);
    this.#bell.keep(game);
    this.#people.missed(game?.present ?? []);
  }

  /** Memory is not to be believed any more: what is needed of it is read again. */
  #forget(): void {
    this.#group.forget();
    this.#content.forget();
    this.#agenda.forget();
    this.#reception.forget();
    this.document.forget();
  }

  /** Storage took a row and lost it. What was said of it the platform has held back; nobody can go on from here. */
  #lost(error: unknown): void {
    this.#group.fail(error);
    this.#door.closeAll(4500, "the room could not be stored");
  }

  /** Somebody has changed what is stored. */
  #mended(): void {
    this.#door.closeAll(4503, "the room was mended");
    this.#forget();
  }

  // ---- what servers ask, besides the desks

  /** Whether there is a room: made, and not deleted. */
  get exists(): boolean {
    return this.#content.load().kind !== "absent";
  }

  /** Makes the room, unless it is there; false when it was. Throws WireError on parameters that do not fit. */
  create(params: unknown): boolean {
    this.#attachments.woken("call");
    if (this.exists) return false;
    const type = this.#definition.game?.["~rules"].params;
    this.#content.create(type ? encode((to) => type.write(to, type.check(params, ["params"]))) : new Uint8Array());
    this.#bell.keep(this.#content.game);
    return true;
  }

  /** Closes everyone, and removes all but a tombstone: nobody comes back into the room without making it anew. False: there is none. */
  delete(): boolean {
    this.#attachments.woken("call");
    if (!this.exists) return false;
    const revoked = this.rights.all;
    this.#group.bury(() => {
      this.#content.bury();
      this.#forget();
      for (const [name, at] of revoked) this.#agenda.set(name, at);
    });
    this.#door.closeAll(4404, "the room was deleted");
    this.#lobby.counted(false);
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
    return this.#lobby.seat(user);
  }

  /** Tells everyone an event. Throws Refusal and WireError. */
  tell(type: string, data: unknown): void {
    this.#turn(() => this.#parts.events.tell(type, data), "call");
  }

  /** What it has done since the object woke. */
  get counters(): Readonly<Counters> {
    return this.#counters;
  }

  /** What the room is and has done, for whoever runs it. */
  inspect(): Inspection {
    return this.#turn(() => this.#inspection(), "inspect");
  }

  #inspection(): Inspection {
    this.#beat.flush(); // what is shown of what lasts must not run ahead of the journal
    const { kind } = this.#content.load();
    return {
      room: this.#definition.name,
      content: kind,
      seq: this.#content.seq,
      life: this.#speech.life,
      wakes: { ...this.#attachments.wakes },
      connections: [...this.connections].map(({ id, stage, me, facts }) => ({ id, stage, me, user: facts.user.id })),
      document: this.#content.document?.inspect(),
      counters: structuredClone(this.#counters),
    };
  }
}
