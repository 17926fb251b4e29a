/**
 * Calls a game's `tick` in fixed steps while somebody is there, and keeps no timer when nobody is. A step that comes late
 * is caught up with, a few at a time; what is later than that is left out.
 */
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Connections } from "./connections.ts";
import type { RoomHost } from "./host.ts";

export interface TickerHost extends Pick<RoomHost, "after" | "now"> {
  readonly definition: AnyRoom;
  readonly connections: Connections;
  tick(): void;
}

/** The most steps that are caught up with at once. */
const MOST = 5;

export class Ticker {
  readonly #host: TickerHost;
  #running = false;
  #due = 0;

  constructor(host: TickerHost) {
    this.#host = host;
  }

  /** Somebody is there. */
  wake(): void {
    const step = this.#stepMs();
    if (this.#running || step === undefined) return;
    this.#running = true;
    this.#due = this.#host.now() + step;
    this.#host.after(step, () => this.#ring());
  }

  #ring(): void {
    const step = this.#stepMs();
    if (step === undefined) {
      this.#running = false;
      return;
    }
    const now = this.#host.now();
    for (let steps = 0; steps < MOST && this.#due <= now; steps++) {
      this.#host.tick();
      this.#due += step;
    }
    this.#due = Math.max(this.#due, now + 1);
    this.#host.after(this.#due - now, () => this.#ring());
  }

  /** The length of a step in ms; undefined: there is nobody, or nothing that moves. */
  #stepMs(): number | undefined {
    const { definition, connections } = this.#host;
    const { tick, tickMs } = definition.game?.["~rules"] ?? {};
    return tick && connections.has(({ stage }) => stage === "open") ? tickMs : undefined;
  }
}
