/** A token bucket: `perSecond` on average, and as many at once after a rest. Reads the clock of the event, sets no timer. */
export class Bucket {
  readonly #perSecond: number;
  #tokens: number;
  #at = -Infinity;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** Takes one, if there is one at `now` (ms). */
  take(now: number): boolean {
    const most = Math.max(1, this.#perSecond); // a rate below one a second still allows one
    const passed = Math.max(0, now - this.#at); // a clock that was put back takes nothing away
    this.#tokens = Math.min(most, this.#tokens + (passed * this.#perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
