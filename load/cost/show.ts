/** Amounts, dollars and the whole estimate as people read them; the command's and the page's figures are the same letters. */
import type { Line } from "./bill.ts";
import { assumptionsOf, type Estimate } from "./estimate.ts";
import type { Measured } from "./measured.ts";
import { SOURCES } from "./prices.ts";
import type { Scenario } from "./scenario.ts";

/** "$0", "$0.15", "$12", "$1,575". */
export function dollars(value: number): string {
  const digits = value === 0 || value >= 10 ? 0 : 2;
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

const SCALES = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** Three digits that count: "1.62G", "345k", "2". */
export function amount(value: number): string {
  const [scale, letter] = SCALES.find(([scale]) => value >= scale) ?? [1, ""];
  return `${Number((value / scale).toPrecision(3))}${letter}`;
}

/** What one of it is called, where it is priced one by one. */
const ONE: Readonly<Record<string, string>> = { "GB-months": "GB-month", machines: "machine" };

/** What a line is charged at: "$0.15 per 1M beyond 1M". */
export function rate({ price: { dollars: each, per, included = 0 }, unit }: Line): string {
  const of = per === 1 ? (ONE[unit] ?? unit) : per < 2 ? "GiB" : amount(per);
  return `$${Number(each.toPrecision(6))} per ${of}${included > 0 ? ` beyond ${amount(included)}` : ""}`;
}

export const NOT_FETCHED =
  "Prices are those of the pages below as of the dates beside them; none was fetched for this bill. Look before you rely on one.";

export function describe({ kind, client, players, hours, rate: each, actions, roomSize, idle }: Scenario): string {
  const what = kind === "game" ? `${each} moves and ${actions} actions a second` : `${each} keystrokes a second`;
  return `${players.toLocaleString("en-US")} people a day, ${hours} h each, ${what} of each, ${roomSize} in a room that is quiet ${Math.round(idle * 100)} % of the time${client === "sdk" ? "" : `, with ${client}`}`;
}

/** The estimate as a text for a terminal. */
export function table(estimate: Estimate, measured: Measured): string {
  const { scenario, bills } = estimate;
  const sections = bills.map(({ name, lines, total, notes }) => {
    const rows = lines.map((line) => [line.name, `${amount(line.amount)} ${line.unit}`, rate(line), dollars(line.dollars)]);
    const widths = [46, 18, 34, 12];
    const shown = rows.map((cells) =>
      `  ${cells.map((cell, n) => (n === 1 || n === 3 ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!))).join("  ")}`.trimEnd(),
    );
    return [
      name,
      ...shown,
      `  ${"a month".padEnd(widths.reduce((sum, width) => sum + width + 2, 0) - widths[3]! - 2)}${dollars(total).padStart(widths[3]!)}`,
      ...notes.map((note) => `  - ${note}`),
    ].join("\n");
  });
  const used = [...new Set(bills.flatMap(({ lines }) => lines.map(({ price }) => price.source)))].map((id) => SOURCES[id]);
  return [
    `A month (30 days) of a ${scenario.kind}: ${describe(scenario)}.`,
    ...sections,
    ["Taken for granted", ...assumptionsOf(scenario, measured).map((text) => `  - ${text}`)].join("\n"),
    `Measured ${measured.date}, ${measured.machine}; ${measured.versions} (load/measured.json, by npm run bench -- cost).`,
    [NOT_FETCHED, ...used.map(({ title, url, asOf }) => `  ${asOf.padEnd(10)}  ${title}\n              ${url}`)].join("\n"),
  ].join("\n\n");
}
