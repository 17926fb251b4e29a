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

  /** The promises found broken in some lives. */
  async function broken(lives: number, meddle?: (simulation: Simulation) => void): Promise<Set<string>> {
    const found = new Set<string>();
    for (let seed = 1; seed <= lives; seed++)
      try {
        await live(seed, meddle);
      } catch (error) {
        found.add(error instanceof Broken ? error.message.slice(0, 4) : `threw ${String(error)}`);
      }
    return found;
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
    expect([...(await broken(20, late))].join()).toMatch(/P1|P2/); // lost, or waited for in vain
  });

  test("[P2] sessions that forget what they were answered", async () => {
    plant(Sessions.prototype, "admit", () => () => ({ kind: "run" }));
    expect(await broken(20)).toContain("[P2]");
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
    expect([...(await broken(20))].join()).toMatch(/P3|P1|row 7 follows row 5/);
  });

  test("[P4] a page that is not told of a change", async () => {
    plant(StateView.prototype, "touch", () => () => {});
    expect(await broken(5)).toContain("[P4]");
  });

  test("[P6] somebody's going that nobody is told of", async () => {
    plant(PresencePart.prototype, "left", () => () => {});
    expect(await broken(10)).toContain("[P6]");
  });
});
