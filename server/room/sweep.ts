/**
 * Closes the sockets that cannot stay: behind when the object slept, reading nothing, with a token that has ended, dead. It looks
 * when the room speaks, and whenever its alarm rings; while two or more are here, to whom it could matter, the alarm rings for this
 * alone.
 */
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import type { Task } from "./alarms.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Silence } from "./silence.ts";

/** A room that speaks looks this often, in ms. */
const LOOK_EVERY_MS = 1000;
/** Why a socket that was behind when the object slept has to come anew. */
export const STRANDED = "the room slept while this client was behind";

export interface SweepHost {
  readonly connections: Connections;
  readonly silence: Silence;
  /** How often the alarm has it looked, in ms. */
  readonly sweepMs: number;
  close(connection: Connection, code: CloseCode, reason: string): void;
}

export class Sweep implements Task {
  readonly #host: SweepHost;
  #lookedAt = 0;
  #due: number | undefined;

  constructor(host: SweepHost) {
    this.#host = host;
  }

  /** For every beat: now and then it looks. */
  glance(now: number): void {
    if (now - this.#lookedAt >= LOOK_EVERY_MS) this.look(now);
  }

  look(now: number): void {
    this.#lookedAt = now;
    const { connections, silence, close } = this.#host;
    for (const connection of [...connections.stranded()]) close(connection, 4503, STRANDED);
    for (const connection of [...connections.stuck(now)]) close(connection, 4530, "it read nothing for too long");
    for (const connection of [...connections.expired(now)]) close(connection, 4401, "the token has expired");
    for (const connection of silence.dead(now)) close(connection, 4508, "it went silent");
  }

  /** Alone, nobody is deceived by a dead socket. */
  due(now: number): number | undefined {
    if (this.#host.connections.size < 2) this.#due = undefined;
    else this.#due ??= now + this.#host.sweepMs;
    return this.#due;
  }

  /** The room looks each time that its alarm rings, whatever for. */
  ring(): void {
    this.#due = undefined;
  }
}
