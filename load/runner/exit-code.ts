/** How a run ends for whoever started it: k6's own exit codes. */
export const EXIT = {
  passed: 0,
  /** A threshold was crossed. */
  thresholds: 99,
  setupTimeout: 100,
  teardownTimeout: 101,
  /** The options, or a threshold, are not such as can be run. */
  config: 104,
  /** Somebody stopped it (ctrl-C). */
  stopped: 105,
  /** The script threw where nothing can go on: while it was loaded, in setup, in teardown. */
  exception: 107,
  /** The script stopped itself, by `exec.test.abort()`. */
  aborted: 108,
  /** The script said that it failed, by `exec.test.fail()`. */
  failed: 110,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What ends a run at once, and with which code. */
export class LoadError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LoadError";
    this.exitCode = exitCode;
  }
}

export const configError = (message: string): LoadError => new LoadError(EXIT.config, message);

/** Thrown by `exec.test.abort()`: it ends the function that called it, and is no error of the script. */
export class Aborted extends Error {}
