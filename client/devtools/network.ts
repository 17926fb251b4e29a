/** Switches for a worse network: they write into the object that `createClient({ debug })` reads all the time. */
import type { DebugOptions } from "../debug.ts";
import { element, say } from "./element.ts";
import type { Section } from "./section.ts";

interface Slider {
  readonly label: string;
  readonly most: number;
  readonly step: number;
  readonly unit: string;
  read(debug: DebugOptions): number;
  write(debug: DebugOptions, value: number): void;
}

const SLIDERS: readonly Slider[] = [
  {
    label: "Latency",
    most: 1000,
    step: 10,
    unit: "ms",
    read: (debug) => debug.latencyMs ?? 0,
    write: (debug, ms) => void (debug.latencyMs = ms),
  },
  {
    label: "Jitter",
    most: 500,
    step: 10,
    unit: "ms",
    read: (debug) => debug.jitterMs ?? 0,
    write: (debug, ms) => void (debug.jitterMs = ms),
  },
  {
    label: "Loss",
    most: 50,
    step: 1,
    unit: "%",
    read: (debug) => Math.round((debug.loss ?? 0) * 100),
    write: (debug, percent) => void (debug.loss = percent / 100),
  },
];

export function network(debug: DebugOptions): Section {
  const offline = element("input", { type: "checkbox", role: "switch" });
  offline.addEventListener("change", () => (debug.offline = offline.checked));
  const sliders = SLIDERS.map((slider) => {
    const input = element("input", { type: "range", min: 0, max: slider.most, step: slider.step });
    const value = element("output");
    input.addEventListener("input", () => {
      slider.write(debug, input.valueAsNumber);
      show();
    });
    return { slider, input, value };
  });
  const show = (): void => {
    offline.checked = debug.offline ?? false;
    for (const { slider, input, value } of sliders) {
      const now = slider.read(debug);
      input.value = `${now}`;
      input.setAttribute("aria-valuetext", `${now} ${slider.unit}`);
      say(value, `${now} ${slider.unit}`);
    }
  };
  return {
    element: element(
      "div",
      { class: "network" },
      ...sliders.map(({ slider, input, value }) => element("label", {}, element("span", {}, slider.label), input, value)),
      element("label", { class: "switch" }, element("span", {}, "Offline"), offline),
    ),
    update: show, // the app may have changed it as well
  };
}
