// Where each kind of test runs: rules and client in Node, rooms in workerd, whole browsers against the running demo.

import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files of random lives take longest, and begun last they would leave a core with nothing to do. */
const LONG = /(document-schedule|document-fuzz|convergence|steps)\.test\.ts$/;
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(({ moduleId }) => LONG.test(moduleId)), ...sorted.filter(({ moduleId }) => !LONG.test(moduleId))];
  }
}

/** What only time shows. */
const WAITING = ["interop/waiting.test.ts", "faults/hibernation.test.ts"];

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite", // or it makes a test/node_modules
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // On every core: left to itself vitest leaves one out, and of two that is half. A minute, where five seconds are usual: a
      // long one beside it takes its time from the clock.
      { test: { name: "node", include: ["node/**/*.test.ts"], maxWorkers: "100%", testTimeout: 60_000 } },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./worker/wrangler.toml" } })],
        // Each file gets a workerd and storage of its own, one after the other: two at once would only share two cores.
        test: {
          name: "worker",
          include: ["worker/**/*.test.ts"],
          setupFiles: ["worker/no-secrets.ts"],
          fileParallelism: false,
        },
      },
      {
        // The package that `npm pack` makes, in an app outside the repository, which is installed before.
        test: { name: "package", include: ["package/**/*.test.ts"], globalSetup: "package/setup.ts", testTimeout: 60_000 },
      },
      {
        // Several browsers share two cores badly: one file at a time, with time enough for each.
        test: {
          name: "browser",
          include: ["browser/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
      {
        // Nearly all of it is waiting, for half a minute: run beside the tests in Node, and each test beside the others.
        test: {
          name: "waiting",
          include: WAITING,
          maxWorkers: 2,
          maxConcurrency: 12,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // A server killed a hundred times: the instants of the kills are the test, so nothing runs beside it.
        test: {
          name: "faults",
          include: ["faults/**/*.test.ts"],
          exclude: WAITING,
          fileParallelism: false,
          testTimeout: 180_000,
        },
      },
      {
        // Published clients against a server of their own.
        test: {
          name: "interop",
          include: ["interop/**/*.test.ts"],
          exclude: WAITING,
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
