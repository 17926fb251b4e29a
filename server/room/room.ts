/**
 * A room: parts, people, a journal and a beat, wired together. It knows no platform; the Durable Object hands it sockets,
 * storage, a clock and timers. Everything that happens is one synchronous turn: something comes in, a part applies it to
 * memory and marks what changed, and at the end of the turn the beat decides whether to write and speak.
 */
import * as decoding from "lib0/decoding";
import type { GameEvent } from "../../shared/game/run.ts";
import { writeAnswers, writeFault, type NumberedAnswer } from "../../shared/protocol/action.ts";
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import type { ErrorCode } from "../../shared/protocol/error-code.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { encode, Frame, readFrame } from "../../shared/protocol/frame.ts";
import { writeLife, writeWelcome, type Hello } from "../../shared/protocol/hello.ts";
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { readUp, type Up } from "../../shared/protocol/up.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { WireError } from "../../shared/schema/wire.ts";
import { EventsPart } from "../parts/events.ts";
import { GamePart } from "../parts/game/game-part.ts";
import { Refusal, type PartHost, type PartMessage, type RoomPart } from "../parts/part.ts";
import { PresencePart } from "../parts/presence.ts";
import type { Birth, Store } from "../storage/store.ts";
import { Beat, type BeatOptions } from "./beat.ts";
import { Closing, Connections, type Attachment, type Connection, type Facts, type Socket } from "./connections.ts";
import { Group, type Asker } from "./group.ts";
import { FORMAT, Journal, type Sections } from "./journal.ts";
import { Sessions } from "./sessions.ts";

/** What a room needs of the machine it runs on. */
export interface RoomHost {
  readonly store: Store;
  /** ms since 1970; stands still within an event. */
  now(): number;
  after(ms: number, run: () => void): void;
  /** 32 random bits. */
  random(): number;
  /** Wakes the room at this time (ms since 1970), even when it has left memory meanwhile. */
  setAlarm(at: number): void;
  log(level: "info" | "error", message: string, error?: unknown): void;
}

export interface RoomOptions extends BeatOptions {
  /** How long a user's last session may be gone before the game's `leave` runs, in ms. Default 5,000. */
  readonly leaveGraceMs?: number;
}

/** The user's own code, called once what it is told of is durable. */
export interface RoomHooks {
  event?(event: GameEvent): void;
  empty?(): void;
}

/** Presence is saved into the sockets once it has been quiet for this long, in ms: before the platform would hibernate (10 s). */
const SAVE_PRESENCE_AFTER_MS = 5000;

/** The sessions' section in rows and snapshots. */
const SESSIONS_SECTION = 1;

/** `unread`: storage has not been looked at since the object woke. `broken`: it cannot be read; nothing is ever written. */
type Content =
  | { readonly kind: "unread" }
  | { readonly kind: "absent" }
  | { readonly kind: "open"; readonly birth: Birth; readonly game: GamePart | undefined }
  | { readonly kind: "broken" };

export class Room {
  readonly connections: Connections = new Connections();
  readonly #definition: AnyRoom;
  readonly #host: RoomHost;
  readonly #hooks: RoomHooks;
  readonly #leaveGraceMs: number;
  readonly #journal: Journal;
  readonly #sessions: Sessions = new Sessions();
  readonly #beat: Beat;
  readonly #presence: PresencePart;
  readonly #events: EventsPart;
  #content: Content = { kind: "unread" };
  #group: Group | undefined;
  #life: number;
  /** The sockets have to be told of a new life. */
  #newLife = false;
  #presenceUnsaved = new Set<Connection>();
  /** `c.me` → when `leave` is due. */
  readonly #leaving = new Map<number, number>();
  readonly #partHost: PartHost = {
    group: () => (this.#group ??= new Group(this.#journal.seq + 1, this.#host.now())),
    markGroup: () => this.#beat.markGroup(),
    mark: () => this.#beat.mark(),
    now: () => this.#host.now(),
    joined: () => this.connections.open(),
  };

  constructor(definition: AnyRoom, host: RoomHost, options: RoomOptions = {}, hooks: RoomHooks = {}) {
    if (definition.document) throw new TypeError(`room ${definition.name}: rooms with a document are not built yet`);
    this.#definition = definition;
    this.#host = host;
    this.#hooks = hooks;
    this.#leaveGraceMs = options.leaveGraceMs ?? 5000;
    this.#journal = new Journal(host.store);
    this.#life = host.random();
    this.#presence = new PresencePart(definition.presence, this.#partHost);
    this.#events = new EventsPart(definition.events, this.#partHost);
    this.#beat = new Beat(
      {
        after: (ms, run) => host.after(ms, run),
        now: () => host.now(),
        volatile: () => this.#showVolatile(),
        durable: () => this.#closeGroup(),
        settled: () => host.store.settled(),
        lost: (error) => this.#failed(undefined, error),
      },
      options,
    );
  }

  // ---- what happens to a room

  /** A socket the edge has let in. */
  connect(socket: Socket, facts: Facts): Connection {
    const connection = this.connections.add(socket, facts);
    socket.attach({ id: connection.id, facts });
    return connection;
  }

  /** A socket that was open before the object left memory. */
  adopt(socket: Socket, { id, facts, joined }: Attachment): Connection {
    const connection = this.connections.add(socket, facts, id);
    if (joined) {
      connection.stage = "open";
      connection.session = joined.session;
      connection.me = joined.me;
      connection.presence = this.#definition.presence.from(joined.presence);
      this.#newLife = true;
      this.#beat.mark();
    }
    return connection;
  }

  receive(connection: Connection, bytes: Uint8Array): void {
    if (connection.stage === "gone") return;
    this.#turn(() => {
      try {
        if (bytes.length > MAX_FRAME_BYTES)
          throw new Closing(4413, `a frame of ${bytes.length} bytes, expected at most ${MAX_FRAME_BYTES}`);
        if (this.#host.now() > connection.facts.expiresAt) throw new Closing(4401, "the token has expired");
        for (const message of readFrame(bytes)) this.#dispatch(connection, readUp(message));
      } catch (error) {
        if (error instanceof Closing) this.#close(connection, error.code, error.message);
        else {
          this.#host.log("info", "closed a connection for a malformed frame", error);
          this.#close(connection, 4400, error instanceof Error ? error.message : "malformed");
        }
      }
    });
  }

  /** The socket has closed, from whichever side. */
  closed(connection: Connection): void {
    if (connection.stage !== "gone") this.#turn(() => this.#remove(connection));
  }

  /** The time set by `setAlarm` has come. */
  alarm(): void {
    this.#turn(() => {
      const { game } = this.#load();
      const now = this.#host.now();
      for (const [me, due] of this.#leaving)
        if (due <= now) {
          this.#leaving.delete(me);
          game?.userLeft(me);
        }
      this.#setAlarm();
    });
  }

  /** An action by the user's own server code, as user 0; resolves with its answer once the row is written. */
  act(name: string, input: unknown): Promise<NumberedAnswer> {
    return new Promise((resolve, reject) => {
      this.#turn(() => {
        try {
          const { game } = this.#load();
          if (!game) throw new Refusal("not-found", "the room does not exist, or has no game");
          game.actAsRoom(name, input, resolve);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  /** An event from the user's own server code. */
  tell(type: string, data: unknown): void {
    this.#turn(() => {
      const index = Object.keys(this.#definition.events).indexOf(type);
      if (index === -1)
        throw new Refusal("unknown-action", `event ${type}, expected one of ${Object.keys(this.#definition.events).join(", ")}`);
      this.#events.tell(0, index, this.#definition.events[type]!.check(data, [type]));
    });
  }

  /** Makes the room, unless it is there; false when it was. Throws WireError on parameters that do not fit. */
  create(params: unknown): boolean {
    if (this.#load().kind !== "absent") return false;
    const type = this.#definition.game?.["~rules"].params;
    this.#create(type ? encode((to) => type.write(to, type.check(params, ["params"]))) : new Uint8Array());
    return true;
  }

  #turn(happen: () => void): void {
    try {
      happen();
    } finally {
      this.#beat.endOfEvent();
    }
  }

  // ---- messages

  #dispatch(connection: Connection, message: Up): void {
    if (message.kind === "hello") return this.#hello(connection, message);
    if (connection.stage === "greeting") throw new Closing(4400, `${message.kind} before hello`);
    try {
      if (!this.#partsFor(message).some((part) => part.receive?.(connection, message)))
        throw new Refusal("unknown-action", `this room takes no ${message.kind}`);
      if (message.kind === "presence") this.#savePresenceSoon(connection);
    } catch (error) {
      const number = message.kind === "act" ? message.number : 0;
      if (error instanceof Refusal) this.#refuse(connection, number, error.code, error.message);
      else if (error instanceof WireError) this.#refuse(connection, number, "bad-input", error.message);
      else throw error;
    }
  }

  #partsFor(message: PartMessage): RoomPart[] {
    if (message.kind !== "act" && message.kind !== "move") return [this.#presence, this.#events];
    const content = this.#load();
    if (content.kind === "broken") throw new Closing(4500, "the room cannot be read from storage");
    return content.game ? [content.game] : [];
  }

  #refuse(connection: Connection, number: number, code: ErrorCode, message: string): void {
    const frame = new Frame();
    frame.add(DOWN.fault, writeFault({ number, code, message }));
    connection.socket.send(frame.bytes());
  }

  #hello(connection: Connection, hello: Hello): void {
    const { game, presence } = this.#definition;
    const { scopes, user } = connection.facts;
    if (connection.stage !== "greeting") throw new Closing(4400, "hello came twice");
    if (hello.protocol !== PROTOCOL_VERSION) throw new Closing(4426, `protocol ${hello.protocol}, expected ${PROTOCOL_VERSION}`);
    if (hello.gameVersion !== (game?.version ?? 0))
      throw new Closing(4426, `rules of version ${hello.gameVersion}, expected ${game?.version ?? 0}`);
    if (this.#content.kind === "broken") this.#content = { kind: "unread" }; // storage may have healed
    if (this.#load().kind === "broken") throw new Closing(4500, "the room cannot be read from storage");
    if (this.#content.kind === "absent") {
      const create = hello.create ?? (game?.["~rules"].params ? null : new Uint8Array());
      if (!create) throw new Closing(4404, "not-found");
      if (!scopes.includes("create")) throw new Closing(4403, "the token does not allow creating rooms");
      this.#create(create);
    }
    connection.me = scopes.includes("write") ? this.#sessions.me(user.id) : 0;
    const owner = this.#sessions.owner(hello.session);
    if (owner !== undefined && owner !== connection.me) throw new Closing(4403, "the session is another user's");
    for (const other of [...this.connections.joined()])
      if (other.session === hello.session && other.facts.user.id === user.id)
        this.#close(other, 4409, "a newer socket took over");
    connection.session = hello.session;
    connection.presence = presence.from(hello.presence);
    connection.resumeFrom = this.#content.kind === "open" && hello.epoch === this.#content.birth.createdAt ? hello.seq : 0;
    connection.stage = "joining";
    this.#leaving.delete(connection.me);
    this.#partHost.group().joiners.push(connection);
    this.#beat.markGroup();
    this.#load().game?.joined(connection);
  }

  #close(connection: Connection, code: CloseCode, reason: string): void {
    if (connection.stage === "gone") return;
    connection.socket.close(code, reason);
    this.#remove(connection);
  }

  #remove(connection: Connection): void {
    const { stage, me } = connection;
    this.connections.remove(connection);
    this.#presenceUnsaved.delete(connection);
    if (stage === "open") this.#presence.left(connection);
    if (stage !== "greeting" && me > 0) {
      const { game } = this.#load();
      game?.left(connection);
      if (game?.present.has(me) && !this.connections.has((other) => other.me === me)) this.#leaveLater(me);
    }
    if (this.connections.size === 0) this.#hooks.empty?.();
  }

  #leaveLater(me: number): void {
    this.#leaving.set(me, this.#host.now() + this.#leaveGraceMs);
    this.#setAlarm();
  }

  #setAlarm(): void {
    if (this.#leaving.size > 0) this.#host.setAlarm(Math.min(...this.#leaving.values()));
  }

  // ---- the beat

  #showVolatile(): void {
    const frame = new Frame();
    if (this.#newLife) frame.add(DOWN.life, writeLife(this.#life));
    this.#newLife = false;
    for (const part of this.#parts()) part.volatile?.(frame);
    if (!frame.empty) this.connections.broadcast(frame.bytes());
  }

  /** Writes the open group, then tells of it. True when a row was written. */
  #closeGroup(): boolean {
    const group = this.#group;
    if (!group) return false;
    const sections = this.#collect();
    if (sections.size > 0) {
      try {
        this.#journal.append(group.at, sections, () => this.#snapshot());
      } catch (error) {
        this.#failed(group, error);
        return false;
      }
    }
    this.#group = undefined;
    const game = this.#content.kind === "open" ? this.#content.game : undefined;
    for (const [asker, answers] of group.answers) answer(asker, game?.publicSeq ?? 0, answers);
    const frame = new Frame();
    for (const part of this.#parts()) part.durable?.(frame);
    if (!frame.empty) this.connections.broadcast(frame.bytes());
    this.#welcome(group.joiners);
    this.#journal.compactWhenDue(() => this.#snapshot());
    return sections.size > 0;
  }

  #collect(): Sections {
    const sections = new Map<number, Uint8Array>();
    const sessions = this.#sessions.collect();
    if (sessions) sections.set(SESSIONS_SECTION, sessions);
    for (const part of this.#parts()) {
      const bytes = part.collect?.();
      if (bytes && part.section !== undefined) sections.set(part.section, bytes);
    }
    return sections;
  }

  /** Gives the state to those who came. The whole state is encoded once for all of them. */
  #welcome(joiners: readonly Connection[]): void {
    if (this.#content.kind !== "open") return;
    const { birth } = this.#content;
    let whole: Uint8Array | undefined;
    for (const connection of joiners) {
      if (connection.stage !== "joining") continue;
      const { id, me, facts } = connection;
      const changes = connection.resumeFrom > 0 ? this.#journal.since(connection.resumeFrom, 2) : undefined;
      const frame = new Frame();
      frame.add(
        DOWN.welcome,
        writeWelcome({
          connection: id,
          me,
          user: facts.user,
          now: this.#host.now(),
          life: this.#life,
          epoch: birth.createdAt,
          resumed: changes !== undefined,
          params: birth.params,
        }),
      );
      connection.socket.send(frame.bytes());
      if (changes) connection.socket.send(this.#state(changes));
      else connection.socket.send((whole ??= this.#state(undefined)));
    }
    for (const connection of joiners) {
      if (connection.stage !== "joining") continue;
      connection.stage = "open";
      this.#presence.joined(connection);
      this.#attach(connection);
    }
  }

  #state(changes: { seq: number; bytes: Uint8Array }[] | undefined): Uint8Array {
    const frame = new Frame();
    for (const part of this.#parts()) part.welcome?.(frame, changes);
    return frame.bytes();
  }

  // ---- what lies in the sockets

  #attach(connection: Connection): void {
    const { id, facts, session, me, presence } = connection;
    connection.socket.attach({ id, facts, joined: { session, me, presence: this.#definition.presence.bytes(presence) } });
  }

  #savePresenceSoon(connection: Connection): void {
    if (this.#presenceUnsaved.size === 0)
      this.#host.after(SAVE_PRESENCE_AFTER_MS, () => {
        for (const each of this.#presenceUnsaved) this.#attach(each);
        this.#presenceUnsaved.clear();
      });
    this.#presenceUnsaved.add(connection);
  }

  // ---- storage

  #parts(): RoomPart[] {
    const game = this.#content.kind === "open" ? this.#content.game : undefined;
    return game ? [this.#presence, this.#events, game] : [this.#presence, this.#events];
  }

  #load(): Content & { readonly game?: GamePart | undefined } {
    if (this.#content.kind !== "unread") return this.#content;
    try {
      const stored = this.#journal.load();
      if (!stored) return (this.#content = { kind: "absent" });
      this.#sessions.restore(section(stored.snapshot, SESSIONS_SECTION));
      const game = this.#makeGame(stored.birth);
      game?.restore(stored.snapshot.get(game.section));
      for (const { seq, sections } of stored.rows) {
        const sessions = section(sections, SESSIONS_SECTION);
        if (sessions) this.#sessions.replay(sessions);
        const bytes = game && sections.get(game.section);
        if (bytes) game.replay(bytes, seq);
      }
      this.#content = { kind: "open", birth: stored.birth, game };
      for (const me of game?.present ?? []) if (!this.connections.has((connection) => connection.me === me)) this.#leaveLater(me);
    } catch (error) {
      this.#host.log("error", "the room cannot be read from storage", error);
      this.#content = { kind: "broken" };
    }
    return this.#content;
  }

  #create(params: Uint8Array): void {
    const { game, name } = this.#definition;
    const birth: Birth = {
      format: FORMAT,
      room: name,
      gameVersion: game?.version ?? 0,
      params,
      seed: this.#host.random(),
      createdAt: this.#host.now(),
    };
    const part = this.#makeGame(birth);
    part?.setup(birth.createdAt);
    this.#sessions.restore(undefined);
    this.#content = { kind: "open", birth, game: part };
    try {
      this.#journal.create(birth, this.#snapshot());
    } catch (error) {
      this.#content = { kind: "unread" };
      this.#host.log("error", "the room could not be created", error);
      throw new Closing(4500, "the room could not be stored");
    }
  }

  #makeGame(birth: Birth): GamePart | undefined {
    const { game } = this.#definition;
    if (!game) return undefined;
    const { params } = game["~rules"];
    return new GamePart({
      game,
      host: this.#partHost,
      sessions: this.#sessions,
      seed: birth.seed,
      params: params?.read(decoding.createDecoder(birth.params)),
      report: (error) => this.#host.log("error", `the rules of ${game.name} threw`, error),
      event: (event) => this.#announce(event),
    });
  }

  #announce(event: GameEvent): void {
    const { event: hook } = this.#hooks;
    if (!hook) return;
    this.#host.store.settled().then(
      () => hook(event),
      (error: unknown) => this.#host.log("error", "an event was not durable, so it is not announced", error),
    );
  }

  #snapshot(): Sections {
    const sections = new Map([[SESSIONS_SECTION, this.#sessions.snapshot()]]);
    for (const part of this.#parts())
      if (part.section !== undefined && part.snapshot) sections.set(part.section, part.snapshot());
    return sections;
  }

  /** The open group could not be stored: it never happened. Memory goes back to storage, and who waits is told. */
  #failed(group: Group | undefined, error: unknown): void {
    this.#host.log("error", "a group could not be stored", error);
    this.#group = undefined;
    this.#content = { kind: "unread" };
    this.#life = this.#host.random();
    this.#newLife = true;
    this.#beat.mark();
    for (const [asker, answers] of group?.answers ?? [])
      if (typeof asker === "function") asker({ number: 0, seq: 0, answer: { kind: "broke", code: "unavailable" } });
      else if (asker.stage !== "gone") this.#refuse(asker, answers[0]!.number, "unavailable", "the change could not be stored");
    for (const connection of group?.joiners ?? []) this.#close(connection, 4500, "the room could not be stored");
  }
}

function answer(asker: Asker, after: number, answers: readonly NumberedAnswer[]): void {
  if (typeof asker === "function") return answers.forEach(asker);
  if (asker.stage === "gone") return;
  const frame = new Frame();
  frame.add(DOWN.answers, writeAnswers(after, answers));
  asker.socket.send(frame.bytes());
}

function section(sections: Sections, number: number): decoding.Decoder | undefined {
  const bytes = sections.get(number);
  return bytes && decoding.createDecoder(bytes);
}
