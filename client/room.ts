/** A room on the client: its connection and its parts, behind the names an app uses. */
import * as decoding from "lib0/decoding";
import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";
import type { GameEvent } from "../shared/game/run.ts";
import { closeName } from "../shared/protocol/close-code.ts";
import type { Down } from "../shared/protocol/down.ts";
import { writePace } from "../shared/protocol/flow.ts";
import { encode, Frame, frameOf } from "../shared/protocol/frame.ts";
import { writeHello, type Welcome } from "../shared/protocol/hello.ts";
import { HIDDEN_PACE_MS, PING_EVERY_MS, UP_FRAME_MS } from "../shared/protocol/limits.ts";
import { UP } from "../shared/protocol/up.ts";
import { PROTOCOL_VERSION } from "../shared/protocol/version.ts";
import type { AnyRoom } from "../shared/room/define-room.ts";
import { RoomError } from "../shared/room/room-error.ts";
import type { Diagnostics, Room, Status, Sync } from "./api.ts";
import { Connection, type AuthReason, type ConnectionState } from "./connection.ts";
import type { Environment } from "./environment.ts";
import { Inbox } from "./inbox.ts";
import type { DocumentClient, DocumentHost } from "./parts/document.ts";
import { GameClient } from "./parts/game.ts";
import { PeopleClient, type AnyPeer } from "./parts/people.ts";
import type { ActingPage, Kept, KeptActions, Offline } from "./offline/offline.ts";
import type { Versions, VersionsHost } from "./versions.ts";
import { Refresh } from "./refresh.ts";
import { Timeline } from "./timeline.ts";
import { Uplink } from "./uplink.ts";

export interface RoomInit {
  readonly url: string;
  readonly token: (reason: AuthReason, signal: AbortSignal) => Promise<string>;
  readonly presence: object;
  /** The parameters to create the room with. */
  readonly create: unknown;
  /** Whether it connects by itself. */
  readonly connect: boolean;
  readonly environment: Environment;
  /** Makes the document's part: not given where the SDK is used without yjs. */
  readonly documents?: (host: DocumentHost, http: VersionsHost) => DocumentClient;
  readonly offline?: Offline;
  readonly warnOnUnsaved: boolean;
}

export function openRoom<D extends AnyRoom>(definition: D, id: string, init: RoomInit): Room<D> {
  if (definition.document && !init.documents)
    throw new RoomError("unsupported", {
      reason: `${definition.name} is a room with a document: join it with the client of coterie/client`,
    });
  return new ClientRoom(definition, id, init) as unknown as Room<D>;
}

/** How long leaving waits for what is not saved, in ms. */
const LEAVE_WITHIN_MS = 10_000;

/** The implementation, without the types that the definition gives. */
class ClientRoom {
  readonly id: string;
  readonly ready: Promise<void>;
  readonly #definition: AnyRoom;
  readonly #environment: Environment;
  readonly #connection: Connection;
  /** The room's address over HTTP. */
  readonly #http: string;
  readonly #uplink: Uplink;
  readonly #people: PeopleClient;
  readonly #game: GameClient | undefined;
  readonly #document: DocumentClient | undefined;
  readonly #create: Uint8Array | null;
  readonly #timeline: Timeline;
  readonly #refresh: Refresh;
  /** The one that the socket was opened with, or that has taken its place. */
  #token = "";
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();
  #session: string;
  #welcome: Welcome | undefined;
  #clockOffset = 0;
  #status: Status = "connecting";
  #sync: Sync = { state: "offline", pending: 0 };
  #destroyed = false;
  /** What this page holds is not to be believed: the room is asked for all of it. */
  #anew = false;
  readonly #inbox = new Inbox({
    message: (message) => this.#receive(message),
    acknowledge: (frame) => this.#connection.send(frame),
  });
  /** How often the room will hear of this page, and what it was told of that, in ms. */
  #paceMs = PING_EVERY_MS;
  #toldPaceMs = PING_EVERY_MS;
  /** Undefined before the first connect. */
  #unwatch: (() => void) | undefined;
  readonly #offline: Offline | undefined;
  readonly #page: ActingPage | undefined;
  #kept: Kept | undefined;
  #actions: KeptActions | undefined;
  readonly #warns: boolean;
  /** Set while the browser is to ask before the page is closed. */
  #stopAsking: (() => void) | undefined;
  /** What was kept is being read: it connects behind that, if it is still wanted. */
  #opening = false;
  #wanted = true;
  #settleReady: { resolve(): void; reject(error: RoomError): void };

  constructor(definition: AnyRoom, id: string, init: RoomInit) {
    const { url, token, presence, create, environment, documents } = init;
    this.id = id;
    this.#definition = definition;
    this.#environment = environment;
    this.#warns = init.warnOnUnsaved;
    this.#http = url.replace(/^ws/, "http");
    this.#session = environment.uuid();
    this.#timeline = new Timeline(() => environment.now());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // who does not wait for `ready` hears of it by "error"
    this.ready = promise;
    this.#settleReady = { resolve, reject };
    const params = definition.game?.["~rules"].params;
    this.#create =
      create === undefined
        ? null
        : params
          ? encode((to) => params.write(to, params.check(create, ["create"])))
          : new Uint8Array();
    const host = {
      me: () => this.#welcome?.me ?? 0,
      session: () => this.#session,
      serverNow: () => this.serverNow(),
      now: () => environment.now(),
      after: (ms: number, run: () => void) => environment.after(ms, run),
      flush: (inMs?: number) => this.#uplink.flush(inMs),
      changed: () => this.#changed(),
      people: () => this.#emit("others", this.others),
      heard: (event: unknown) => this.#emit("event", event),
      event: (event: GameEvent) => this.#emit("event", { ...event, from: "room" }),
      error: (error: RoomError) => this.#emit("error", error),
      resync: () => this.#resync(),
      drifted: () => {
        host.error(new RoomError("drifted"));
        this.#resync();
      },
      newSession: () => {
        this.#timeline.note("the room no longer knows the session: another begins");
        this.#session = environment.uuid();
        this.#connection.restart();
      },
    };
    this.#people = new PeopleClient(definition, presence, host);
    this.#game = definition.game && new GameClient(definition.game, host);
    if (definition.document && documents) {
      const tokenNow = async (): Promise<string> =>
        this.#hasToken ? this.#token : token("connect", new AbortController().signal);
      const http = { url: this.#http, environment, token: tokenNow };
      this.#document = documents(host, http);
    }
    this.#refresh = new Refresh(environment, {
      now: () => this.serverNow(),
      token: (signal) => token("refresh", signal),
      hand: (fresh, signal) => this.#handToken(`${this.#http}/refresh`, fresh, signal),
      failed: (error) => this.#timeline.note(`the token could not be refreshed: ${String(error)}`),
    });
    this.#connection = new Connection(
      url,
      async (reason, signal) => {
        this.#token = await token(reason, signal);
        await this.#actions?.meet(this.#token);
        return this.#token;
      },
      {
        greet: () => this.#greet(),
        received: (frame) => this.#received(frame),
        changed: (state) => this.#moved(state),
        beat: () => this.#changed(),
      },
      environment,
    );
    this.#uplink = new Uplink(environment, () => this.#send());
    this.#offline = init.offline;
    const { game } = definition;
    this.#page = game && {
      ...host,
      game,
      outbox: this.#game!.outbox,
      speakAs: (session = environment.uuid()) => {
        this.#session = session;
        this.#connection.restart();
      },
    };
    if (init.connect) this.connect();
  }

  /** The first connect: until then nothing has been listened to, so that a room that never connects is simply forgotten. */
  #start(): void {
    this.#unwatch = this.#environment.onHidden((hidden) => {
      this.#paceMs = hidden ? HIDDEN_PACE_MS : PING_EVERY_MS;
      this.#uplink.flush();
    });
    if (this.#offline) {
      this.#opening = true;
      void this.#open(this.#offline);
    } else this.#connection.connect();
  }

  /** Shows what was kept, and connects then: the room is told what it lacks, not what it has. */
  async #open(offline: Offline): Promise<void> {
    const name = `${this.#definition.name}/${this.id}`;
    [this.#kept, this.#actions] = await Promise.all([
      this.#document && offline.open(name, this.#document),
      this.#page && offline.actions(name, this.#page),
    ]);
    if (this.#destroyed) this.#close();
    else if (this.#wanted) this.#connection.connect();
    this.#opening = false;
  }

  #close(): void {
    void this.#kept?.close();
    this.#actions?.close();
  }

  // ---- what an app reads

  get status(): Status {
    return this.#status;
  }
  get sync(): Sync {
    return this.#sync;
  }
  get rtt(): number | undefined {
    return this.#connection.rtt;
  }
  get self(): AnyPeer | null {
    return this.#people.self;
  }
  get others(): readonly AnyPeer[] {
    return this.#people.others;
  }
  get state(): unknown {
    return this.#game?.state;
  }
  get confirmed(): unknown {
    return this.#game?.confirmed;
  }
  get params(): unknown {
    return this.#game?.params;
  }
  get doc(): Doc | undefined {
    return this.#document?.doc;
  }
  get awareness(): Awareness | undefined {
    return this.#document?.awareness;
  }
  get versions(): Versions | undefined {
    return this.#document?.versions;
  }
  get motion(): GameClient["motion"] | undefined {
    return this.#game?.motion;
  }
  get do(): GameClient["do"] | undefined {
    return this.#game?.do;
  }
  serverNow(): number {
    return this.#environment.now() + this.#clockOffset;
  }

  diagnostics(): Diagnostics {
    return {
      room: `${this.#definition.name}/${this.id}`,
      protocol: PROTOCOL_VERSION,
      user: this.#welcome?.user.id,
      status: this.#status,
      sync: this.#sync,
      seq: this.#seq,
      rttMs: this.rtt,
      clockOffsetMs: this.#clockOffset,
      traffic: structuredClone(this.#connection.traffic),
      timeline: this.#timeline.toJSON(),
    };
  }
  get #seq(): number {
    return Math.max(this.#game?.seq ?? 0, this.#document?.seq ?? 0);
  }

  // ---- what an app does

  setPresence(patch: object): void {
    this.#people.setPresence(patch);
  }
  broadcast(type: string, data: unknown): void {
    this.#people.broadcast(type, data);
  }
  isRejection(error: unknown): boolean {
    return error instanceof RoomError && (this.#definition.game?.["~rules"].codes.includes(error.code) ?? false);
  }

  subscribe(select: (state: unknown) => unknown, changed: (value: unknown) => void): () => void {
    let last = select(this.state);
    return this.on("frame", () => {
      const next = select(this.state);
      if (Object.is(last, next)) return;
      last = next;
      changed(next);
    });
  }

  on(type: string, listener: (payload: never) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  connect(): void {
    if (this.#destroyed) throw new RoomError("destroyed");
    this.#wanted = true;
    if (!this.#unwatch) this.#start();
    else if (!this.#opening) this.#connection.connect();
  }

  disconnect(): void {
    this.#wanted = false;
    this.#connection.disconnect();
    this.#changed();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#wanted = false;
    this.#unwatch?.();
    this.#connection.disconnect();
    this.#actions?.leave();
    this.#game?.abandon("destroyed");
    this.#document?.destroy();
    this.#close();
    this.#settleReady.reject(new RoomError("destroyed"));
    this.#changed();
    this.#listeners.clear();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const look = (): void => void (this.#sync.pending === 0 && resolve());
    const unwatch = [this.on("sync", look), this.#environment.after(LEAVE_WITHIN_MS, resolve)];
    look();
    await over;
    for (const each of unwatch) each();
    this.destroy();
  }

  // ---- the connection

  #greet(): Uint8Array {
    this.#inbox.again();
    this.#toldPaceMs = PING_EVERY_MS;
    return frameOf(
      UP.hello,
      writeHello({
        protocol: PROTOCOL_VERSION,
        gameVersion: this.#definition.game?.version ?? 0,
        session: this.#session,
        seq: this.#anew ? 0 : this.#seq,
        epoch: this.#welcome?.epoch ?? 0,
        presence: this.#people.greet(),
        create: this.#create,
      }),
    );
  }

  #received(bytes: Uint8Array): void {
    try {
      this.#inbox.take(bytes);
    } catch (error) {
      // What cannot be read may have been read in part: nothing that is shown can be trusted any more.
      this.#emit(
        "error",
        new RoomError("internal", {
          reason: `a frame could not be read: ${error instanceof Error ? error.message : String(error)}`,
        }),
      );
      this.#resync();
    }
    this.#game?.settled();
    this.#people.settled();
    this.#changed();
  }

  #receive(message: Down): void {
    if (message.kind === "pace") this.#uplink.everyMs = Math.max(UP_FRAME_MS, message.everyMs);
    else if (message.kind === "welcome") this.#welcomed(message);
    else if (message.kind === "life") this.#newLife();
    else if (
      !this.#document?.receive(message) && // first: it knows a refused edit from a refused action
      !this.#game?.receive(message) &&
      !this.#people.receive(message) &&
      message.kind === "fault"
    )
      this.#emit("error", new RoomError(message.code, { reason: message.message }));
  }

  #welcomed(welcome: Welcome): void {
    // Text of a room's former life, merged into its new one, would be nobody's: the page has to begin anew as well.
    const epoch = this.#welcome?.epoch ?? this.#kept?.epoch ?? 0;
    if (this.#document && epoch !== 0 && epoch !== welcome.epoch) {
      void this.#kept?.clear();
      return this.#connection.stop(4404, "the room was deleted and made anew: reload the page");
    }
    if (epoch === 0) void this.#kept?.keepEpoch(welcome.epoch);
    if (this.#welcome && this.#welcome.user.id !== welcome.user.id) this.#document?.rename();
    this.#welcome = welcome;
    this.#actions?.welcome(welcome.epoch);
    this.#timeline.note(
      `welcome: connection ${welcome.connection}, life ${welcome.life}, ${welcome.resumed ? `resumed from row ${this.#seq}` : "the whole state comes"}`,
    );
    this.#uplink.everyMs = UP_FRAME_MS; // a room that asks for less says so behind this
    this.#anew = false;
    this.#clockOffset = welcome.now - this.#environment.now();
    this.#people.welcome(welcome);
    if (this.#game) {
      const type = this.#definition.game?.["~rules"].params;
      this.#game.params = type?.read(decoding.createDecoder(welcome.params));
      this.#game.newLife();
      // A welcome on a socket that was open (the room has let it catch up) loses nothing that is under way.
      if (this.#connection.state.kind !== "open") this.#game.again();
    }
    if (this.#connection.state.kind !== "open") this.#document?.again();
    else if (!welcome.resumed) this.#document?.anew();
    this.#connection.welcomed();
    this.#refresh.start(this.#token);
  }

  /** The socket has one that is good: the app is not asked for another beside it. */
  get #hasToken(): boolean {
    return ["opening", "greeting", "open"].includes(this.#connection.state.kind);
  }

  /** A token that allows something else, or that the room does not take, ends the old way: by a close of the socket. */
  async #handToken(url: string, token: string, signal: AbortSignal): Promise<boolean> {
    const response = await this.#environment.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ connection: this.#welcome?.connection }),
      signal,
    });
    if (response.status >= 500 || response.status === 429) throw new Error(`the room answered ${response.status}`);
    this.#timeline.note(`the token was refreshed: the room answered ${response.status}`);
    if (response.ok) this.#token = token;
    return response.ok;
  }

  #newLife(): void {
    this.#timeline.note("the room's object is new");
    this.#uplink.everyMs = UP_FRAME_MS; // what it asks for is said behind this
    this.#game?.newLife();
    this.#people.newLife();
    this.#document?.newLife();
  }

  /** The client has missed something: it comes anew and takes the whole state. */
  #resync(): void {
    this.#timeline.note("the state is taken anew");
    this.#anew = true;
    if (this.#game) this.#game.seq = 0;
    this.#connection.restart();
  }

  #send(): boolean {
    if (this.#connection.state.kind !== "open") return false; // the welcome flushes
    const frame = new Frame();
    if (this.#paceMs !== this.#toldPaceMs) frame.add(UP.pace, writePace((this.#toldPaceMs = this.#paceMs)));
    this.#game?.send(frame);
    this.#people.send(frame);
    this.#document?.send(frame);
    if (!frame.empty) this.#connection.send(frame.bytes());
    return !frame.empty;
  }

  #moved(state: ConnectionState): void {
    this.#timeline.note(
      state.kind === "waiting"
        ? `waiting ${Math.round(state.retryInMs)} ms: ${state.code || "no close"} ${state.reason}`
        : state.kind === "stopped"
          ? `stopped: ${state.code} ${state.reason}`
          : state.kind,
    );
    if (state.kind === "open") {
      this.#uplink.flush();
      // The welcome comes first, the state right behind it: ready means both are here.
      if (!this.#game && !this.#document) this.#settleReady.resolve();
    }
    if (state.kind !== "open") this.#refresh.stop();
    if (state.kind === "waiting" || state.kind === "idle") this.#document?.away();
    // Another user has written under this client id: what this page has made under it is never taken.
    if (state.kind === "waiting" && state.code === 4532 && this.#document) {
      void this.#kept?.clear(); // or every page that opens it would be refused
      return this.#connection.stop(4532, "what was written here as another user is not taken");
    }
    // Full when it was first come to: the connection waits for a place, slowly, but who waits for `ready` may go elsewhere.
    if (state.kind === "waiting" && state.code === 4531 && !this.#connection.everOpen) {
      const error = new RoomError(closeName(4531), { reason: state.reason });
      this.#settleReady.reject(error);
      this.#emit("error", error);
    }
    if (state.kind === "stopped") {
      const error = new RoomError(closeName(state.code), { reason: state.reason, unsaved: this.#document?.unsaved });
      this.#game?.abandon(this.#actions?.leave() ? "unanswered" : "disconnected");
      this.#session = this.#environment.uuid(); // what was given up may have run: its numbers must not be used again
      this.#settleReady.reject(error);
      this.#emit("error", error);
    }
    this.#changed();
  }

  // ---- telling the app

  #changed(): void {
    this.#actions?.changed();
    const pending = (this.#game?.pending ?? 0) + (this.#document?.pending ?? 0);
    // For its first `connect`, or for what was kept.
    const waits = (!this.#unwatch && !this.#destroyed) || (this.#opening && this.#wanted);
    const status = waits ? "connecting" : statusOf(this.#connection.state, this.#connection.everOpen);
    if (status !== this.#status) {
      this.#status = status;
      this.#emit("status", status);
    }
    const state = status !== "connected" ? "offline" : pending > 0 ? "saving" : "saved";
    if (state !== this.#sync.state || pending !== this.#sync.pending) {
      this.#sync = { state, pending };
      this.#emit("sync", this.#sync);
    }
    if (this.#warns && this.#isAtRisk) this.#stopAsking ??= this.#environment.askBeforeLeaving();
    else {
      this.#stopAsking?.(); // a listener at rest would keep the page out of the browser's back and forward cache
      this.#stopAsking = undefined;
    }
    const parts = [this.#game, this.#document].filter((part) => part !== undefined);
    if (parts.length > 0 && parts.every(({ loaded }) => loaded)) this.#settleReady.resolve();
    this.#emit("frame", undefined);
  }

  /** Something is neither saved nor kept for later. */
  get #isAtRisk(): boolean {
    if (this.#destroyed) return false;
    const isDocument = !!this.#document?.pending && !this.#kept?.isKept;
    return isDocument || !!this.#game?.outbox.pending.some(({ kept }) => kept === undefined);
  }

  /** Returns whether anybody listens. */
  #emit(type: string, payload: unknown): boolean {
    if (type === "error") this.#timeline.note(`error: ${String(payload)}`);
    const listeners = this.#listeners.get(type);
    for (const listener of listeners ?? [])
      try {
        listener(payload as never);
      } catch (error) {
        console.error(error); // the page's mistake: it must not keep the room, or another listener, from hearing
      }
    return !!listeners?.size;
  }
}

function statusOf(state: ConnectionState, everOpen: boolean): Status {
  if (state.kind === "open") return "connected";
  if (state.kind === "idle" || state.kind === "stopped") return "disconnected";
  return everOpen ? "reconnecting" : "connecting";
}
