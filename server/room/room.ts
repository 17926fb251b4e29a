/**
 * A room: parts, people, a journal and a beat, wired together. It knows no platform; the Durable Object hands it sockets,
 * storage, a clock and timers. Everything that happens is one synchronous turn: something comes in, a part applies it to
 * memory and marks what changed, and at the end of the turn the beat decides whether to write and speak.
 */
import * as decoding from "lib0/decoding";
import type { GameEvent } from "../../shared/game/run.ts";
import { plainView } from "../../shared/game/tables.ts";
import { writeFault, type NumberedAnswer } from "../../shared/protocol/action.ts";
import { withRetryAfter, type CloseCode } from "../../shared/protocol/close-code.ts";
import type { ErrorCode } from "../../shared/protocol/error-code.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { writePace } from "../../shared/protocol/flow.ts";
import { encode, Frame, readFrame } from "../../shared/protocol/frame.ts";
import { writeLife, type Hello } from "../../shared/protocol/hello.ts";
import {
  KEPT_ANSWERS,
  MAX_DOCUMENT_FRAME_BYTES,
  MAX_FRAME_BYTES,
  MAX_PRESENCE_BYTES,
  UP_FRAME_MS,
} from "../../shared/protocol/limits.ts";
import { readUp, type Up } from "../../shared/protocol/up.ts";
import { readY, writeStep1 } from "../../shared/protocol/yjs.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { WireError } from "../../shared/schema/wire.ts";
import { Counters } from "../observe/counters.ts";
import { EventsPart } from "../parts/events.ts";
import { AwarenessPart } from "../parts/document/awareness-part.ts";
import type { DocumentPart } from "../parts/document/document-part.ts";
import type { GamePart } from "../parts/game/game-part.ts";
import { Refusal, RoomFrame, type PartHost, type PartMessage, type RoomPart } from "../parts/part.ts";
import { PresencePart } from "../parts/presence.ts";
import type { Seating, Summary } from "../lobby/summary.ts";
import type { Sections } from "../storage/pieces.ts";
import { Agenda } from "./agenda.ts";
import { Alarms } from "./alarms.ts";
import { Announcer, RENEW_MS } from "./announcer.ts";
import { Attachments } from "./attachments.ts";
import { Beat } from "./beat.ts";
import { Closing, Connections, type Attachment, type Connection, type Facts, type Socket } from "./connections.ts";
import { DocumentDesk } from "./document-desk.ts";
import { CompactionPlan } from "./compaction-plan.ts";
import { Content, type Loaded } from "./content.ts";
import { GameDesk } from "./game-desk.ts";
import { HARD_BYTES, type Lane } from "./flow.ts";
import { Group, type Asker } from "./group.ts";
import type { Inspection, RoomHooks, RoomHost, RoomOptions } from "./host.ts";
import { Leaving } from "./leaving.ts";
import { Pace } from "./pace.ts";
import { Reception, sendAnswers } from "./reception.ts";
import { Care } from "./repair.ts";
import { Rights, staysIn, type Revoked } from "./rights.ts";
import { HTTP_SESSION } from "./sessions.ts";
import { Seats } from "./seats.ts";
import { Silence } from "./silence.ts";
import { STILL_HERE_MS, StockClients } from "./stock-clients.ts";
import { Throttle } from "./throttle.ts";
import { Ticker } from "./ticker.ts";

/** What a refused client waits at the least before it comes back, in ms. */
const RETRY_AFTER_MS = { rate: 5000, full: 30_000 };
/** A client may say what it likes as often as it likes: this many in an object's life are logged, and all are counted. */
const LOGGED_DRIFTS = 10;
/** Timers of a game that could not be run are tried again after the first, in ms, then twice as long each time, up to the most. */
const RING_AGAIN_MS = { first: 5000, most: 3_600_000 };
/** How the agenda names the game's first timer. */
const TIMERS = "timers";
/** And when the lobby is to be told again. */
const ANNOUNCE = "announce";
/** What the platform takes of sockets in one object. */
export const MOST_SOCKETS = 32_768;
/** Why a socket that was behind when the object slept has to come anew. */
const STRANDED = "the room slept while this client was behind";

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
  readonly #attachments: Attachments;
  readonly #definition: AnyRoom;
  readonly #host: RoomHost;
  readonly #hooks: RoomHooks;
  readonly #leaveGraceMs: number;
  readonly #content: Content;
  readonly #beat: Beat;
  readonly #presence: PresencePart;
  readonly #events: EventsPart;
  readonly #awareness: AwarenessPart;
  #group: Group | undefined;
  #life: number;
  /** The sockets have to be told of a new life. */
  #newLife = false;
  /** Stock clients have to be told what the document is: what they said of it since may be lost, and they keep no count. */
  #askStock = false;
  readonly #reception: Reception;
  readonly #alarms: Alarms;
  readonly #compaction = new CompactionPlan();
  readonly #agenda: Agenda;
  readonly #leaving: Leaving;
  readonly #ticker: Ticker;
  readonly #silence = new Silence(this.connections);
  readonly #throttle: Throttle;
  readonly #pace: Pace;
  /** Clients have to be told of another pace. */
  #newPace = false;
  /** Users of whom the user's own code knows that they are here. */
  readonly #here = new Set<string>();
  readonly #seats: Seats;
  readonly #announcer: Announcer;
  readonly #ended: RoomOptions["ended"];
  /** Timers that could not be run are tried again then, in ms since 1970. */
  #ringAgainAt = 0;
  #ringAgainMs = 0;
  /** The longest frame that is read, in bytes. */
  readonly #maxFrameBytes: number;
  readonly #stock: StockClients;
  readonly #sweepMs: number;
  readonly #partHost: PartHost = {
    group: () => {
      this.#load(); // which row is next is known when the room is
      return (this.#group ??= new Group(this.#content.seq + 1, this.#host.now()));
    },
    markGroup: () => this.#beat.markGroup(),
    mark: () => this.#beat.mark(),
    now: () => this.#host.now(),
    joined: () => this.connections.open(),
    behind: (connection, kind, frame) => {
      const { behind } = this.#partHost.group();
      behind.set(connection, (behind.get(connection) ?? new Map<string, () => Uint8Array>()).set(kind, frame));
      this.#beat.markGroup();
    },
  };

  constructor(definition: AnyRoom, host: RoomHost, options: RoomOptions = {}, hooks: RoomHooks = {}) {
    this.#definition = definition;
    this.#host = host;
    this.#hooks = hooks;
    this.#leaveGraceMs = options.leaveGraceMs ?? 5000;
    this.#seats = new Seats(options.capacity ?? MOST_SOCKETS, () => host.now());
    this.#ended = options.ended;
    this.#maxFrameBytes = definition.document ? MAX_DOCUMENT_FRAME_BYTES : MAX_FRAME_BYTES;
    this.#sweepMs = options.sweepMs ?? 60_000;
    const framesPerSecond = options.framesPerSecond ?? 30_000;
    this.#throttle = new Throttle(framesPerSecond);
    this.#pace = new Pace(framesPerSecond);
    this.#agenda = new Agenda(host.store, (error) => host.log("error", "what is to be done later could not be stored", error));
    this.#leaving = new Leaving(this.#agenda);
    this.rights = new Rights(this.#agenda, () => host.now());
    this.#announcer = new Announcer({
      lobby: host.lobby,
      now: () => host.now(),
      after: (ms, run) => host.after(ms, run),
      summary: () =>
        this.#turn(() => {
          const summary = this.#summary();
          return summary && summary.players > 0 ? summary : undefined; // with nobody in it, it is not to be listed
        }),
      due: (at) => {
        const known = this.#agenda.get(ANNOUNCE);
        // Each time is a row: one that rings a little early will do.
        if (at !== undefined && known !== undefined && known <= at && known > at - RENEW_MS / 2) return;
        if (at === undefined) this.#agenda.drop(ANNOUNCE); // one that rings for nothing harms nobody
        else this.#agenda.set(ANNOUNCE, at);
        this.#setAlarm();
      },
      log: (level, message, error) => host.log(level, message, error),
    });
    const { tick, tickMs } = definition.game?.["~rules"] ?? {};
    this.#ticker = new Ticker({
      after: (ms, run) => host.after(ms, run),
      now: () => host.now(),
      stepMs: () => (tick && this.connections.has(({ stage }) => stage === "open") ? tickMs : undefined),
      tick: () => this.#turn(() => this.#load().game?.tick()),
    });
    this.#alarms = new Alarms((at) => host.setAlarm(at));
    this.#content = new Content(definition, {
      store: host.store,
      parts: this.#partHost,
      now: () => host.now(),
      random: () => host.random(),
      log: (level, message, error) => host.log(level, message, error),
      event: (event) => this.#announce(event),
      snapshotTaken: () => void this.#counters.snapshots++,
      snapshotRows: options.snapshotRows ?? 1000,
      maxLiveDocumentBytes: options.maxLiveDocumentBytes ?? 7_000_000,
    });
    this.#life = host.random();
    this.#awareness = new AwarenessPart(
      this.#partHost,
      () => this.#load().document,
      (connection, atOnce) => {
        if (connection.stage !== "open") return; // it is saved when it is
        if (atOnce) this.#attachments.save(connection);
        else this.#attachments.saveSoon(connection);
      },
    );
    this.#attachments = new Attachments(definition.presence, this.connections, this.#awareness, (ms, run) => host.after(ms, run));
    this.#presence = new PresencePart(definition.presence, this.#partHost);
    this.#events = new EventsPart(definition.events, this.#partHost);
    this.#beat = new Beat(
      {
        after: (ms, run) => host.after(ms, run),
        now: () => host.now(),
        volatile: () => this.#showVolatile(),
        durable: () => this.#closeGroup(),
        settled: () => host.store.settled(),
        lost: (error) => this.#lost(error),
        late: (ms) => {
          this.#counters.lateMs += ms;
          this.#counters.latestMs = Math.max(this.#counters.latestMs, ms);
        },
        stored: (ms) => {
          this.#counters.journalMs += ms;
          this.#counters.longestJournalMs = Math.max(this.#counters.longestJournalMs, ms);
        },
      },
      options,
    );
    this.#stock = new StockClients(this.#awareness, {
      now: () => host.now(),
      enter: (connection) => {
        if (this.rights.isRevoked(connection.facts)) throw new Closing(4410, "the token was revoked");
        this.#enter(null, connection.facts);
        this.#admit(connection, definition.presence.type.zero);
      },
      join: (connection) => this.#awaitGroup(connection),
      document: () => {
        const { kind, document } = this.#load();
        if (!document) throw new Closing(kind === "broken" ? 4500 : 4404, "there is no document here");
        return document;
      },
      behind: this.#partHost.behind,
      credited: (connection) => this.#credited(connection),
      quiet: () => this.#setAlarm(),
    });
    this.document = new DocumentDesk({
      store: host.store,
      now: () => host.now(),
      seq: () => this.#content.seq,
      epoch: () => this.#content.epoch,
      me: (user) => this.#content.sessions.me(user),
      document: () => this.#document(),
      atRest: (read) => this.#atRest(read),
      durably: (change) => this.#durably(change),
    });
    this.game = new GameDesk({
      epoch: () => this.#content.epoch,
      me: (user) => this.#content.sessions.me(user),
      game: () => this.#game(),
      atRest: (read) => this.#atRest(read),
      answered: (run) => this.#answered(run),
    });
    this.care = new Care({
      store: host.store,
      atRest: (read) => this.#atRest(read),
      mended: () => {
        this.#closeAll(4503, "the room was mended");
        this.#forget();
      },
    });
    this.#reception = new Reception({
      now: () => host.now(),
      life: () => this.#life,
      everyMs: () => this.#pace.everyMs,
      seq: () => this.#content.seq,
      toldSeq: () => this.#content.game?.publicSeq ?? 0,
      lengthSince: (seq) => this.#content.lengthSince(seq),
      since: (seq, most) => this.#content.since(seq, most),
      parts: () => this.#parts(),
      document: () => this.#content.document,
      awareness: () => this.#awareness,
      close: (connection, code, reason) => this.#close(connection, code, reason),
      log: (message, error) => host.log("error", message, error),
      join: (connection) => this.#awaitGroup(connection),
      loading: (connection) => {
        this.#counters.transfers++;
        this.#attachments.save(connection);
      },
      opened: (connection) => {
        this.#presence.joined(connection);
        this.#attachments.save(connection);
        this.#ticker.wake();
        if (!this.#here.has(connection.facts.user.id)) this.#told("join", connection);
        this.#here.add(connection.facts.user.id);
        if (connection.facts.stock) this.#setAlarm(); // it may be one that has to be told that the room is still here
      },
    });
  }

  // ---- what happens to a room

  /** A socket the edge has let in. */
  connect(socket: Socket, facts: Facts): Connection {
    this.#attachments.woken("join");
    const openedAt = this.#host.now();
    const connection = this.connections.add(socket, facts, openedAt);
    socket.attach({ id: connection.id, facts, openedAt });
    this.#watchEnd(connection);
    if (facts.listed) this.#announcer.list();
    this.#setAlarm(); // it may be one that never says anything
    return connection;
  }

  /** A socket that was open before the object left memory. */
  adopt(socket: Socket, attachment: Attachment): Connection {
    const { id, facts, openedAt, joined, behind } = attachment;
    const connection = this.connections.add(socket, facts, this.#host.now(), id);
    this.#attachments.adopted(connection, attachment);
    if (facts.listed) this.#announcer.list();
    if (openedAt !== undefined) connection.heardAt = openedAt;
    this.#watchEnd(connection);
    if (!joined) return connection;
    try {
      connection.presence = this.#definition.presence.from(joined.presence);
    } catch (error) {
      this.#host.log("error", "the presence in a socket is of another definition", error);
      socket.close(4503, "the room has a new version");
      this.connections.remove(connection);
      return connection;
    }
    connection.session = joined.session;
    connection.me = joined.me;
    connection.paceMs = joined.paceMs;
    if (joined.awareness) this.#awareness.restore(connection, joined.awareness);
    // What it said last is not known; what the platform answered is, and a client asks at once when it comes.
    connection.heardAt = socket.heardAt() || this.#host.now();
    connection.stage = behind ? "stranded" : "open";
    this.#here.add(facts.user.id);
    this.#newLife = true;
    this.#beat.mark();
    this.#ticker.wake();
    return connection;
  }

  receive(connection: Connection, bytes: Uint8Array): void {
    if (connection.stage === "gone") return;
    this.#attachments.woken("message");
    this.#counters.framesIn++;
    this.#counters.bytesIn += bytes.length;
    connection.bytesIn += bytes.length;
    this.#pace.frame();
    this.#turn(() => {
      try {
        if (bytes.length > this.#maxFrameBytes)
          throw new Closing(4413, `a frame of ${bytes.length} bytes, expected at most ${this.#maxFrameBytes}`);
        const now = this.#host.now();
        connection.heardAt = now;
        if (now > connection.facts.expiresAt) throw new Closing(4401, "the token has expired");
        if (connection.stage === "stranded") throw new Closing(4503, STRANDED);
        const echo = connection.echoes?.takes(bytes, connection.flow.isAsked) ?? false;
        if (!echo && !this.#throttle.allows(connection, bytes.length, now))
          throw new Closing(4529, withRetryAfter("too many messages", RETRY_AFTER_MS.rate));
        if (this.#pace.changes(now)) this.#tellPace();
        if (connection.facts.stock === undefined)
          for (const message of readFrame(bytes)) {
            if (connection.stage === "gone") break; // for something said before
            this.#dispatch(connection, readUp(message));
          }
        else this.#stock.receive(connection, readY(bytes));
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
    if (connection.stage === "gone") return;
    this.#attachments.woken("close");
    this.#turn(() => this.#remove(connection));
  }

  /** The time set by `setAlarm` has come. */
  alarm(): void {
    this.#attachments.woken("alarm");
    this.#turn(() => {
      const due = this.#alarms.take(this.#host.now());
      for (const me of this.#leaving.take(this.#host.now()))
        if (!this.connections.has((connection) => connection.me === me)) this.#load().game?.userLeft(me);
      this.#ring();
      if (due.has("compact")) this.#compact();
      if (this.#announcer.listed && (this.#agenda.get(ANNOUNCE) ?? Infinity) <= this.#host.now()) {
        this.#agenda.drop(ANNOUNCE); // it is set anew by how that goes
        this.#announcer.renew();
      }
      if (due.has("still-here")) this.#stock.tellStillHere(this.connections.open());
      this.#closeUnfit(this.#host.now());
      if (due.has("expire")) for (const connection of this.connections) this.#watchEnd(connection);
      this.#setAlarm();
    });
  }

  /**
   * A new token of a user whose sockets are open, all or the one of this id. One that it lets stay as it is goes on; one that may
   * do something else now is closed, to come anew with it. Returns how many there are. Throws Refusal.
   */
  refresh(facts: Facts, id?: number): number {
    this.#attachments.woken("call");
    return this.#turn(() => {
      const theirs = [...this.connections].filter(
        (connection) => connection.facts.user.id === facts.user.id && (id ?? connection.id) === connection.id,
      );
      for (const connection of theirs)
        if (staysIn(connection.facts.scopes, facts.scopes)) {
          // What the token says, and nothing else; whether one may make this room was decided when it came.
          const scopes = facts.scopes.filter((scope) => scope !== "create" || connection.facts.scopes.includes(scope));
          const { expiresAt, issuedAt, tokenId } = facts;
          connection.facts = {
            ...connection.facts,
            scopes,
            expiresAt,
            ...(issuedAt && { issuedAt }),
            ...(tokenId && { tokenId }),
          };
          this.#attachments.renewed(connection);
          this.#watchEnd(connection);
        } else this.#close(connection, 4401, "the new token allows something else");
      this.#setAlarm();
      return theirs.length;
    });
  }

  /** Closes the sockets of a user, or of a token, and keeps them away. Returns how many there were. Throws Refusal. */
  revoke(which: Revoked): number {
    this.#attachments.woken("call");
    return this.#turn(() => {
      this.rights.revoke(which);
      const theirs = [...this.connections].filter(({ facts }) => this.rights.isRevoked(facts));
      for (const connection of theirs) this.#close(connection, 4410, "the token was revoked");
      return theirs.length;
    });
  }

  /** When its token ends it goes, also when nothing happens then. */
  #watchEnd({ facts: { expiresAt } }: Connection): void {
    if (!Number.isSafeInteger(expiresAt + 1)) return; // it does not end
    this.#alarms.at("expire", Math.min(this.#alarms.due("expire") ?? Infinity, expiresAt + 1));
  }

  /** Runs an action, and resolves with its answer once the row is written. */
  #answered(run: (resolve: (answer: NumberedAnswer) => void) => void): Promise<NumberedAnswer> {
    this.#attachments.woken("call");
    return new Promise((resolve, reject) => {
      this.#turn(() => {
        try {
          run(resolve);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  /** Keeps a place for a user who was matched with this room, for a short while. */
  seat(user: string): Seating {
    this.#attachments.woken("call");
    return this.#turn(() => {
      const taken = this.#summary();
      if (!taken) return { kind: "gone" };
      const free = this.#seats.free(user, taken.players);
      if (free) this.#seats.keep(user);
      return { kind: free ? "kept" : "full", summary: this.#summary() ?? taken };
    });
  }

  /** The room as the lobby shows it, once what there is to write is written; undefined: it has ended, or there is none. */
  #summary(): Summary | undefined {
    this.#beat.flush();
    const loaded = this.#load();
    if (loaded.kind !== "open") return undefined;
    if (loaded.game && this.#hasEnded(loaded.game)) return undefined;
    const type = this.#definition.game?.["~rules"].params;
    const { count, until } = this.#seats.kept;
    return {
      id: this.#host.id,
      params: type ? type.read(decoding.createDecoder(loaded.birth.params)) : null,
      players: [...this.connections.joined()].length,
      capacity: this.#seats.capacity,
      kept: count,
      keptUntil: until,
    };
  }

  #hasEnded({ state }: GamePart): boolean {
    try {
      return this.#ended?.(plainView(state) as never) ?? false;
    } catch (error) {
      this.#host.log("error", "who says whether the game has ended threw", error);
      return false;
    }
  }

  /** Closes everyone, and removes all but a tombstone: nobody comes back into the room without making it anew. False: there is none. */
  delete(): boolean {
    this.#attachments.woken("call");
    if (this.#load().kind === "absent") return false;
    const group = this.#group;
    const revoked = this.rights.all;
    this.#content.bury();
    this.#forget();
    for (const [name, at] of revoked) this.#agenda.set(name, at);
    this.#giveUp(group, "not-found", "the room was deleted");
    this.#closeAll(4404, "the room was deleted");
    this.#counted(false);
    return true;
  }

  /** With the open group closed: what is read does not run ahead of the journal. */
  #atRest<T>(read: () => T): T {
    this.#attachments.woken("call");
    return this.#turn(() => {
      this.#beat.flush();
      return read();
    });
  }

  /** Changes something, and waits for its row; for the open one, where nothing changes, since it may hold what was known. */
  #durably(change: () => void): Promise<number> {
    this.#attachments.woken("call");
    return new Promise((resolve, reject) => {
      this.#turn(() => {
        try {
          this.#document();
          change();
          const { waiting } = this.#partHost.group();
          waiting.push({ resolve: () => resolve(this.#content.seq), reject });
          this.#beat.markGroup();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  #game(): GamePart {
    const { kind, game } = this.#load();
    if (kind === "broken") throw new Refusal("unavailable", "the room cannot be read from storage");
    if (!game) throw new Refusal("not-found", "the room does not exist, or has no game");
    return game;
  }

  #document(): DocumentPart {
    const { kind, document } = this.#load();
    if (kind === "broken") throw new Refusal("unavailable", "the room cannot be read from storage");
    if (!document) throw new Refusal("not-found", "the room does not exist, or has no document");
    return document;
  }

  /** An event from the user's own server code. */
  tell(type: string, data: unknown): void {
    this.#attachments.woken("call");
    this.#turn(() => {
      const types = Object.entries(this.#definition.events);
      const index = types.findIndex(([name]) => name === type);
      if (index === -1)
        throw new Refusal("unknown-action", `event ${type}, expected one of ${types.map(([name]) => name).join(", ")}`);
      this.#events.tell(0, index, types[index]![1].check(data, [type]));
    });
  }

  /** Makes the room, unless it is there; false when it was. Throws WireError on parameters that do not fit. */
  create(params: unknown): boolean {
    this.#attachments.woken("call");
    if (this.#load().kind !== "absent") return false;
    const type = this.#definition.game?.["~rules"].params;
    this.#content.create(type ? encode((to) => type.write(to, type.check(params, ["params"]))) : new Uint8Array());
    this.#keepTimers(this.#load());
    return true;
  }

  /** Whether there is a room: made, and not deleted. */
  get exists(): boolean {
    return this.#load().kind !== "absent";
  }

  /** What it has done since the object woke. */
  get counters(): Readonly<Counters> {
    return this.#counters;
  }

  /** What the room is and has done, for whoever runs it. */
  inspect(): Inspection {
    this.#attachments.woken("inspect");
    return this.#turn(() => this.#inspection());
  }

  #inspection(): Inspection {
    this.#beat.flush(); // what is shown of what lasts must not run ahead of the journal
    const { kind } = this.#load();
    return {
      room: this.#definition.name,
      content: kind,
      seq: this.#content.seq,
      life: this.#life,
      wakes: { ...this.#attachments.wakes },
      connections: [...this.connections].map(({ id, stage, me, facts }) => ({ id, stage, me, user: facts.user.id })),
      document: this.#content.document?.inspect(),
      counters: structuredClone(this.#counters),
    };
  }

  #turn<T>(happen: () => T): T {
    try {
      return happen();
    } finally {
      this.#beat.endOfEvent();
    }
  }

  // ---- messages

  #dispatch(connection: Connection, message: Up): void {
    if (message.kind === "hello") return this.#hello(connection, message);
    if (connection.stage === "greeting") throw new Closing(4400, `${message.kind} before hello`);
    if (message.kind === "ack") return this.#acknowledged(connection, message.bytes);
    if (message.kind === "pace") {
      this.#silence.paced(connection, message.everyMs);
      if (connection.stage === "open") this.#attachments.save(connection);
      return;
    }
    if (message.kind === "drifted") {
      if (this.#counters.drifts++ < LOGGED_DRIFTS)
        this.#host.log("error", `a client's state differed from the room's after row ${message.seq}`);
      return;
    }
    this.#counters.messages++;
    try {
      if (!this.#partsFor(message).some((part) => part.receive?.(connection, message)))
        throw new Refusal("unknown-action", `this room takes no ${message.kind}`);
      if (message.kind === "presence") this.#attachments.saveSoon(connection);
    } catch (error) {
      const full = error instanceof Refusal && error.code === "document-too-large";
      const number = message.kind === "act" || (message.kind === "edit" && full) ? message.number : 0;
      if (error instanceof Refusal) this.#refuse(connection, number, error.code, error.message);
      else if (error instanceof WireError) this.#refuse(connection, number, "bad-input", error.reason);
      else throw error;
    }
  }

  #partsFor(message: PartMessage): RoomPart[] {
    if (message.kind === "presence" || message.kind === "event") return [this.#presence, this.#events];
    if (message.kind === "awareness") return this.#definition.document ? [this.#awareness] : [];
    const { kind, game, document } = this.#load();
    if (kind === "broken") throw new Closing(4500, "the room cannot be read from storage");
    const part = message.kind === "edit" ? document : game;
    return part ? [part] : [];
  }

  /** Refused at once: nothing has changed. */
  #refuse(connection: Connection, number: number, code: ErrorCode, message: string): void {
    const { socket, flow } = connection;
    if (flow.owed > HARD_BYTES) return this.#close(connection, 4530, "it reads nothing, and says what cannot be");
    Counters.add(this.#counters.refused, code);
    const frame = new Frame();
    frame.add(DOWN.fault, writeFault({ number, code, message }));
    socket.send(frame.bytes());
  }

  #hello(connection: Connection, hello: Hello): void {
    const { game: declared, presence } = this.#definition;
    const { scopes, user } = connection.facts;
    const version = declared?.version ?? 0;
    if (connection.stage !== "greeting") throw new Closing(4400, "hello came twice");
    if (this.rights.isRevoked(connection.facts)) throw new Closing(4410, "the token was revoked");
    if (hello.session.startsWith(HTTP_SESSION)) throw new Closing(4400, `a session that begins with ${HTTP_SESSION}`);
    if (hello.protocol !== PROTOCOL_VERSION) throw new Closing(4426, `protocol ${hello.protocol}, expected ${PROTOCOL_VERSION}`);
    if (hello.gameVersion !== version && !declared?.["~rules"].compatible.includes(hello.gameVersion))
      throw new Closing(4426, `rules of version ${hello.gameVersion}, expected ${version}`);
    if (hello.presence.length > MAX_PRESENCE_BYTES)
      throw new Closing(4413, `presence of ${hello.presence.length} bytes, expected at most ${MAX_PRESENCE_BYTES}`);
    const said: unknown = presence.from(hello.presence); // before anything is changed: it may throw
    const shown = scopes.includes("presence") ? said : presence.type.zero;
    const { birth } = this.#enter(hello.create, connection.facts);
    if (this.#content.sessions.isOfAnother(hello.session, user.id)) throw new Closing(4403, "the session is another user's");
    for (const other of [...this.connections.joined()])
      if (other.session === hello.session && other.facts.user.id === user.id)
        this.#close(other, 4409, "a newer socket took over");
    connection.session = hello.session;
    connection.resumeFrom = hello.epoch === birth.createdAt ? hello.seq : 0;
    this.#admit(connection, shown);
  }

  /** It is one of those in the room from now on, if there is a place. */
  #admit(connection: Connection, presence: unknown): void {
    const { scopes, user } = connection.facts;
    if (!this.#seats.free(user.id, [...this.connections.joined()].length))
      throw new Closing(4531, withRetryAfter("the room is full", RETRY_AFTER_MS.full));
    this.#seats.release(user.id);
    connection.presence = presence;
    connection.me = scopes.includes("write") ? this.#content.sessions.me(user.id) : 0;
    this.#leaving.back(connection.me);
    this.#awaitGroup(connection);
    this.#load().game?.joined(connection);
    this.#setAlarm();
  }

  /** It is served when the open group has closed. */
  #awaitGroup(connection: Connection): void {
    connection.stage = "joining";
    this.#partHost.group().joiners.push(connection);
    this.#beat.markGroup();
  }

  /** The room to be joined: as it is stored, or made now. */
  #enter(params: Uint8Array | null, { scopes, roomsPerUser }: Facts): Extract<Loaded, { kind: "open" }> {
    if (this.#load().kind === "broken") this.#content.forget(); // storage may have healed
    if (this.#load().kind === "absent") {
      // A room that was deleted is made anew by those who say so, not by whoever still has it open.
      const create =
        params ?? (this.#content.wasDeleted ? null : this.#definition.game?.["~rules"].params ? null : new Uint8Array());
      if (!create) throw new Closing(4404, "not-found");
      if (!scopes.includes("create")) throw new Closing(4403, "the token does not allow creating rooms");
      this.#content.create(create);
      if (roomsPerUser !== undefined) this.#counted(true);
    }
    const loaded = this.#load();
    if (loaded.kind !== "open") throw new Closing(4500, "the room cannot be read from storage");
    return loaded;
  }

  /** A reader that was spared something, and has caught up, is welcomed anew. */
  #acknowledged(connection: Connection, bytes: number): void {
    connection.flow.acknowledge(bytes);
    this.#credited(connection);
  }

  #credited(connection: Connection): void {
    const { flow, stage } = connection;
    this.#reception.credited(connection);
    if (!(stage === "lagging" || (stage === "open" && flow.spared))) return;
    if (!flow.caughtUp) return flow.wait(this.#host.now());
    this.#load(); // which row is the newest is known when the room is
    // What was transient is told whole again; what lasts it has, as far as it was told of it.
    if (stage === "open") connection.resumeFrom = this.#content.seq;
    this.#counters.resyncs++;
    this.#awaitGroup(connection);
  }

  #close(connection: Connection, code: CloseCode, reason: string): void {
    if (connection.stage === "gone") return;
    const { id, facts, socket } = connection;
    socket.attach({ id, facts }); // whoever wakes before it has closed must not take it for one that is here
    socket.close(code, reason);
    this.#remove(connection);
  }

  #closeAll(code: CloseCode, reason: string): void {
    for (const connection of [...this.connections]) this.#close(connection, code, reason);
  }

  #remove(connection: Connection): void {
    const { stage, me } = connection;
    if (stage !== "greeting" && me > 0) this.#load(); // while its socket still says whose client id it shows
    this.connections.remove(connection);
    this.#attachments.gone(connection);
    if (stage !== "greeting") this.#presence.left(connection);
    this.#awareness.left(connection);
    if (stage !== "greeting" && me > 0) {
      const { game, document } = this.#load();
      game?.left(connection);
      document?.left(connection);
      if (game?.present.has(me)) this.#leaveUnlessHere(me);
    }
    if (stage !== "greeting" && me > 0 && this.#definition.document && !this.connections.has((other) => other.me > 0)) {
      this.#beat.flush();
      if (this.#load().document) this.#keepVersion(true);
    }
    const { user } = connection.facts;
    if (this.#here.has(user.id) && !this.connections.has(({ facts }) => facts.user.id === user.id)) {
      this.#here.delete(user.id);
      this.#told("leave", connection);
    }
    if (stage !== "greeting" && !this.connections.has(() => true)) this.#told("empty", connection);
    if (stage !== "greeting") this.#announcer.mark();
  }

  /** The lobby counts it as its maker's, or no longer; one that cannot be told forgets it by itself. */
  #counted(exists: boolean): void {
    this.#host.lobby
      ?.counted(exists)
      .catch((error: unknown) => this.#host.log("error", "the lobby could not be told whether this room exists", error));
  }

  /** The user's own code hears who comes and goes; what it throws is its own affair. */
  #told(what: "join" | "leave" | "empty", { me, facts }: Connection): void {
    try {
      this.#hooks[what]?.({ id: me, user: facts.user });
    } catch (error) {
      this.#host.log("error", `who was told of ${what} threw`, error);
    }
  }

  #leaveUnlessHere(me: number): void {
    if (this.connections.has((connection) => connection.me === me)) return;
    this.#leaving.at(me, this.#host.now() + this.#leaveGraceMs);
    this.#setAlarm();
  }

  #setAlarm(): void {
    this.#alarms.at("leave", this.#leaving.next);
    const timers = this.#agenda.get(TIMERS);
    this.#alarms.at("announce", this.#announcer.listed ? this.#agenda.get(ANNOUNCE) : undefined);
    this.#alarms.at("timer", timers && Math.max(timers, this.#ringAgainAt));
    // Alone, nobody is deceived by a dead socket.
    if (this.connections.size < 2) this.#alarms.at("look", undefined);
    else if (!this.#alarms.has("look")) this.#alarms.at("look", this.#host.now() + this.#sweepMs);
    const quietDue = this.#stock.stillHereDue(this.connections.open());
    if (quietDue && !this.#alarms.has("still-here")) this.#alarms.at("still-here", this.#host.now() + STILL_HERE_MS);
    this.#alarms.arm();
  }

  // ---- the beat

  #showVolatile(): void {
    const frame = new RoomFrame();
    if (this.#newLife) {
      frame.add(DOWN.life, writeLife(this.#life));
      this.#awareness.renewAll();
      this.#stock.tellStillHere(this.connections.open()); // when it was due is not known any more
      this.#newPace ||= this.#pace.everyMs > UP_FRAME_MS; // with another life begins the usual pace
    }
    this.#newLife = false;
    const { document } = this.#askStock ? this.#load() : {};
    if (document) frame.stock.push(writeStep1(document.stateVector));
    this.#askStock = false;
    if (this.#newPace) frame.add(DOWN.pace, writePace(this.#pace.everyMs));
    this.#newPace = false;
    for (const part of this.#parts()) part.volatile?.(frame);
    if (frame.empty && frame.stock.length === 0) return;
    this.#counters.beats++;
    this.#broadcast(frame, "volatile");
  }

  #broadcast(frame: RoomFrame, lane: Lane): void {
    const now = this.#host.now();
    const { seq } = this.#content;
    const heard = lane === "durable" ? seq - 1 : seq;
    const tell = (bytes: Uint8Array, stock: boolean): void => {
      for (const behind of this.connections.broadcast(bytes, lane, now, heard, stock)) this.#attachments.save(behind);
    };
    if (!frame.empty) tell(frame.bytes(), false);
    for (const stock of frame.stock) tell(stock, true);
    this.#closeUnfit(now);
  }

  /** Closes those who were behind when the object slept, who read nothing, whose token has ended, and who have died. */
  #closeUnfit(now: number): void {
    for (const connection of [...this.connections.stranded()]) this.#close(connection, 4503, STRANDED);
    for (const connection of [...this.connections.stuck(now)]) this.#close(connection, 4530, "it read nothing for too long");
    for (const connection of [...this.connections.expired(now)]) this.#close(connection, 4401, "the token has expired");
    for (const connection of this.#silence.look(now)) this.#close(connection, 4508, "it went silent");
  }

  #tellPace(): void {
    this.#newPace = true;
    this.#beat.mark();
  }

  /** Writes the open group, then tells of it. True when a row was written. */
  #closeGroup(): boolean {
    const group = this.#group;
    if (!group) return false;
    let sections: Sections;
    try {
      sections = this.#content.collect();
      if (sections.size > 0) {
        this.#counters.rowBytes += this.#content.append(group.at, sections);
        this.#counters.rows++;
      }
    } catch (error) {
      this.#failed(group, error);
      return false;
    }
    this.#group = undefined;
    try {
      this.#tell(group, sections);
    } catch (error) {
      // Nobody knows who was told of it. It is stored, so who comes anew is given it.
      this.#host.log("error", "what a group holds could not be told", error);
      this.#forget();
      this.#closeAll(4500, "the room could not say what has happened");
    }
    for (const { resolve } of group.waiting) resolve();
    this.#announcer.mark();
    if (this.#content.compactionDue && !this.#alarms.has("compact")) {
      this.#alarms.at("compact", this.#host.now());
      this.#setAlarm();
    }
    return sections.size > 0;
  }

  #tell(group: Group, sections: Sections): void {
    const { seq } = this.#content;
    for (const [connection, secrets] of this.#content.game?.secrets(this.connections.open()) ?? []) {
      const frame = new Frame();
      frame.add(DOWN.secrets, secrets);
      if (this.connections.tell(connection, frame.bytes(), "durable", this.#host.now(), seq - 1))
        this.#attachments.save(connection);
    }
    for (const [asker, answers] of group.answers) answer(asker, this.#content.game?.publicSeq ?? 0, answers);
    const frame = new RoomFrame();
    for (const part of this.#parts()) part.durable?.(frame);
    if (!frame.empty || frame.stock.length > 0) this.#broadcast(frame, "durable");
    for (const [connection, frames] of group.behind)
      for (const [kind, make] of frames)
        if (connection.stage === "open") connection.socket.send(make());
        else connection.heldFrames.set(kind, make);
    const loaded = this.#load();
    this.#keepTimers(loaded);
    if (loaded.kind === "open") this.#reception.serve(group.joiners, loaded.birth);
    else for (const connection of group.joiners) this.#close(connection, 4500, "the room cannot be read from storage");
    if (loaded.document && sections.has(loaded.document.section)) this.#keepVersion(false);
  }

  /** Runs what is due of the game's timers, in a row of its own: only with that are they gone. */
  #ring(): void {
    const now = this.#host.now();
    const isDue = (): boolean => (this.#agenda.get(TIMERS) ?? Infinity) <= now;
    if (!isDue() || now < this.#ringAgainAt) return;
    this.#load().game?.ring();
    this.#beat.flush();
    // Storage did not take it, or the room cannot be read: for who knows how long.
    this.#ringAgainMs = isDue() ? Math.min(RING_AGAIN_MS.most, (this.#ringAgainMs || RING_AGAIN_MS.first / 2) * 2) : 0;
    this.#ringAgainAt = now + this.#ringAgainMs;
  }

  /** When the game's first timer is due is written with the row that set it: the object may be gone by then. */
  #keepTimers({ game }: Loaded): void {
    if (!game || this.#agenda.get(TIMERS) === game.due) return;
    this.#agenda.set(TIMERS, game.due);
    this.#setAlarm();
  }

  /** Keeps a version of the document, if it is time. The open group must be closed. */
  #keepVersion(empty: boolean): void {
    try {
      this.document.keepWhenDue(empty);
    } catch (error) {
      this.#host.log("error", "no version could be kept", error); // it is tried again with the next change
    }
  }

  /** One step of taking a snapshot, and when the next is due. */
  #compact(): void {
    this.#load();
    this.#beat.flush(); // a snapshot is of a row, not of what is still open
    const now = this.#host.now();
    const later = this.#compaction.waits(
      this.connections.has(({ stage }) => stage === "loading"),
      now,
    );
    if (later !== undefined) return this.#alarms.at("compact", later);
    try {
      this.#content.compact();
      this.#alarms.at("compact", this.#content.compactionDue ? now : undefined);
      if (!this.#content.compactionDue) this.#compaction.done();
    } catch (error) {
      this.#host.log("error", "no snapshot could be cut; it is tried again later", error); // the rows are all there
      this.#alarms.at("compact", this.#compaction.failed(now));
    }
  }

  #parts(): RoomPart[] {
    const { game, document } = this.#content;
    return [this.#presence, this.#events, this.#awareness, game, document].filter((part) => part !== undefined);
  }

  #announce(event: GameEvent): void {
    const { event: hook } = this.#hooks;
    if (!hook) return;
    this.#host.store
      .settled()
      .then(() => hook(event))
      .catch((error: unknown) => this.#host.log("error", "an event was not durable, or who was told of it threw", error));
  }

  // ---- what is stored

  /** The content, read when it is first needed: then it is also known who has left without a word. */
  #load(): Loaded {
    const known = this.#content.known;
    const loaded = this.#content.load();
    const { document } = loaded;
    // Who points somewhere in it has claimed a client id, though maybe in no row.
    if (!known && document)
      for (const [client, { me, facts }] of this.#awareness.clients())
        if (this.#content.sessions.has(me, facts.user.id)) document.claim(client, me);
    if (!known) this.#keepTimers(loaded);
    if (!known) for (const me of loaded.game?.present ?? []) if (!this.#leaving.has(me)) this.#leaveUnlessHere(me);
    return loaded;
  }

  /** Memory is not to be believed any more: what is needed of it is read again. */
  #forget(): void {
    this.#group = undefined;
    this.#content.forget();
    this.#agenda.forget();
    this.#reception.forget();
    this.document.forget();
  }

  /** The open group could not be stored: it never happened. Memory goes back to storage, and who waits is told. */
  #failed(group: Group | undefined, error: unknown): void {
    this.#host.log("error", "a group could not be stored", error);
    this.#forget();
    this.#life = this.#host.random();
    this.#newLife = true;
    this.#askStock = true;
    this.#beat.mark();
    this.#giveUp(group, "unavailable", "the change could not be stored");
    for (const connection of group?.joiners ?? []) this.#close(connection, 4500, "the room could not be stored");
  }

  /** A group that never happened: who waits for an answer, or for its row, is told why. */
  #giveUp(group: Group | undefined, code: "unavailable" | "not-found", reason: string): void {
    for (const [asker, answers] of group?.answers ?? [])
      if (typeof asker === "function") asker({ number: 0, seq: 0, answer: { kind: "broke", code } });
      else if (asker.stage !== "gone") this.#refuse(asker, Math.min(...answers.keys()), code, reason);
    for (const { reject } of group?.waiting ?? []) reject(new Refusal(code, reason));
  }

  /** Storage took a row and lost it. What was said of it the platform has held back; nobody can go on from here. */
  #lost(error: unknown): void {
    this.#failed(this.#group, error);
    this.#closeAll(4500, "the room could not be stored");
  }
}

function answer(asker: Asker, after: number, byNumber: ReadonlyMap<number, NumberedAnswer>): void {
  const answers = [...byNumber.values()];
  if (typeof asker === "function") return answers.forEach(asker);
  if (asker.stage === "gone") return;
  if (asker.stage === "open") sendAnswers(asker, after, answers);
  else asker.heldAnswers = [...asker.heldAnswers, ...answers].slice(-KEPT_ANSWERS);
}
