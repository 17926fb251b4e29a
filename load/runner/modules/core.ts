/** `k6`: check, group, fail. `sleep` is refused: it would hold up the one thread that all users share. */
import type { VirtualUser } from "../virtual-user.ts";

type Checks = Readonly<Record<string, (value: unknown) => unknown>>;

export function coreModule(user: VirtualUser): object {
  const { run } = user;
  return {
    check(value: unknown, checks: Checks, tags?: Readonly<Record<string, string>>): boolean {
      let all = true;
      for (const [name, holds] of Object.entries(checks)) {
        const passed = Boolean(holds(value));
        all &&= passed;
        const known = run.checks.get(name) ?? { passes: 0, fails: 0 };
        run.checks.set(name, known);
        known[passed ? "passes" : "fails"]++;
        user.add(run.builtin.checks, passed ? 1 : 0, { ...tags, check: name });
      }
      return all;
    },
    group(name: string, inside: () => unknown): unknown {
      const outer = user.tags["group"];
      user.tags["group"] = `${outer ?? ""}::${name}`;
      try {
        return inside();
      } finally {
        if (outer === undefined) delete user.tags["group"];
        else user.tags["group"] = outer;
      }
    },
    fail(message?: string): never {
      throw new Error(message ?? "failed");
    },
    sleep(): never {
      throw new Error("sleep holds up every virtual user of this runner: use setTimeout of k6/timers");
    },
  };
}
