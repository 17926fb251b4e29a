/** The one alarm that the platform gives an object, for everything the room has to do later. */
export type Task = "leave" | "compact" | "look" | "still-here" | "timer" | "expire" | "announce";

export class Alarms {
  readonly #set: (at: number) => void;
  readonly #due = new Map<Task, number>();
  /** When the platform's will ring; undefined: not known, since the object has just come back, or not set. */
  #armed: number | undefined;

  constructor(set: (at: number) => void) {
    this.#set = set;
  }

  /** `task` is due then (ms since 1970); undefined: no more. */
  at(task: Task, due: number | undefined): void {
    if (due === undefined) this.#due.delete(task);
    else this.#due.set(task, due);
  }

  /** When it is due, in ms since 1970. */
  due(task: Task): number | undefined {
    return this.#due.get(task);
  }

  has(task: Task): boolean {
    return this.#due.has(task);
  }

  /** It rings: takes out what is due. */
  take(now: number): Set<Task> {
    this.#armed = undefined;
    const due = new Set<Task>();
    for (const [task, at] of this.#due)
      if (at <= now) {
        due.add(task);
        this.#due.delete(task);
      }
    return due;
  }

  /** Sets the platform's, where it would ring too late: each time is a row. One that rings too early harms nobody. */
  arm(): void {
    const next = Math.min(...this.#due.values());
    if (next === Infinity || (this.#armed !== undefined && this.#armed <= next)) return;
    this.#armed = next;
    this.#set(next);
  }
}
