/**
 * Random lives of a room, a few hundred of them: `SCHEDULES=100000 npm test -- node convergence` lives more, `SEED=…` begins
 * with that one. The second half spoils the room on purpose: a harness that does not see that proves nothing.
 */
import { afterEach, describe, expect, test } from "vitest";
import { PresencePart } from "../../server/parts/presence.ts";
import { Journal } from "../../server/room/journal.ts";
import { Sessions } from "../../server/room/sessions.ts";
import type { Row } from "../../server/storage/store.ts";
import { StateView } from "../../client/parts/view.ts";
import { play } from "../kit/play.ts";
import { live } from "../kit/schedule.ts";
import type { Simulation } from "../kit/simulation.ts";
import { Broken } from "../kit/witness.ts";

const SCHEDULES = Number(process.env["SCHEDULES"] ?? 300);

test(`[P1] [P2] [P3] [P4] [P6] ${SCHEDULES} random lives, and then quiet: nothing lost, nothing twice, everyone agrees`, async () => {
  await play(SCHEDULES, (seed) => live(seed));
}, 600_000);

describe("the harness sees", () => {
  const restore: (() => void)[] = [];
  afterEach(() => {
    for (const each of restore.splice(0)) each();
  });

  /** Puts `planted` in the place of a method until the test ends. */
  function plant<T extends object, K extends keyof T>(on: T, method: K, planted: (original: T[K]) => T[K]): void {
    const original = on[method];
    on[method] = planted(original);
    restore.push(() => (on[method] = original));
  }

  /** What the first life says in which something is found broken that `which` names; undefined: none does, of so many. */
  async function firstBroken(
    which: RegExp,
    lives: number,
    meddle?: (simulation: Simulation) => void,
  ): Promise<string | undefined> {
    for (let seed = 2; seed < 2 + lives; seed++)
      // the first has a board that takes long to look through
      try {
        await live(seed, meddle);
      } catch (error) {
        const said = error instanceof Broken ? error.message : `threw ${String(error)}`;
        if (which.test(said)) return said;
      }
    return undefined;
  }

  test("[P1] a store that writes later than it says", async () => {
    /** Each row is kept back until the next comes. */
    const late = ({ store }: Simulation): void => {
      const append = store.append.bind(store);
      let kept: Row | undefined;
      store.append = (row) => {
        if (kept) append(kept);
        kept = row;
      };
    };
    expect(await firstBroken(/^\[P[12]\]/, 20, late)).toBeDefined(); // lost, or waited for in vain
  });

  test("[P2] sessions that forget what they were answered", async () => {
    plant(Sessions.prototype, "admit", () => () => ({ kind: "run" }));
    expect(await firstBroken(/^\[P2\]/, 20)).toBeDefined();
  });

  test("[P3] a journal that skips a number", async () => {
    plant(
      Journal.prototype,
      "append",
      (append) =>
        function (this: Journal, ...row) {
          if (this.seq === 5) this.seq++;
          return append.apply(this, row);
        },
    );
    expect(await firstBroken(/^\[P[13]\]|row 7 follows row 5/, 20)).toBeDefined();
  });

  test("[P4] a page that is not told of a change", async () => {
    plant(StateView.prototype, "touch", () => () => {});
    expect(await firstBroken(/^\[P4\]/, 5)).toBeDefined();
  });

  test("[P6] somebody's going that nobody is told of", async () => {
    plant(PresencePart.prototype, "left", () => () => {});
    expect(await firstBroken(/^\[P6\]/, 10)).toBeDefined();
  });
});
