/**
 * The one alarm that the platform gives an object, for everything that a room has to do later. Each thing is a task, which
 * knows by itself when it is due; the alarm is set for the first of them.
 */
export interface Task {
  /** When it is to be rung, in ms since 1970; undefined: not. */
  due(now: number): number | undefined;
  /** Its time has come. */
  ring(now: number): void;
}

export interface AlarmsHost {
  now(): number;
  /** Sets the platform's, for this time in ms since 1970. */
  setAlarm(at: number): void;
}

export class Alarms {
  readonly #host: AlarmsHost;
  readonly #tasks: Task[] = [];
  /** When the platform's will ring; undefined: not known, since the object has just come back, or not set. */
  #armed: number | undefined;

  constructor(host: AlarmsHost) {
    this.#host = host;
  }

  /** From now on these are seen to, in this order. */
  add(...tasks: readonly Task[]): void {
    this.#tasks.push(...tasks);
  }

  /** Something may be due earlier than before. Each time that the platform's is set is a row: one that rings too early harms nobody. */
  arm(): void {
    const now = this.#host.now();
    let next = Infinity;
    for (const task of this.#tasks) next = Math.min(next, task.due(now) ?? Infinity);
    if (next === Infinity || (this.#armed !== undefined && this.#armed <= next)) return;
    this.#armed = next;
    this.#host.setAlarm(next);
  }

  /** The platform's has rung: what is due now is rung, and what becomes due by that when it rings next. */
  ring(): void {
    this.#armed = undefined;
    const now = this.#host.now();
    for (const task of this.#tasks.filter((each) => (each.due(now) ?? Infinity) <= now)) task.ring(now);
  }
}
