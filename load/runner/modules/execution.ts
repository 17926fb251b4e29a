/** `k6/execution`: who and where this user is, and how the whole run may be ended. */
import { Aborted } from "../exit-code.ts";
import { lengthMs } from "../schedule.ts";
import type { VirtualUser } from "../virtual-user.ts";

export function executionModule(user: VirtualUser): object {
  const { run } = user;
  return {
    vu: {
      idInTest: user.id,
      idInInstance: user.id,
      get iterationInScenario() {
        return user.state.iteration;
      },
      get iterationInInstance() {
        return user.state.iteration;
      },
      tags: user.tags,
      metrics: { tags: user.tags, metadata: {} },
    },
    scenario: {
      get name() {
        return scenario().name;
      },
      get executor() {
        return scenario().executor;
      },
      /** ms since 1970. */
      get startTime() {
        return running().startTime;
      },
      get progress() {
        const { plan } = scenario();
        if (plan.kind === "iterations")
          return Math.min(1, running().begun / (plan.shared ? plan.iterations : plan.iterations * plan.users));
        return Math.min(1, (Date.now() - running().startTime) / lengthMs(plan.stages));
      },
      get iterationInTest() {
        return user.iterationInTest;
      },
      get iterationInInstance() {
        return user.iterationInTest;
      },
    },
    instance: {
      get iterationsInterrupted() {
        return run.interrupted;
      },
      get iterationsCompleted() {
        return run.completed;
      },
      get vusActive() {
        return run.activeUsers;
      },
      get vusInitialized() {
        return run.users;
      },
      get currentTestRunDuration() {
        return run.ms;
      },
    },
    test: {
      abort(reason?: string): never {
        run.abort(reason);
        throw new Aborted(reason);
      },
      fail(reason?: string): void {
        run.markedFailed ??= reason ?? "the script said so";
      },
      get options() {
        return user.exports["options"];
      },
    },
  };

  function running(): NonNullable<VirtualUser["running"]> {
    if (!user.running)
      throw new Error("there is no scenario outside one: not while the script is loaded, nor in setup and teardown");
    return user.running;
  }
  function scenario(): NonNullable<VirtualUser["running"]>["scenario"] {
    return running().scenario;
  }
}
