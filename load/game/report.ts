/** The figures as tables, and each budget with whether it is met. A loss is shown like a gain. */
import { peerVersion, versionOf } from "../servers/processes.ts";
import { percentile, round } from "../statistics.ts";
import type { Moved } from "./moving.ts";

export interface Results {
  /** Load → server → rounds. */
  readonly moved: Map<string, Map<string, Moved[]>>;
  /** "pieces, server" → ms each. */
  readonly joins: Map<string, { readonly warm: readonly number[]; readonly cold: readonly number[] }>;
  /** What could not be measured, and why. */
  readonly troubles: string[];
}

export interface Circumstances {
  readonly servers: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly date: Date;
  /** The machine's load average over five minutes: above 2, it did much else. */
  readonly load: number;
}

const RELAY = "relay, 16 ms";
const LOAD_30 = "30 at 1,000 pieces";

const LINES: readonly (readonly [work: string, unit: string, of: (moved: Moved) => number])[] = [
  ["CPU of a core", "%", ({ cpu }) => cpu * 100],
  ["… CPU per delivered move", "µs", ({ cpuPerMove }) => cpuPerMove],
  ["… bytes per delivered move", "B", ({ bytesPerMove }) => bytesPerMove],
  ["… p50", "ms", ({ p50 }) => p50],
  ["… p99", "ms", ({ p99 }) => p99],
  ["… came", "%", ({ delivered }) => delivered * 100],
  ["… CPU of the generator", "%", ({ generator }) => generator * 100],
];

const median = (values: readonly number[]): number => percentile(values, 0.5);
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const head = (cells: readonly string[]): string => [row(cells), row(cells.map(() => "---"))].join("\n");
const show = (value: number, unit: string): string =>
  Number.isFinite(value) ? `${round(value, value < 1 ? 2 : 1).toLocaleString("en-US")} ${unit}` : "–";

export function report({ moved, joins, troubles }: Results, { servers, rounds, seconds, date, load }: Circumstances): string {
  const of = (name: string, server: string, value: (moved: Moved) => number): number =>
    median(moved.get(name)?.get(server)?.map(value) ?? []);
  const spread = (name: string, server: string, value: (moved: Moved) => number, unit: string): string => {
    const values = moved.get(name)?.get(server)?.map(value) ?? [];
    if (values.length < 2) return show(median(values), unit);
    const digits = median(values) < 1 ? 2 : 1;
    return `${show(median(values), unit)} (${round(Math.min(...values), digits)}–${round(Math.max(...values), digits)})`;
  };
  const joined = (pieces: number, server: string, kind: "warm" | "cold"): number =>
    median(joins.get(`${pieces}, ${server}`)?.[kind] ?? []);

  const figures = [...moved.keys()].flatMap((name) =>
    LINES.map(([work, unit, value], index) =>
      row([index === 0 ? `${name}: ${work}` : work, ...servers.map((server) => spread(name, server, value, unit))]),
    ),
  );
  const joinRows = [1000, 10_000].flatMap((pieces) =>
    (["warm", "cold"] as const).map((kind) =>
      row([
        `join ${pieces.toLocaleString("en-US")} pieces, ${kind}`,
        ...servers.map((server) => show(joined(pieces, server, kind), "ms")),
      ]),
    ),
  );

  const cpu = ({ cpu }: Moved): number => cpu * 100;
  const ratio = of(LOAD_30, "Coterie", cpu) / of(LOAD_30, RELAY, cpu);
  const p50 = of(LOAD_30, "Coterie", ({ p50 }) => p50);
  const p99 = of(LOAD_30, "Coterie", ({ p99 }) => p99);
  const bytes = of(LOAD_30, "Coterie", ({ bytesPerMove }) => bytesPerMove);
  const many = of("400 at 1,000 pieces", "Coterie", ({ p99 }) => p99);
  const warm = joined(10_000, "Coterie", "warm");
  const cold = joined(10_000, "Coterie", "cold");
  const budgets: readonly (readonly [work: string, budget: string, own: string, met: boolean])[] = [
    ["30 players × 30 Hz, CPU", "≤ 1.15 × the relay", `${round(ratio, 2)} ×`, ratio <= 1.15],
    ["… p50 / p99", "≤ 10 / 20 ms", `${round(p50)} / ${round(p99)} ms`, p50 <= 10 && p99 <= 20],
    ["… bytes per delivered move", "≤ 8 B", `${round(bytes)} B`, bytes <= 8],
    ["400 players × 30 Hz, p99 (the budget is for 825)", "< 100 ms", `${round(many)} ms`, many < 100],
    ["join 10,000 pieces, warm", "≤ 30 ms", `${round(warm)} ms`, warm <= 30],
    ["… cold", "≤ 60 ms", `${round(cold)} ms`, cold <= 60],
  ];

  return `# Games: the last run

${date.toISOString().slice(0, 16).replace("T", " ")} UTC, 2 shared cores (servers on one, the generator on the other, other work on both): figures of one
machine, and noisy; the ratios say more than the figures. Medians of ${rounds} interleaved rounds of ${seconds} s (least–most). The load average was ${round(load)}.
workerd ${versionOf("workerd")}, Node ${process.versions.node}; @colyseus/core ${peerVersion("@colyseus/core")}, @colyseus/schema ${peerVersion("@colyseus/schema")}. Written by \`npm run bench -- game\`.

## Budgets

${head(["work", "budget", "Coterie", ""])}
${budgets.map(([work, budget, own, met]) => row([work, budget, own, met ? "met" : "**missed**"])).join("\n")}

## Figures

Everyone drags a piece of their own, 30 times a second.

${head(["", ...servers])}
${[...figures, ...joinRows].join("\n")}

- Coterie, under plain \`workerd serve\`, is the demo's puzzle: a move counts only from who holds the piece, and who holds it is journaled. The relay, on the
  same runtime, knows nothing and keeps nothing. Colyseus, under Node, checks who holds a piece, and keeps nothing.
- Latency counts from when a move was meant to be sent to its receipt by another player, as three of them see it. Only what came counts: between two frames
  Coterie and Colyseus keep the latest of a piece, so that with a patch in 50 ms, or a beat that has stretched to that, a third of the moves never come.
- Bytes are all that the players' sockets received, over the moves that reached somebody else. Players send one move a frame.
- A join is from the first byte to the table decoded, its sign-in and the making of the socket included.${troubles.map((trouble) => `\n- Not measured: ${trouble}.`).join("")}
`;
}
