/** Who is here, what they show and what they say: `self`, `others`, presence and events. */
import type { Down } from "../../shared/protocol/down.ts";
import { encode, Frame } from "../../shared/protocol/frame.ts";
import type { Welcome } from "../../shared/protocol/hello.ts";
import { writeEventUp } from "../../shared/protocol/people.ts";
import type { User } from "../../shared/protocol/user.ts";
import { UP } from "../../shared/protocol/up.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { RoomError } from "../../shared/room/room-error.ts";
import { describe, type Wire } from "../../shared/schema/wire.ts";
import type { ClientHost, ClientPart } from "./part.ts";

export interface AnyPeer {
  readonly id: number;
  readonly user: User;
  readonly presence: unknown;
  readonly connections: number;
}

export interface PeopleHost extends ClientHost {
  people(): void;
  heard(event: { type: string; data: unknown; from: number }): void;
}

interface Open {
  readonly me: number;
  readonly user: AnyPeer["user"];
  presence: unknown;
  /** When it last said something: of a user with several, the latest is shown. */
  order: number;
}

/** Events that may wait for the connection; more are refused. */
const MAX_WAITING_EVENTS = 64;
/** A presence changed within this time before the room's object began anew may not have been saved: it is said again, in ms. */
const MAYBE_UNSAVED_MS = 10_000;

export class PeopleClient implements ClientPart {
  self: AnyPeer | null = null;
  others: readonly AnyPeer[] = [];
  readonly #definition: AnyRoom;
  readonly #host: PeopleHost;
  readonly #events: readonly [string, Wire<unknown>][];
  readonly #open = new Map<number, Open>();
  #presence: Record<string, unknown>;
  #welcome: Welcome | undefined;
  #unsent = 0;
  #changedAt = -Infinity;
  #waiting: Uint8Array[] = [];
  #order = 0;
  #moved = false;

  constructor(definition: AnyRoom, presence: object, host: PeopleHost) {
    this.#definition = definition;
    this.#host = host;
    this.#events = Object.entries(definition.events);
    this.#presence = definition.presence.type.check(presence);
    definition.presence.bytes(this.#presence); // throws when it is too long
  }

  /** One's own presence, whole: the greeting says it, and what changes from then on is yet to be said. */
  greet(): Uint8Array {
    this.#unsent = 0;
    return this.#definition.presence.bytes(this.#presence);
  }

  welcome(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#open.clear();
    this.#moved = true;
  }

  setPresence(patch: object): void {
    const { mask, values } = this.#definition.presence.patch(patch);
    const next = { ...this.#presence, ...values };
    this.#definition.presence.bytes(next); // throws when it is too long
    this.#presence = next;
    this.#unsent |= mask;
    this.#changedAt = this.#host.now();
    this.#refresh();
    this.#host.flush();
    this.#host.changed();
  }

  broadcast(type: string, data: unknown): void {
    const index = this.#events.findIndex(([name]) => name === type);
    if (index === -1)
      throw new RoomError("unknown-action", {
        reason: `event ${describe(type)}, expected one of ${this.#events.map(([name]) => name).join(", ")}`,
      });
    if (this.#waiting.length >= MAX_WAITING_EVENTS)
      throw new RoomError("overloaded", { reason: `more than ${MAX_WAITING_EVENTS} events wait to be sent` });
    const wire = this.#events[index]![1];
    const checked = wire.check(data, [type]);
    const event = writeEventUp(
      index,
      encode((to) => wire.write(to, checked)),
    );
    if (!new Frame().fits(event.length))
      throw new RoomError("bad-input", { reason: `event ${type}: ${event.length} bytes do not fit a frame` });
    this.#waiting.push(event);
    this.#host.flush();
  }

  receive(message: Down): boolean {
    switch (message.kind) {
      case "peer":
        this.#open.set(message.connection, {
          me: message.me,
          user: message.user,
          presence: this.#definition.presence.from(message.presence),
          order: this.#order++,
        });
        break;
      case "left":
        this.#open.delete(message.connection);
        break;
      case "presence": {
        const open = this.#open.get(message.connection);
        if (!open) return true;
        open.presence = this.#definition.presence.readChange(message.fields, open.presence).presence;
        open.order = this.#order++;
        break;
      }
      case "event": {
        const declared = this.#events[message.event];
        if (declared) this.#host.heard({ type: declared[0], data: declared[1].read(message.data), from: message.from });
        return true;
      }
      default:
        return false;
    }
    this.#moved = true;
    return true;
  }

  settled(): void {
    if (!this.#moved) return;
    this.#moved = false;
    this.#refresh();
    this.#host.people();
  }

  /** The room's object began anew: what it may not have saved is said again. */
  newLife(): void {
    if (this.#host.now() - this.#changedAt > MAYBE_UNSAVED_MS) return;
    this.#unsent = this.#definition.presence.patch(this.#presence).mask;
    this.#host.flush();
  }

  send(frame: Frame): void {
    if (this.#unsent !== 0) {
      const change = encode((to) => this.#definition.presence.writeChange(to, this.#unsent, this.#presence));
      if (!frame.fits(change.length)) return this.#host.flush();
      frame.add(UP.presence, change);
      this.#unsent = 0;
    }
    while (this.#waiting.length > 0) {
      if (!frame.fits(this.#waiting[0]!.length)) return this.#host.flush();
      frame.add(UP.event, this.#waiting.shift()!);
    }
  }

  /** One peer a user, whatever the number of tabs; peers that did not change keep their identity. */
  #refresh(): void {
    if (!this.#welcome) return;
    const { user, me, connection } = this.#welcome;
    const users = new Map<string, Open & { connections: number }>();
    let own = 1;
    for (const [id, open] of this.#open) {
      if (id === connection) continue;
      if (open.user.id === user.id) {
        own++;
        continue;
      }
      const known = users.get(open.user.id);
      const latest = known && known.order > open.order ? known : open;
      users.set(open.user.id, { ...latest, connections: (known?.connections ?? 0) + 1 });
    }
    const before = new Map(this.others.map((peer) => [peer.user.id, peer]));
    this.self = same(this.self, { id: me, user, presence: this.#presence, connections: own });
    const others = [...users.values()]
      .sort((a, b) => a.me - b.me || (a.user.id < b.user.id ? -1 : 1))
      .map(({ me: id, user: other, presence, connections }) =>
        same(before.get(other.id) ?? null, { id, user: other, presence, connections }),
      );
    if (others.length !== this.others.length || others.some((peer, index) => peer !== this.others[index])) this.others = others;
  }
}

function same(before: AnyPeer | null, now: AnyPeer): AnyPeer {
  const unchanged =
    before &&
    before.id === now.id &&
    before.presence === now.presence &&
    before.connections === now.connections &&
    before.user.id === now.user.id &&
    before.user.name === now.user.name;
  return unchanged ? before : now;
}
