/**
 * How one who has a socket comes into the room, and how it goes. Who may not come in is closed by what is thrown here; who
 * comes in waits for the open group, and is then given the room (reception.ts).
 */
import { withRetryAfter, type CloseCode } from "../../shared/protocol/close-code.ts";
import type { Hello } from "../../shared/protocol/hello.ts";
import { MAX_PRESENCE_BYTES } from "../../shared/protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Birth } from "../storage/store.ts";
import type { Attachments } from "./attachments.ts";
import { Closing, type Connection, type Connections, type Facts } from "./connections.ts";
import type { Content } from "./content.ts";
import type { DocumentDesk } from "./document-desk.ts";
import type { LobbyDesk } from "./lobby-desk.ts";
import type { OpenGroup } from "./open-group.ts";
import type { Parts } from "./parts.ts";
import type { People } from "./people.ts";
import type { Rights } from "./rights.ts";
import type { Seats } from "./seats.ts";
import { HTTP_SESSION } from "./sessions.ts";

/** Who finds no place waits this long at the least before it comes back, in ms. */
const RETRY_AFTER_MS = 30_000;

export interface DoorHost {
  readonly definition: AnyRoom;
  readonly content: Content;
  readonly group: OpenGroup;
  readonly connections: Connections;
  readonly attachments: Attachments;
  readonly parts: Parts;
  readonly rights: Rights;
  readonly seats: Seats;
  readonly people: People;
  readonly lobbyDesk: LobbyDesk;
  readonly documentDesk: DocumentDesk;
  /** Who is here has changed. */
  changed(): void;
}

export class Door {
  readonly #host: DoorHost;

  constructor(host: DoorHost) {
    this.#host = host;
  }

  // ---- coming

  /** By our own protocol. */
  hello(connection: Connection, hello: Hello): void {
    const { definition, content, connections } = this.#host;
    const { game: declared, presence } = definition;
    const { scopes, user } = connection.facts;
    const version = declared?.version ?? 0;
    if (connection.stage !== "greeting") throw new Closing(4400, "hello came twice");
    if (hello.session.startsWith(HTTP_SESSION)) throw new Closing(4400, `a session that begins with ${HTTP_SESSION}`);
    if (hello.protocol !== PROTOCOL_VERSION) throw new Closing(4426, `protocol ${hello.protocol}, expected ${PROTOCOL_VERSION}`);
    if (hello.gameVersion !== version && !declared?.["~rules"].compatible.includes(hello.gameVersion))
      throw new Closing(4426, `rules of version ${hello.gameVersion}, expected ${version}`);
    if (hello.presence.length > MAX_PRESENCE_BYTES)
      throw new Closing(4413, `presence of ${hello.presence.length} bytes, expected at most ${MAX_PRESENCE_BYTES}`);
    const said: unknown = presence.from(hello.presence); // before anything is changed: it may throw
    const birth = this.#enter(connection.facts, hello.create);
    if (content.sessions.isOfAnother(hello.session, user.id)) throw new Closing(4403, "the session is another user's");
    for (const other of [...connections.joined()])
      if (other.session === hello.session && other.facts.user.id === user.id) this.close(other, 4409, "a newer socket took over");
    connection.session = hello.session;
    connection.resumeFrom = hello.epoch === birth.createdAt ? hello.seq : 0;
    this.#admit(connection, scopes.includes("presence") ? said : presence.type.zero);
  }

  /** By that of stock clients, who say nothing of themselves. */
  greet(connection: Connection): void {
    this.#enter(connection.facts, null);
    this.#admit(connection, this.#host.definition.presence.type.zero);
  }

  /** The room, for one who may come into it: as it is stored, or made now. */
  #enter(facts: Facts, params: Uint8Array | null): Birth {
    const { rights, content } = this.#host;
    if (rights.isRevoked(facts)) throw new Closing(4410, "the token was revoked");
    if (content.load().kind === "broken") content.forget(); // storage may have healed
    if (content.load().kind === "absent") this.#make(facts, params);
    const loaded = content.load();
    if (loaded.kind !== "open") throw new Closing(4500, "the room cannot be read from storage");
    return loaded.birth;
  }

  #make({ scopes, roomsPerUser }: Facts, params: Uint8Array | null): void {
    const { content, definition, lobbyDesk } = this.#host;
    // A room that was deleted is made anew by those who say so, not by whoever still has it open.
    const create = params ?? (content.wasDeleted || definition.game?.["~rules"].params ? null : new Uint8Array());
    if (!create) throw new Closing(4404, "not-found");
    if (!scopes.includes("create")) throw new Closing(4403, "the token does not allow creating rooms");
    content.create(create);
    if (roomsPerUser !== undefined) lobbyDesk.counted(true);
  }

  /** It is one of those in the room from now on, if there is a place. */
  #admit(connection: Connection, presence: unknown): void {
    const { content, connections, seats, people, group } = this.#host;
    const { scopes, user } = connection.facts;
    if (!seats.free(user.id, [...connections.joined()].length))
      throw new Closing(4531, withRetryAfter("the room is full", RETRY_AFTER_MS));
    seats.release(user.id);
    connection.presence = presence;
    connection.me = scopes.includes("write") ? content.sessions.me(user.id) : 0;
    group.join(connection);
    people.came(connection);
  }

  // ---- going

  close(connection: Connection, code: CloseCode, reason: string): void {
    if (connection.stage === "gone") return;
    const { id, facts, socket } = connection;
    socket.attach({ id, facts }); // whoever wakes before it has closed must not take it for one that is here
    socket.close(code, reason);
    this.left(connection);
  }

  closeAll(code: CloseCode, reason: string): void {
    for (const connection of [...this.#host.connections]) this.close(connection, code, reason);
  }

  /** Its socket is closed, by whomever. */
  left(connection: Connection): void {
    const { content, connections, attachments, parts, people } = this.#host;
    const { stage, me } = connection;
    const wasIn = stage !== "greeting";
    if (wasIn && me > 0) content.load(); // while its socket still says whose client id it shows
    connections.remove(connection);
    attachments.gone(connection);
    if (!wasIn) return;
    parts.presence.left(connection);
    parts.awareness.left(connection);
    if (me > 0) this.#writerLeft(connection);
    people.left(connection);
    this.#host.changed();
  }

  #writerLeft(connection: Connection): void {
    const { content, connections, definition, documentDesk } = this.#host;
    const loaded = content.load();
    loaded.game?.left(connection);
    loaded.document?.left(connection);
    if (definition.document && !connections.has(({ me }) => me > 0)) documentDesk.abandoned();
  }
}
