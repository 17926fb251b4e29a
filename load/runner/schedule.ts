/** The arithmetic of stages: how many virtual users there are to be at each moment, and when each iteration is to start. */

export interface Stage {
  readonly durationMs: number;
  readonly target: number;
}

export const lengthMs = (stages: readonly Stage[]): number => stages.reduce((sum, { durationMs }) => sum + durationMs, 0);

/** When the number of users changes, and to what: the straight line from stage to stage, in whole users. */
export function userSteps(start: number, stages: readonly Stage[]): { readonly at: number; readonly users: number }[] {
  const steps = [{ at: 0, users: start }];
  let [from, began] = [start, 0];
  for (const { durationMs, target } of stages) {
    const by = Math.sign(target - from);
    const changes = Math.abs(target - from);
    for (let n = 1; n <= changes; n++) steps.push({ at: began + (durationMs * n) / changes, users: from + by * n });
    [from, began] = [target, began + durationMs];
  }
  return steps;
}

/**
 * When iterations are to start, in ms from the beginning, at a rate (per `perMs`) that goes in straight lines from stage to
 * stage. The first starts when the rate first is above zero.
 */
export function* arrivals(startRate: number, stages: readonly Stage[], perMs: number): Generator<number> {
  let [rate, began] = [startRate, 0];
  let due = 0; // iterations, counted from the beginning
  let before = 0; // how many the stages before have made due
  for (const { durationMs, target } of stages) {
    // After t ms of this stage `a t + b t²` more are due.
    const a = rate / perMs;
    const b = durationMs > 0 ? (target - rate) / perMs / (2 * durationMs) : 0;
    const total = (a + b * durationMs) * durationMs;
    for (; due - before < total - 1e-9; due++) yield began + whenDue(a, b, due - before);
    before += total;
    [rate, began] = [target, began + durationMs];
  }
}

/** The t at which a t + b t² reaches n: the earlier of the two where the rate falls. */
function whenDue(a: number, b: number, n: number): number {
  if (n <= 0) return 0;
  return (2 * n) / (a + Math.sqrt(Math.max(0, a * a + 4 * b * n)));
}
