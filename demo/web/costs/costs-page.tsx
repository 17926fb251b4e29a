/** What a month costs: on rooms, on functions and on machines, for as many people as one likes. The same reckoning as `npm run cost`. */
import { useEffect, useState } from "react";
import { assumptionsOf, estimate } from "../../../load/cost/estimate.ts";
import { MEASURED } from "../../../load/cost/measured.ts";
import { DEFAULTS, scenarioOf, type Scenario } from "../../../load/cost/scenario.ts";
import { describe, NOT_FETCHED, sourcesOf, verdict } from "../../../load/cost/show.ts";
import { Mark } from "../icons.tsx";
import { PageLink } from "../page-link.tsx";
import { ThemeButton } from "../theme-button.tsx";
import { BillTable } from "./bill-table.tsx";
import { Chart } from "./chart.tsx";
import { Controls } from "./controls.tsx";
import "./costs.css";

/** What the address says, where it can be read. */
function fromAddress(): Scenario {
  try {
    return scenarioOf(Object.fromEntries(new URLSearchParams(location.search)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return DEFAULTS.game;
  }
}

export function CostsPage() {
  const [scenario, setScenario] = useState(fromAddress);
  useEffect(() => {
    const said = Object.entries(scenario).filter(([name, value]) => value !== DEFAULTS[scenario.kind][name as keyof Scenario]);
    const query = new URLSearchParams([
      ["kind", scenario.kind],
      ...said.map(([name, value]): [string, string] => [name, String(value)]),
    ]);
    history.replaceState(null, "", `/costs?${query}`);
  }, [scenario]);
  useEffect(() => {
    const { title } = document;
    document.title = "What a month costs · Coterie";
    return () => {
      document.title = title;
    };
  }, []);
  const result = estimate(scenario, MEASURED);
  const { bills } = result;
  return (
    <main className="lobby costs" data-testid="costs">
      <header className="lobby-top">
        <PageLink to="/" className="brand">
          <Mark /> Coterie
        </PageLink>
        <ThemeButton />
      </header>
      <div className="costs-body">
        <div className="costs-head">
          <h1>What a month costs.</h1>
          <p className="lede">
            The same people, moving as often, three ways: rooms on Durable Objects, functions over a database, machines by the
            month.
          </p>
        </div>
        <div className="costs-play">
          <Controls scenario={scenario} change={setScenario} />
          <figure className="costs-chart">
            <Chart scenario={scenario} />
            <figcaption className="hint">
              Dollars a month by people a day, both by powers of ten. {describe(scenario)}.
            </figcaption>
          </figure>
        </div>
        <p className="costs-verdict" role="status" data-testid="verdict">
          {verdict(result, MEASURED)}
        </p>
        <div className="costs-bills">
          {bills.map((bill) => (
            <BillTable key={bill.id} bill={bill} />
          ))}
        </div>
        <section className="costs-fine">
          <div>
            <h2>Taken for granted</h2>
            <ul>
              {assumptionsOf(scenario, MEASURED).map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </div>
          <div>
            <h2>Measured</h2>
            <p>
              {MEASURED.date.replace("T", " ").replace("Z", " UTC")}, {MEASURED.machine}; {MEASURED.versions}. What a room uses
              was counted in a real one; what machines bear, beside it.
            </p>
            <h2>Prices</h2>
            <p>{NOT_FETCHED}</p>
            <ul>
              {sourcesOf(bills).map(({ title, url, asOf }) => (
                <li key={url}>
                  <a href={url}>{title}</a>, as of {asOf}
                </li>
              ))}
            </ul>
          </div>
        </section>
      </div>
    </main>
  );
}
