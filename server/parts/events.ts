/** What people in the room tell each other: the declared events, shown at once with their sender, never stored. */
import { DOWN } from "../../shared/protocol/down.ts";
import { encode, type Frame } from "../../shared/protocol/frame.ts";
import { writeEventDown } from "../../shared/protocol/people.ts";
import type { Shape } from "../../shared/schema/compose.ts";
import type { Wire } from "../../shared/schema/wire.ts";
import type { Connection } from "../room/connections.ts";
import { Refusal, type PartHost, type PartMessage, type RoomPart } from "./part.ts";

/** More than this many in one beat, and the sender is told to slow down: what waits to be shown has a bound. */
const MAX_PER_BEAT = 256;

export class EventsPart implements RoomPart {
  readonly #names: readonly string[];
  readonly #types: readonly Wire<unknown>[];
  readonly #host: PartHost;
  #waiting: Uint8Array[] = [];

  constructor(events: Shape, host: PartHost) {
    this.#names = Object.keys(events);
    this.#types = Object.values(events);
    this.#host = host;
  }

  receive(connection: Connection, message: PartMessage): boolean {
    if (message.kind !== "event") return false;
    if (!connection.facts.scopes.includes("presence")) throw new Refusal("forbidden", "the token does not allow events");
    if (connection.me === 0) throw new Refusal("forbidden", "those who only watch have no name to speak under");
    const type = this.#types[message.event];
    if (!type) throw new Refusal("unknown-action", `event ${message.event}, expected 0 to ${this.#types.length - 1}`);
    this.#tell(connection.me, message.event, type.read(message.data));
    return true;
  }

  /** Shows an event of the room's own code with the next beat. Throws Refusal and WireError. */
  tell(type: string, data: unknown): void {
    const event = this.#names.indexOf(type);
    if (event === -1) throw new Refusal("unknown-action", `event ${type}, expected one of ${this.#names.join(", ")}`);
    this.#tell(0, event, this.#types[event]!.check(data, [type]));
  }

  #tell(from: number, event: number, data: unknown): void {
    if (this.#waiting.length >= MAX_PER_BEAT) throw new Refusal("rate-limited", `more than ${MAX_PER_BEAT} events in one beat`);
    this.#waiting.push(
      writeEventDown(
        from,
        event,
        encode((to) => this.#types[event]!.write(to, data)),
      ),
    );
    this.#host.mark();
  }

  volatile(frame: Frame): void {
    for (const event of this.#waiting) frame.add(DOWN.event, event);
    this.#waiting = [];
  }
}
