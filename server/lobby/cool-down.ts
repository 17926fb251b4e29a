/** Does something at once, and then no more often than once in a while: what is asked for meanwhile is done when that is over. */
export class CoolDown {
  readonly #ms: number;
  readonly #after: (ms: number, run: () => void) => void;
  readonly #run: () => void;
  #state: "quiet" | "cooling" = "quiet";
  #asked = false;

  /** `ms`: the least time between two runs. */
  constructor(ms: number, after: (ms: number, run: () => void) => void, run: () => void) {
    this.#ms = ms;
    this.#after = after;
    this.#run = run;
  }

  get isCooling(): boolean {
    return this.#state === "cooling";
  }

  ask(): void {
    this.#asked = true;
    if (this.#state === "quiet") this.#go();
  }

  #go(): void {
    this.#asked = false;
    this.#run();
    this.#state = "cooling";
    this.#after(this.#ms, () => {
      this.#state = "quiet";
      if (this.#asked) this.#go();
    });
  }
}
