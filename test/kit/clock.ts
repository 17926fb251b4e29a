/** A clock that moves only when told to, and what is due by it, in order. It stands still within an event, as the platform's does. */

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class Clock {
  /** ms since 1970. */
  now: number;
  /** How late the next timers are, in ms. */
  lateMs = 0;
  /** Timers that have rung, and messages that have come. */
  events = 0;
  /** Called between one event and the next, with the number of those that have happened. */
  onEvent: ((events: number) => void) | undefined;
  /** By when they are due; of those due at once the first that was set is the first. */
  readonly #timers: Timer[] = [];

  constructor(start = 1_000_000) {
    this.now = start;
  }

  /** Those that have not rung. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Runs something at this time (ms since 1970). Returns its own cancel. */
  readonly at = (at: number, run: () => void): (() => void) => {
    const timer = { at, run };
    let [place, to] = [0, this.#timers.length];
    while (place < to) {
      const middle = (place + to) >>> 1;
      if (this.#timers[middle]!.at <= at) place = middle + 1;
      else to = middle;
    }
    this.#timers.splice(place, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
    };
  };

  /** Runs something once this much time has passed, in ms. Returns its own cancel. */
  readonly after = (ms: number, run: () => void): (() => void) => this.at(this.now + ms, run);

  /** The next event happens, if it is due by `until`, and promises settle; false: none is, and that is the time now. */
  async step(until: number): Promise<boolean> {
    const [next] = this.#timers;
    if (!next || next.at + this.lateMs > until) {
      this.now = Math.max(this.now, until);
      return false;
    }
    this.#timers.shift();
    this.now = Math.max(this.now, next.at + this.lateMs);
    this.events++;
    next.run();
    await settle();
    this.onEvent?.(this.events);
    return true;
  }

  /** Lets time pass, in ms: everything due happens, each event at its own instant, with its promises settled before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    await settle();
    while (await this.step(until));
  }
}

const { setImmediate } = globalThis; // before anyone puts another clock in its place

/** Lets every promise that can settle do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
