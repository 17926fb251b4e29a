/**
 * Who is here and what they show. The people are the open sockets, their identity is the token's; each says of itself
 * only what the declared presence allows. Never journaled: it lies in memory and in the sockets' attachments.
 */
import * as encoding from "lib0/encoding";
import { DOWN } from "../../shared/protocol/down.ts";
import { encode, type Frame } from "../../shared/protocol/frame.ts";
import { writeLeft, writePeer } from "../../shared/protocol/people.ts";
import type { PresenceType } from "../../shared/room/presence-type.ts";
import type { Connection } from "../room/connections.ts";
import { Refusal, type PartHost, type PartMessage, type RoomPart } from "./part.ts";

export class PresencePart implements RoomPart {
  readonly #type: PresenceType<unknown>;
  readonly #host: PartHost;
  /** What the next volatile frame has to say. */
  #came: Connection[] = [];
  #went: number[] = [];
  readonly #changed = new Map<Connection, number>();

  constructor(type: PresenceType<unknown>, host: PartHost) {
    this.#type = type;
    this.#host = host;
  }

  joined(connection: Connection): void {
    this.#came.push(connection);
    this.#host.mark();
  }

  left(connection: Connection): void {
    this.#came = this.#came.filter((each) => each !== connection);
    this.#changed.delete(connection);
    this.#went.push(connection.id);
    this.#host.mark();
  }

  receive(connection: Connection, message: PartMessage): boolean {
    if (message.kind !== "presence") return false;
    if (!connection.facts.scopes.includes("presence")) throw new Refusal("forbidden", "the token does not allow presence");
    const { mask, presence } = this.#type.readChange(message.fields, connection.presence);
    this.#type.bytes(presence); // throws when it is too long
    connection.presence = presence;
    this.#changed.set(connection, (this.#changed.get(connection) ?? 0) | mask);
    this.#host.mark();
    return true;
  }

  volatile(frame: Frame): void {
    for (const id of this.#went) frame.add(DOWN.left, writeLeft(id));
    for (const connection of this.#came) frame.add(DOWN.peer, this.#peer(connection));
    for (const [connection, mask] of this.#changed)
      if (!this.#came.includes(connection))
        frame.add(
          DOWN.presence,
          encode((to) => {
            encoding.writeVarUint(to, connection.id);
            this.#type.writeChange(to, mask, connection.presence);
          }),
        );
    this.#went = [];
    this.#came = [];
    this.#changed.clear();
  }

  welcome(frame: Frame): void {
    for (const connection of this.#host.joined()) frame.add(DOWN.peer, this.#peer(connection));
  }

  #peer({ id, me, facts, presence }: Connection): Uint8Array {
    return writePeer({ connection: id, me, user: facts.user, presence: this.#type.bytes(presence) });
  }
}
