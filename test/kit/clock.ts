/** A clock that moves only when told to, for things that need timers and no room. It stands still within an event, as the platform's does. */
export class Clock {
  now: number;
  /** How late the next timers are. */
  lateMs = 0;
  #timers: { at: number; run: () => void }[] = [];

  constructor(start = 1_000_000) {
    this.now = start;
  }

  /** Returns its own cancel. */
  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass; promises settle between events. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    await settle();
    for (;;) {
      this.#timers.sort((a, b) => a.at - b.at);
      const [next] = this.#timers;
      if (!next || next.at + this.lateMs > until) break;
      this.#timers.shift();
      this.now = Math.max(this.now, next.at + this.lateMs);
      next.run();
      await settle();
    }
    this.now = until;
  }
}

/** Lets every promise that can settle do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
