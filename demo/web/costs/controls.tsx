/** What is asked: a game or a document, and a slider for each amount that matters. */
import { DEFAULTS, RANGES, type Amount, type Kind, type Scenario } from "../../../load/cost/scenario.ts";

interface Slider {
  readonly name: Amount;
  readonly label: string;
  /** Where it may stand: not even steps, since nobody cares for 4,713 people. */
  readonly stops: readonly number[];
  readonly show: (value: number) => string;
}

const plain = (value: number): string => value.toLocaleString("en-US");
const percent = (value: number): string => `${Math.round(value * 100)} %`;
/** 1, 1.5, 2, 3, 5, 7 of each power of ten. */
const decades = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, n) => [1, 1.5, 2, 3, 5, 7].map((step) => step * 10 ** (from + n)))
    .flat()
    .concat(10 ** to);

const SLIDERS: readonly Slider[] = [
  { name: "players", label: "People a day", stops: decades(1, 6), show: plain },
  { name: "hours", label: "Hours a day, each", stops: [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24], show: plain },
  { name: "roomSize", label: "People in a room", stops: [1, 2, 3, 5, 8, 10, 20, 30, 50, 100, 200, 500], show: plain },
  {
    name: "idle",
    label: "Share of the time in which a room is quiet",
    stops: [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99],
    show: percent,
  },
];
const RATE: Readonly<Record<Kind, Slider>> = {
  game: { name: "rate", label: "Moves a second, each", stops: [0, 1, 2, 5, 10, 15, 20, 30], show: plain },
  document: { name: "rate", label: "Keystrokes a second, each", stops: [0.1, 0.25, 0.5, 1, 2, 3, 5, 8], show: plain },
};
const ACTIONS: Slider = {
  name: "actions",
  label: "Lasting actions a second, each",
  stops: [0, 0.05, 0.1, 0.2, 0.33, 0.5, 1, 2, 5],
  show: plain,
};
const STATE: Slider = {
  name: "stateMB",
  label: "State that functions read and write, in MB",
  stops: [0.01, 0.05, 0.1, 0.5, 1, 2, 4, 8],
  show: plain,
};

export function Controls({ scenario, change }: { scenario: Scenario; change: (scenario: Scenario) => void }) {
  const { kind } = scenario;
  const sliders = [...SLIDERS.slice(0, 2), RATE[kind], ...(kind === "game" ? [ACTIONS] : []), ...SLIDERS.slice(2), STATE];
  const become = (next: Kind): void => {
    const { players, hours } = scenario;
    change({ ...DEFAULTS[next], players, hours });
  };
  return (
    <form className="costs-controls" onSubmit={(event) => event.preventDefault()}>
      <fieldset className="sizes costs-kinds">
        <legend className="label">What they share</legend>
        {(["game", "document"] as const).map((each) => (
          <label key={each}>
            <input type="radio" name="kind" checked={each === kind} onChange={() => become(each)} data-testid={`kind-${each}`} />
            <span>{each === "game" ? "A game" : "A document"}</span>
          </label>
        ))}
      </fieldset>
      {kind === "document" && (
        <label className="costs-check">
          <input
            type="checkbox"
            checked={scenario.client === "y-websocket"}
            onChange={({ target }) => change({ ...scenario, client: target.checked ? "y-websocket" : "sdk" })}
          />{" "}
          with y-websocket instead of the SDK
        </label>
      )}
      {sliders.map((slider) => (
        <Range
          key={slider.name}
          slider={slider}
          value={scenario[slider.name]}
          change={(value) => change({ ...scenario, [slider.name]: value })}
        />
      ))}
    </form>
  );
}

function Range({
  slider: { name, label, stops, show },
  value,
  change,
}: {
  slider: Slider;
  value: number;
  change: (value: number) => void;
}) {
  const { from, to } = RANGES[name];
  const allowed = stops.filter((stop) => stop >= from && stop <= to);
  // A value from the address may lie between two stops.
  const at = allowed.reduce((best, stop, index) => (Math.abs(stop - value) < Math.abs(allowed[best]! - value) ? index : best), 0);
  return (
    <label className="costs-range">
      <span>{label}</span>
      <output>{show(value)}</output>
      <input
        type="range"
        min={0}
        max={allowed.length - 1}
        value={at}
        aria-valuetext={show(value)}
        onChange={({ target }) => change(allowed[Number(target.value)]!)}
        data-testid={`range-${name}`}
      />
    </label>
  );
}
