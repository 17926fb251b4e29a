/** The three bills as they grow with the people, both axes by powers of ten; where the scenario stands is marked. */
import { estimate } from "../../../load/cost/estimate.ts";
import { amount, dollars } from "../../../load/cost/figures.ts";
import { MEASURED } from "../../../load/cost/measured.ts";
import type { Scenario } from "../../../load/cost/scenario.ts";
import { useNarrow } from "../narrow.ts";

const PEOPLE = { from: 1, to: 6 };
/** Of the least dollars that are shown; what is less lies at the foot. */
const FLOOR = 0;
/** Steps of the lines in each power of ten. */
const STEPS = 12;
const FRAME = { left: 52, right: 16, top: 14, bottom: 30 };
const NAMES = { "durable-objects": "Durable Objects", functions: "Functions", machines: "Machines" } as const;

export function Chart({ scenario }: { scenario: Scenario }) {
  const narrow = useNarrow();
  const [width, height] = narrow ? [360, 300] : [720, 420];
  const inner = { width: width - FRAME.left - FRAME.right, height: height - FRAME.top - FRAME.bottom };
  const people = Array.from({ length: (PEOPLE.to - PEOPLE.from) * STEPS + 1 }, (_, n) =>
    Math.round(10 ** (PEOPLE.from + n / STEPS)),
  );
  const points = people.map((players) => ({ players, bills: estimate({ ...scenario, players }, MEASURED).bills }));
  const most = Math.max(10, ...points.at(-1)!.bills.map(({ total }) => total));
  const top = Math.ceil(Math.log10(most));
  const x = (players: number): number =>
    FRAME.left + Math.min(1, Math.max(0, (Math.log10(players) - PEOPLE.from) / (PEOPLE.to - PEOPLE.from))) * inner.width;
  const y = (cost: number): number =>
    FRAME.top + inner.height * (1 - Math.max(0, Math.log10(Math.max(cost, 10 ** FLOOR)) - FLOOR) / (top - FLOOR));
  const here = estimate(scenario, MEASURED).bills;
  const decades = (from: number, to: number, every = 1): number[] =>
    Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, n) => 10 ** (from + n * every));
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="chart"
      role="img"
      aria-label={`Dollars a month by people a day, at ${scenario.players.toLocaleString("en-US")} people: ${here.map(({ id, total }) => `${NAMES[id]} ${dollars(total)}`).join(", ")}`}
    >
      {decades(PEOPLE.from, PEOPLE.to).map((tick) => (
        <g key={tick}>
          <line className="chart-grid" x1={x(tick)} x2={x(tick)} y1={FRAME.top} y2={FRAME.top + inner.height} />
          <text x={x(tick)} y={height - 10} textAnchor={tick === 10 ** PEOPLE.to ? "end" : "middle"}>
            {amount(tick)}
          </text>
        </g>
      ))}
      {decades(FLOOR, top, top > 6 ? 2 : 1).map((tick) => (
        <g key={tick}>
          <line className="chart-grid" x1={FRAME.left} x2={FRAME.left + inner.width} y1={y(tick)} y2={y(tick)} />
          <text x={FRAME.left - 8} y={y(tick) + 4} textAnchor="end">
            ${amount(tick)}
          </text>
        </g>
      ))}
      <line
        className="chart-here"
        x1={x(scenario.players)}
        x2={x(scenario.players)}
        y1={FRAME.top}
        y2={FRAME.top + inner.height}
      />
      {here.map(({ id, total }, index) => (
        <g key={id} data-bill={id}>
          <path
            className="chart-line"
            d={points
              .map(
                ({ players, bills }, n) => `${n === 0 ? "M" : "L"}${x(players).toFixed(1)} ${y(bills[index]!.total).toFixed(1)}`,
              )
              .join("")}
          />
          <circle className="chart-dot" cx={x(scenario.players)} cy={y(total)} r={4.5} />
        </g>
      ))}
      {here.map(({ id, total }, index) => (
        <g key={id} data-bill={id} transform={`translate(${FRAME.left + 12} ${FRAME.top + 14 + index * 19})`}>
          <line className="chart-line" x1={0} x2={26} y1={0} y2={0} />
          <text className="chart-name" x={34} y={4}>
            {NAMES[id]} {dollars(total)}
          </text>
        </g>
      ))}
    </svg>
  );
}
