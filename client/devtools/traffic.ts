/** Frames and bytes a second, each way, with the last half minute as a line. */
import type { Traffic } from "../connection.ts";
import { drawing, element, say } from "./element.ts";
import type { Section } from "./section.ts";

/** As many samples are drawn. */
const SAMPLES = 60;
const [WIDTH, HEIGHT] = [140, 26];

const WAYS = ["received", "sent"] as const;
const ARROWS = { received: "↓", sent: "↑" };

export function traffic(): Section {
  let last: { readonly at: number; readonly traffic: Traffic } | undefined;
  const ways = WAYS.map((way) => {
    const line = drawing("path", { class: "line" });
    const area = drawing("path", { class: "area" });
    const rate = element("span", { class: "rate", "data-rate": way });
    const drawn = drawing(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      area,
      line,
    );
    const name = element("span", { class: "way" }, element("span", { "aria-hidden": "true" }, `${ARROWS[way]} `), way);
    return {
      way,
      line,
      area,
      rate,
      bytes: [] as number[],
      element: element("div", { class: `traffic ${way}` }, name, drawn, rate),
    };
  });
  return {
    element: element("div", {}, ...ways.map((each) => each.element)),
    update({ now, diagnostics }) {
      const before = last;
      last = { at: now, traffic: diagnostics.traffic };
      if (!before || now <= before.at) return;
      const perSecond = 1000 / (now - before.at);
      for (const { way, line, area, rate, bytes } of ways) {
        const [old, fresh] = [before.traffic[way], diagnostics.traffic[way]];
        bytes.push((fresh.bytes - old.bytes) * perSecond);
        if (bytes.length > SAMPLES) bytes.shift();
        say(rate, `${Math.round((fresh.frames - old.frames) * perSecond)} frames/s, ${inBytes(bytes.at(-1)!)}/s`);
        const path = pathOf(bytes);
        line.setAttribute("d", path);
        area.setAttribute("d", `${path} V${HEIGHT} H${x(SAMPLES - bytes.length)} Z`);
      }
    },
  };
}

const x = (sample: number): number => round((sample / (SAMPLES - 1)) * WIDTH);
const round = (value: number): number => Math.round(value * 10) / 10;

/** Newest at the right, the highest at the top. */
function pathOf(bytes: readonly number[]): string {
  const most = Math.max(1, ...bytes);
  const points = bytes.map(
    (each, index) => `${x(SAMPLES - bytes.length + index)} ${round(HEIGHT - 1.5 - (each / most) * (HEIGHT - 3))}`,
  );
  return `M${points.join(" L")}`;
}

const inBytes = (bytes: number): string => (bytes < 1000 ? `${Math.round(bytes)} B` : `${(bytes / 1000).toFixed(1)} kB`);
