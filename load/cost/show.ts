/** The estimate as people read it: what each line is charged at, and all of it as a text for a terminal. */
import type { Bill, Line } from "./bill.ts";
import { assumptionsOf, machinesWinFrom, type Estimate } from "./estimate.ts";
import { amount, dollars } from "./figures.ts";
import type { Measured } from "./measured.ts";
import { SOURCES, type Source } from "./prices.ts";
import type { Scenario } from "./scenario.ts";

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

/** Who is the cheapest, in a sentence or two. */
export function verdict({ scenario, bills }: Estimate, measured: Measured): string {
  const [cheapest] = bills.toSorted((a, b) => a.total - b.total);
  const from = machinesWinFrom(scenario, measured);
  const turn =
    from === undefined
      ? "Machines do not cost less than rooms at any number of people"
      : `Machines cost less than rooms from about ${Number(from.toPrecision(2)).toLocaleString("en-US")} people a day on`;
  return `The cheapest here: ${cheapest!.name}. ${turn}, everything else as it is.`;
}

/** Where the prices of these bills are from. */
export const sourcesOf = (bills: readonly Bill[]): readonly Source[] =>
  [...new Set(bills.flatMap(({ lines }) => lines.map(({ price }) => price.source)))].map((id) => SOURCES[id]);

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
  return [
    `A month (30 days) of a ${scenario.kind}: ${describe(scenario)}.`,
    ...sections,
    verdict(estimate, measured),
    ["Taken for granted", ...assumptionsOf(scenario, measured).map((text) => `  - ${text}`)].join("\n"),
    `Measured ${measured.date}, ${measured.machine}; ${measured.versions} (load/measured.json, by npm run bench -- cost).`,
    [NOT_FETCHED, ...sourcesOf(bills).map(({ title, url, asOf }) => `  ${asOf.padEnd(10)}  ${title}\n              ${url}`)].join(
      "\n",
    ),
  ].join("\n\n");
}
