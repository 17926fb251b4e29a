/** The figures as tables, and each budget with whether it is met. A loss is shown like a gain. */
import { head, row, times } from "../results.ts";
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
  /** Of a round, and of one with few players. */
  readonly seconds: readonly [most: number, few: number];
  readonly date: Date;
  /** The machine's load average over five minutes: above 2, it did much else. */
  readonly load: number;
}

const RELAY = "relay, 16 ms";
const LOAD_30 = "30 at 1,000 pieces";

interface Line {
  readonly work: string;
  readonly unit: string;
  readonly of: (moved: Moved) => number;
  /** It is also shown as a ratio. */
  readonly compared?: true;
}

const LINES: readonly Line[] = [
  { work: "CPU of a core", unit: "%", of: ({ cpu }) => cpu * 100, compared: true },
  { work: "… CPU per delivered move", unit: "µs", of: ({ cpuPerMove }) => cpuPerMove },
  { work: "… bytes per delivered move", unit: "B", of: ({ bytesPerMove }) => bytesPerMove, compared: true },
  { work: "… p50", unit: "ms", of: ({ p50 }) => p50, compared: true },
  { work: "… p99", unit: "ms", of: ({ p99 }) => p99, compared: true },
  { work: "… came", unit: "%", of: ({ delivered }) => delivered * 100 },
  { work: "… CPU of the generator", unit: "%", of: ({ generator }) => generator * 100 },
];

const median = (values: readonly number[]): number => percentile(values, 0.5);
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

  const rows = (lines: readonly Line[], columns: readonly string[], cell: (name: string, line: Line, server: string) => string) =>
    [...moved.keys()].flatMap((name) =>
      lines.map((line, index) =>
        row([index === 0 ? `${name}: ${line.work}` : line.work, ...columns.map((server) => cell(name, line, server))]),
      ),
    );
  const figures = rows(LINES, servers, (name, { of: value, unit }, server) => spread(name, server, value, unit));
  const joinRows = [1000, 10_000].flatMap((pieces) =>
    (["warm", "cold"] as const).map((kind) =>
      row([
        `join ${pieces.toLocaleString("en-US")} pieces, ${kind}`,
        ...servers.map((server) => show(joined(pieces, server, kind), "ms")),
      ]),
    ),
  );

  const peers = servers.filter((server) => server !== "Coterie");
  const ratios = rows(
    LINES.filter(({ compared }) => compared),
    peers,
    (name, { of: value }, server) => times(of(name, "Coterie", value), of(name, server, value)),
  );
  const joinRatios = [1000, 10_000].map((pieces) =>
    row([
      `join ${pieces.toLocaleString("en-US")} pieces, warm`,
      ...peers.map((server) => times(joined(pieces, "Coterie", "warm"), joined(pieces, server, "warm"))),
    ]),
  );

  const cpu = ({ cpu }: Moved): number => cpu * 100;
  const ratio = of(LOAD_30, "Coterie", cpu) / of(LOAD_30, RELAY, cpu);
  const p50 = of(LOAD_30, "Coterie", ({ p50 }) => p50);
  const p99 = of(LOAD_30, "Coterie", ({ p99 }) => p99);
  const bytes = of(LOAD_30, "Coterie", ({ bytesPerMove }) => bytesPerMove);
  const many = of("825 at 1,000 pieces", "Coterie", ({ p99 }) => p99);
  const warm = joined(10_000, "Coterie", "warm");
  const cold = joined(10_000, "Coterie", "cold");
  const budgets: readonly (readonly [work: string, budget: string, own: string, met: boolean])[] = [
    ["30 players × 30 Hz, CPU", "≤ 1.15 × the relay", `${round(ratio, 2)} ×`, ratio <= 1.15],
    ["… p50 / p99", "≤ 10 / 20 ms", `${round(p50)} / ${round(p99)} ms`, p50 <= 10 && p99 <= 20],
    ["… bytes per delivered move", "≤ 8 B", `${round(bytes)} B`, bytes <= 8],
    ["825 players × 30 Hz, p99", "< 100 ms", `${round(many)} ms`, many < 100],
    ["join 10,000 pieces, warm", "≤ 30 ms", `${round(warm)} ms`, warm <= 30],
    ["… cold", "≤ 60 ms", `${round(cold)} ms`, cold <= 60],
  ];

  return `# Games: the last run

${date.toISOString().slice(0, 16).replace("T", " ")} UTC, 2 shared cores (servers on one, the generator on the other, other work on both): figures of one
machine, and noisy; the ratios say more than the figures. Medians of ${rounds} interleaved rounds of ${seconds[0]} s, or ${seconds[1]} with 30 players (least–most). The load average was ${round(load)}.
workerd ${versionOf("workerd")}, Node ${process.versions.node}; @colyseus/core ${peerVersion("@colyseus/core")}, @colyseus/schema ${peerVersion("@colyseus/schema")}. Written by \`npm run bench -- game\`.

## To Coterie

How many times Coterie's figure: above 1 × costs more, or takes longer.

${head(["", ...peers])}
${[...ratios, ...joinRatios].join("\n")}

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
- A join is from the first byte to the table decoded, its sign-in and the making of the socket included, in a room where nobody else comes. Cold: the server's process has just started.${troubles.map((trouble) => `\n- Not measured: ${trouble}.`).join("")}
`;
}
