/**
 * How often clients may speak. A room handles what it is sent at some rate and no more, so a full one asks everybody to
 * send fewer frames, before it falls behind: what they say is gathered into fewer, larger ones. Nobody is closed for it.
 */
import { UP_FRAME_MS } from "../../shared/protocol/limits.ts";

/** The rate is looked at this often, in ms. */
const LOOK_EVERY_MS = 1000;
/** The slowest that is asked for, in ms: a hand still looks alive at five frames a second. */
const SLOWEST_MS = 200;
/** Below this share of what the room handles, clients may speed up again. */
const EASY = 0.7;

export class Pace {
  readonly #framesPerSecond: number;
  /** Between two frames of one client, in ms. */
  everyMs: number = UP_FRAME_MS;
  #frames = 0;
  #since = 0;

  constructor(framesPerSecond: number) {
    this.#framesPerSecond = framesPerSecond;
  }

  /** A frame came. */
  frame(): void {
    this.#frames++;
  }

  /** True: everybody is to be told of another pace. */
  changes(now: number): boolean {
    const passed = now - this.#since;
    if (passed < LOOK_EVERY_MS) return false;
    const load = (this.#frames * 1000) / passed / this.#framesPerSecond;
    this.#frames = 0;
    this.#since = now;
    if (load <= 1 && load >= EASY) return false;
    const wanted = Math.min(SLOWEST_MS, Math.max(UP_FRAME_MS, Math.ceil(this.everyMs * (load > 1 ? load : 0.8))));
    if (wanted === this.everyMs) return false;
    this.everyMs = wanted;
    return true;
  }
}
