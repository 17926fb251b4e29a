/** What has happened to a room on this page, for a bug report: the last of it, in words, without anything secret. */

/** As many happenings are kept. */
const KEPT = 200;

export interface Happening {
  /** ISO 8601, by this page's clock. */
  readonly at: string;
  readonly what: string;
}

export class Timeline {
  readonly #now: () => number;
  #kept: { at: number; what: string }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  note(what: string): void {
    this.#kept.push({ at: this.#now(), what });
    if (this.#kept.length > 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
  }

  toJSON(): Happening[] {
    return this.#kept.slice(-KEPT).map(({ at, what }) => ({ at: new Date(at).toISOString(), what }));
  }
}
