/**
 * Rings the timers of the game (`c.after`). When the first is due lies on the agenda, written with the row that set it: the
 * object may be gone by then. Timers that could not be run are tried again later each time.
 */
import type { GamePart } from "../parts/game/game-part.ts";
import type { Agenda } from "./agenda.ts";
import type { Alarms, Task } from "./alarms.ts";
import type { Content } from "./content.ts";

/** They are tried again after the first, in ms, then twice as long each time, up to the most. */
const AGAIN_MS = { first: 5000, most: 3_600_000 };
/** How the agenda names the first timer. */
const NAME = "timers";

export interface BellHost {
  readonly agenda: Agenda;
  readonly alarms: Alarms;
  readonly content: Content;
  /** Closes the open group. */
  flush(): void;
}

export class Bell implements Task {
  readonly #host: BellHost;
  /** Not before this, in ms since 1970, and how long it waits after a failure, in ms. */
  #againAt = 0;
  #againMs = 0;

  constructor(host: BellHost) {
    this.#host = host;
  }

  /** What is stored of the game has changed: so may have when its first timer is due. */
  keep(game: GamePart | undefined): void {
    const { agenda, alarms } = this.#host;
    if (!game || agenda.get(NAME) === game.due) return;
    agenda.set(NAME, game.due);
    alarms.arm();
  }

  due(): number | undefined {
    const first = this.#host.agenda.get(NAME);
    return first === undefined ? undefined : Math.max(first, this.#againAt);
  }

  /** Runs what is due in a row of its own: only with that are the timers gone. */
  ring(now: number): void {
    const { agenda, content, flush } = this.#host;
    content.load().game?.ring();
    flush();
    // Storage did not take it, or the room cannot be read: for who knows how long.
    const failed = (agenda.get(NAME) ?? Infinity) <= now;
    this.#againMs = failed ? Math.min(AGAIN_MS.most, (this.#againMs || AGAIN_MS.first / 2) * 2) : 0;
    this.#againAt = now + this.#againMs;
  }
}
