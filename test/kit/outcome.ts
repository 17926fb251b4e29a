/** How a promise ends, seen from outside: where the clock is the test's, nothing can be awaited before it moves. */
import { RoomError } from "coterie/client";

/** What is known of it by now. */
export interface Outcome<T> {
  settled: boolean;
  /** What it resolved with. */
  done: T | undefined;
  /** Why it was rejected. */
  error: unknown;
  /** Either: for an error its code. */
  readonly is: T | string | undefined;
}

export function watch<T>(promise: Promise<T>): Outcome<T> {
  const outcome = {
    settled: false,
    done: undefined as T | undefined,
    error: undefined as unknown,
    get is() {
      return this.error === undefined ? this.done : codeOf(this.error);
    },
  };
  promise.then(
    (done) => Object.assign(outcome, { settled: true, done }),
    (error: unknown) => Object.assign(outcome, { settled: true, error }),
  );
  return outcome;
}

/** Of what an action was refused with; whatever else was thrown, in words. */
export const codeOf = (error: unknown): string => (error instanceof RoomError ? error.code : String(error));
