/** The measured growth as one SVG file that needs nothing else: a column for each thing that grows, a row for each thing it costs, both axes logarithmic. */
import { fit } from "./fit.ts";
import type { Point } from "./point.ts";

export interface Series {
  /** What grows: "players in a room". */
  readonly name: string;
  readonly unit?: "bytes";
  readonly points: readonly Point[];
}

interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly of: readonly ((point: Point) => number)[];
}

export const MEASURES: readonly Measure[] = [
  { name: "Latency, p50 and p99", unit: "ms", of: [({ p50 }) => p50, ({ p99 }) => p99] },
  { name: "CPU of a core", unit: "%", of: [({ cpu }) => cpu * 100] },
  { name: "Memory", unit: "MB", of: [({ memory }) => memory / 1e6] },
];

const PANEL = { width: 250, height: 150 };
const GAP = { left: 50, right: 24, top: 34, bottom: 34 };
const HEAD = 54;
const STYLE = `
  text { font: 11px system-ui, sans-serif; fill: #6a5b4c }
  .title { font: 600 16px system-ui, sans-serif; fill: #2b231c }
  .name { font-weight: 600; fill: #2b231c }
  .paper { fill: #fffdf8 } .grid { stroke: #e6dccb } .p50, .one { stroke: #b8431f; fill: #b8431f } .p99 { stroke: #c98a5f; fill: #c98a5f }
  path { fill: none !important; stroke-width: 2 } .grid { stroke-width: 1 }
  @media (prefers-color-scheme: dark) {
    text { fill: #a9b4bf } .title, .name { fill: #eef1f4 } .paper { fill: #232a31 } .grid { stroke: #3a444e }
    .p50, .one { stroke: #ff8a5c; fill: #ff8a5c } .p99 { stroke: #b98263; fill: #b98263 }
  }`;

/** 1,500 → "1.5k"; bytes likewise, with a B. */
export function short(value: number, unit?: "bytes"): string {
  const [scaled, letter] = value >= 1e6 ? [value / 1e6, "M"] : value >= 1000 ? [value / 1000, "k"] : [value, ""];
  return `${Number(scaled.toPrecision(2))}${letter}${unit ? "B" : ""}`;
}

/** `subtitle`: when and on what it was measured. */
export function plot(series: readonly Series[], subtitle: string): string {
  const cell = { width: GAP.left + PANEL.width + GAP.right, height: GAP.top + PANEL.height + GAP.bottom };
  const [width, height] = [cell.width * series.length, HEAD + cell.height * MEASURES.length];
  const panels = MEASURES.flatMap((measure, row) =>
    series.map(
      (each, column) =>
        `<g transform="translate(${column * cell.width + GAP.left} ${HEAD + row * cell.height + GAP.top})">${panel(each, measure)}</g>`,
    ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="How latency, CPU and memory of a Coterie server grow with ${series.map(({ name }) => name).join(", ")}">
<style>${STYLE}
</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="title" x="18" y="26">How it grows</text>
<text x="18" y="44">${escape(subtitle)}</text>
${panels.join("\n")}
</svg>
`;
}

function panel({ name, unit, points }: Series, measure: Measure): string {
  const values = measure.of.flatMap((of) => points.map(of)).filter((value) => value > 0 && Number.isFinite(value));
  const x = axis(
    points.map(({ size }) => size),
    PANEL.width,
  );
  const y = axis(values, PANEL.height);
  const down = (value: number): number => PANEL.height - y.at(value);
  const lines = measure.of.map((of, index) => {
    const kind = measure.of.length === 1 ? "one" : index === 0 ? "p50" : "p99";
    const shown = points
      .map((point) => [point.size, of(point)] as const)
      .filter(([, value]) => value > 0 && Number.isFinite(value));
    const path = shown.map(([size, value], n) => `${n === 0 ? "M" : "L"}${num(x.at(size))} ${num(down(value))}`).join("");
    const dots = shown.map(
      ([size, value]) =>
        `<circle class="${kind}" cx="${num(x.at(size))}" cy="${num(down(value))}" r="3"><title>${short(size, unit)}: ${Number(value.toPrecision(3))} ${measure.unit}</title></circle>`,
    );
    return `<path class="${kind}" d="${path}"/>${dots.join("")}`;
  });
  const found = fit(points.map((point) => [point.size, measure.of[0]!(point)]));
  const slope = found ? ` ∝ x^${found.exponent.toFixed(2)}` : "";
  return [
    `<text class="name" y="-18">${escape(measure.name)}</text>`,
    `<text y="-5">${measure.unit}, by ${escape(name)}${measure.of.length > 1 ? " (p50" + slope + ")" : slope}</text>`,
    ...x.ticks.map(
      (tick) =>
        `<path class="grid" d="M${num(x.at(tick))} 0V${PANEL.height}"/><text x="${num(x.at(tick))}" y="${PANEL.height + 16}" text-anchor="middle">${short(tick, unit)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<path class="grid" d="M0 ${num(down(tick))}H${PANEL.width}"/><text x="-6" y="${num(down(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
    ),
    ...lines,
  ].join("");
}

/** From the power of ten below the least to the one above the greatest. */
function axis(values: readonly number[], length: number): { at(value: number): number; ticks: number[] } {
  const from = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value) => ((Math.log10(value) - from) / (to - from)) * length,
    ticks: Array.from({ length: to - from + 1 }, (_, n) => 10 ** (from + n)),
  };
}

const num = (value: number): string => String(Math.round(value * 10) / 10);
const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
