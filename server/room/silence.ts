/**
 * Sockets that died without a word: a machine that sleeps, a network that is gone. A client says how often it will be heard of
 * (`pace`); who is not heard of for longer is taken for dead. When it is looked for them is the sweep's affair (sweep.ts).
 */
import { PING_EVERY_MS } from "../../shared/protocol/limits.ts";
import type { Connection, Connections } from "./connections.ts";

/** Longer than what it announced by this, and a client is dead: at the usual 10 s it is missed after 14. */
const PATIENCE = 1.4;
/** One that is open has said hello after this, in ms, or is taken for dead. */
const GREETS_WITHIN_MS = 15_000;
/** No client may announce less than this, or more, in ms. */
const PACE = { leastMs: PING_EVERY_MS, mostMs: 120_000 };

export class Silence {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  paced(connection: Connection, everyMs: number): void {
    connection.paceMs = Math.min(PACE.mostMs, Math.max(PACE.leastMs, everyMs));
  }

  /** Those who are dead. */
  dead(now: number): Connection[] {
    return [...this.#connections].filter(({ stage, heardAt, paceMs, socket }) =>
      stage === "greeting" ? now - heardAt > GREETS_WITHIN_MS : now - Math.max(heardAt, socket.heardAt()) > paceMs * PATIENCE,
    );
  }
}
