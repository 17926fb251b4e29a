/** The figures as a table for each thing that grows, and by which power of it each grows. */
import { head, row } from "../results.ts";
import { versionOf } from "../servers/processes.ts";
import { round } from "../statistics.ts";
import { fit } from "./fit.ts";
import { short, type Series } from "./plot.ts";
import type { Point } from "./point.ts";

export interface Circumstances {
  readonly date: Date;
  /** Load averages over a minute, before, between and after. */
  readonly loads: readonly number[];
  /** A durable write of 4 kB, in ms. */
  readonly writeMs: number;
  /** How long each was measured. */
  readonly seconds: number;
  readonly troubles: readonly string[];
}

const LINES: readonly (readonly [name: string, unit: string, of: (point: Point) => number | undefined])[] = [
  ["p50", "ms", ({ p50 }) => p50],
  ["p99", "ms", ({ p99 }) => p99],
  ["CPU of a core", "%", ({ cpu }) => cpu * 100],
  ["memory", "MB", ({ memory }) => memory / 1e6],
  ["to come in", "ms", ({ join }) => join],
  ["CPU of the generator", "%", ({ generator }) => generator * 100],
  ["waited for its core", "%", ({ waited }) => waited * 100],
];

/** Of what did not come in time, or not at all, there is no latency. */
const shown = (figure: number | undefined): string =>
  figure === undefined ? "–" : Number.isFinite(figure) ? String(round(figure, figure < 10 ? 1 : 0)) : "too late";

export function report(all: readonly Series[], { date, loads, writeMs, seconds, troubles }: Circumstances): string {
  const tables = all.map(({ name, unit, points }) => {
    const lines = LINES.flatMap(([line, of, value]) => {
      const values = points.map((point) => [point.size, value(point)] as const);
      if (values.every(([, figure]) => figure === undefined)) return [];
      const found = fit(values.map(([size, figure]) => [size, figure ?? Number.NaN]));
      const grows = found && `x^${found.exponent.toFixed(2)}${found.r2 < 0.8 ? " (no clear power)" : ""}`;
      return [row([`${line}, ${of}`, ...values.map(([, figure]) => shown(figure)), grows ?? "–"])];
    });
    const columns = ["", ...points.map(({ size }) => short(size, unit)), "grows as"];
    return `## ${name[0]!.toUpperCase()}${name.slice(1)}\n\n${head(columns)}\n${lines.join("\n")}`;
  });
  return `# Growth: the last run

${date.toISOString().slice(0, 16).replace("T", " ")} UTC, 2 shared cores (the server on one, the players on the other, other work on both): figures of one machine, and noisy.
The load average was ${loads.map((load) => round(load)).join(", ")} before, between and after, and a durable write of 4 kB took ${round(writeMs, 2)} ms. workerd ${versionOf("workerd")}, Node ${process.versions.node}. Each
figure is of ${seconds} s, once, or of the least disturbed of three where other programs had the server's core. "Grows as" is the power of x that fits best (least squares of the logarithms): 0 does not grow, 1 grows in proportion.
Written by \`npm run bench -- growth\`, with [growth.svg](growth.svg).

${tables.join("\n\n")}

- Players: one puzzle of 1,000 pieces; everybody drags a piece, five moves a second. What is delivered grows with the square of the players, frames with
  the players: a beat's moves are one frame. Latency is from when a move was meant to be sent to its receipt by another.
- Rooms: two players in each, two moves a second of each; every room is an object of its own in one process, and all are busy.
- Pieces: five players of the SDK, four actions a second of each, on a table with an index; latency is until the answer, the row being durable. To come in: the table decoded.
- Documents: five people type four keystrokes a second each; latency is to the receipt by another. To come in is without what the client's own Yjs takes. The
  room takes a longer document than it would by default.
- Memory is what the process has grown by since it started; its heap is collected when it likes.
- The generator waits for the next move without a timer when it is near, and so seems busy; with hundreds of players it is, and latency is its own as much as the room's.${troubles.map((trouble) => `\n- Not measured: ${trouble}.`).join("")}
`;
}
