/** A socket of one's own making in a simulated room: what it was sent, and with which code it was closed. */
import type { Connection, Facts } from "../../server/room/connections.ts";
import type { Simulation } from "./simulation.ts";

export class Intruder {
  readonly sent: Uint8Array[] = [];
  closed: number | undefined;
  readonly #simulation: Simulation;
  readonly #connection: Connection;

  constructor(simulation: Simulation, facts: Partial<Facts> = {}) {
    this.#simulation = simulation;
    this.#connection = simulation.room.connect(
      {
        send: (frame) => void this.sent.push(frame),
        close: (code) => void (this.closed ??= code),
        attach: (it) => void structuredClone(it),
        heardAt: () => Infinity,
      },
      { user: { id: "eve" }, scopes: ["read", "presence", "write", "create"], expiresAt: Infinity, ...facts },
    );
  }

  says(frame: Uint8Array): this {
    this.#simulation.room.receive(this.#connection, frame);
    return this;
  }

  /** Its socket closes. */
  goes(): void {
    this.#simulation.room.closed(this.#connection);
  }
}
