/**
 * What goes up, gathered: the first thing said goes at the end of its own task, and what is said within `everyMs` after
 * that shares one frame. A room can read only so many frames a second, so this is what lets many people in.
 */
import { UP_FRAME_MS } from "../shared/protocol/limits.ts";
import type { Environment } from "./environment.ts";

export class Uplink {
  /** The least time between two frames, in ms: a full room asks for more. */
  everyMs: number = UP_FRAME_MS;
  readonly #environment: Environment;
  readonly #send: () => boolean;
  /** `resting`: nothing to say. `due`: will send within this task. `cooling`: has sent. `full`: has sent, and more waits. */
  #state: "resting" | "due" | "cooling" | "full" = "resting";

  /** `send` returns whether there was something to say. */
  constructor(environment: Environment, send: () => boolean) {
    this.#environment = environment;
    this.#send = send;
  }

  /** There is something to send; with `inMs`, not before then. */
  flush(inMs = 0): void {
    if (inMs > 0) this.#environment.after(inMs, () => this.flush());
    else if (this.#state === "cooling") this.#state = "full";
    else if (this.#state === "resting") {
      this.#state = "due";
      queueMicrotask(() => this.#go());
    }
  }

  #go(): void {
    this.#state = "cooling"; // before it sends: what does not fit the frame asks for the next
    const cancel = this.#environment.after(this.everyMs, () => {
      const more = this.#state === "full";
      this.#state = "resting";
      if (more) this.#go();
    });
    if (this.#send()) return;
    cancel(); // what is said next need not wait
    this.#state = "resting";
  }
}
