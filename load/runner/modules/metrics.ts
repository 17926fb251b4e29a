/** `k6/metrics`: a script's own metrics. Each user makes them, all add to the same ones. */
import type { Kind, Metric, Tags } from "../metrics.ts";
import type { VirtualUser } from "../virtual-user.ts";

export function metricsModule(user: VirtualUser): object {
  const of = (kind: Kind) =>
    class {
      readonly name: string;
      readonly #metric: Metric;

      constructor(name: string, isTime = false) {
        this.name = name;
        this.#metric = user.run.metrics.define(name, kind, isTime);
      }

      add(value: number | boolean, tags?: Tags): void {
        const number = Number(value);
        if (Number.isNaN(number)) throw new TypeError(`${this.name}: ${String(value)} is no number`);
        user.add(this.#metric, number, tags);
      }
    };
  return { Counter: of("counter"), Gauge: of("gauge"), Rate: of("rate"), Trend: of("trend") };
}
