/** A token bucket: `perSecond` on average, `burst` at once after a rest. Reads the clock of the event, sets no timer. */
export class Bucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = -Infinity;

  constructor(perSecond: number, burst: number = perSecond) {
    this.#perSecond = perSecond;
    this.#burst = Math.max(1, burst); // a rate below one a second still allows one
    this.#tokens = this.#burst;
  }

  /** Takes `amount`, if that much is there at `now` (ms). */
  take(now: number, amount: number = 1): boolean {
    this.#fill(now);
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }

  /** How long until `amount` is there, in ms; or until it is full, where that is less. */
  waitMs(now: number, amount: number): number {
    this.#fill(now);
    return Math.max(0, Math.ceil(((Math.min(amount, this.#burst) - this.#tokens) * 1000) / this.#perSecond));
  }

  /** Takes `amount`, there or not: what is lacking is waited for by whoever comes next. */
  spend(amount: number): void {
    this.#tokens -= amount;
  }

  /** Whether it is as a new one would be. */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens === this.#burst;
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#at); // a clock that was put back takes nothing away
    this.#tokens = Math.min(this.#burst, this.#tokens + (passed * this.#perSecond) / 1000);
    this.#at = now;
  }
}
