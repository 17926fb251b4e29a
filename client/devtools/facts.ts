/** What is true now, in numbers: status, round trip, what waits, the newest row. */
import { element, say } from "./element.ts";
import type { Section, Seen } from "./section.ts";

const FACTS: readonly (readonly [name: string, of: (seen: Seen) => string])[] = [
  ["Status", ({ diagnostics }) => diagnostics.status],
  ["Round trip", ({ diagnostics: { rttMs } }) => (rttMs === undefined ? "–" : `${Math.round(rttMs)} ms`)],
  ["Sync", ({ diagnostics }) => diagnostics.sync.state],
  ["Waiting", ({ diagnostics }) => `${diagnostics.sync.pending}`],
  ["Row", ({ diagnostics }) => `${diagnostics.seq}`],
  ["Clock", ({ diagnostics: { clockOffsetMs } }) => `${clockOffsetMs < 0 ? "−" : "+"}${Math.abs(Math.round(clockOffsetMs))} ms`],
];

export function facts(): Section {
  const shown = FACTS.map(([name, of]) => ({ of, name, value: element("dd", { "data-fact": name }) }));
  return {
    element: element(
      "dl",
      { class: "facts" },
      ...shown.map(({ name, value }) => element("div", {}, element("dt", {}, name), value)),
    ),
    update(seen) {
      for (const { of, value } of shown) say(value, of(seen));
    },
  };
}
