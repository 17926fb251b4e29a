/** The time that executors live by: a test gives them one of its own. */
export interface Clock {
  /** ms since some moment. */
  readonly now: number;
  /** Runs once, after so many ms. Returns its own cancel. */
  after(ms: number, run: () => void): () => void;
}

export const realClock: Clock = {
  get now() {
    return performance.now();
  },
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after so many ms, or as soon as the signal is given. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener("abort", done);
  });
}
