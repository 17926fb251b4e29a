/** A line chart over the seconds of a run, as SVG: no script, no fonts, colours by the page's own variables. */

export interface Series {
  readonly name: string;
  /** One a second; null: there was nothing. */
  readonly values: readonly (number | null)[];
  /** A colour of the page: `--series-1`, … */
  readonly colour: string;
}

export interface Chart {
  readonly title: string;
  /** What is good, or how it is to be read. */
  readonly hint?: string;
  readonly format: (value: number) => string;
  /** s, of each value. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** Lines that are not to be crossed. */
  readonly bounds?: readonly { readonly label: string; readonly value: number }[];
}

const WIDTH = 560;
const HEIGHT = 200;
const LEFT = 58;
const RIGHT = 74;
const TOP = 12;
const BOTTOM = 24;
/** Labels at the ends of lines keep this far from each other. */
const LABEL_GAP = 13;
const TICKS = 4;

/** Steps that people can count in: 1, 2 or 5 times a power of ten. */
export function niceStep(range: number, ticks: number): number {
  const rough = range / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export function chartSvg({ title, hint, format, at, series, bounds = [] }: Chart): string {
  const values = series.flatMap((each) => each.values.filter((value) => value !== null));
  const largest = Math.max(...values, 0);
  // A bound that is far above everything would press the lines flat: it is then only named.
  const shown = bounds.filter(({ value }) => value <= largest * 3);
  const step = niceStep(Math.max(largest, ...shown.map(({ value }) => value), Number.EPSILON) * 1.05, TICKS);
  const top = Math.ceil((Math.max(largest, ...shown.map(({ value }) => value)) * 1.02) / step) * step || step;
  const last = Math.max(at.at(-1) ?? 1, 1);
  const x = (second: number): number => LEFT + (second / last) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  for (let value = 0; value <= top * 1.0001; value += step)
    parts.push(
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${dot(y(value))}" y2="${dot(y(value))}"/>`,
      `<text class="tick" x="${LEFT - 6}" y="${dot(y(value) + 4)}" text-anchor="end">${escaped(format(value))}</text>`,
    );
  const every = niceStep(last, 6);
  for (let second = 0; second <= last; second += every)
    parts.push(`<text class="tick" x="${dot(x(second))}" y="${HEIGHT - 6}" text-anchor="middle">${dot(second)} s</text>`);
  for (const { value } of shown)
    parts.push(`<line class="bound" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${dot(y(value))}" y2="${dot(y(value))}"/>`);
  for (const each of series)
    parts.push(`<path class="line" style="stroke:var(${each.colour})" d="${path(each.values, at, x, y)}"/>`);
  for (const { label, at: height } of apart(shown.map(({ label, value }) => ({ label, at: y(value) - 4 }))))
    parts.push(`<text class="bound-label" x="${LEFT + 4}" y="${dot(height)}">${escaped(label)}</text>`);
  // Of equals the one that is named first is on top.
  const ends = series.toReversed().map((each) => ({ ...each, at: y(each.values.findLast((value) => value !== null) ?? 0) + 4 }));
  for (const { name, colour, at: height } of apart(ends))
    parts.push(
      `<text class="name" x="${WIDTH - RIGHT + 6}" y="${dot(height)}" style="fill:var(${colour})">${escaped(name)}</text>`,
    );
  for (const [index, second] of at.entries()) {
    const from = index === 0 ? 0 : at[index - 1]!;
    const said = series.map((each) => `${each.name} ${each.values[index] == null ? "–" : format(each.values[index])}`).join(", ");
    parts.push(
      `<rect class="hit" x="${dot(x(from))}" y="${TOP}" width="${dot(x(second) - x(from))}" height="${HEIGHT - TOP - BOTTOM}"><title>${dot(second)} s: ${escaped(said)}</title></rect>`,
    );
  }
  const far = bounds.filter((bound) => !shown.includes(bound)).map(({ label }) => label);
  const under = [hint, far.length > 0 ? `far above: ${far.join(", ")}` : undefined].filter((line) => line !== undefined);
  return `<figure><figcaption>${escaped(title)}${under.length > 0 ? `<small>${escaped(under.join(" · "))}</small>` : ""}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">${parts.join("")}</svg></figure>`;
}

/** A line with a gap where there is nothing; what stands alone is a dot. */
function path(
  values: readonly (number | null)[],
  at: readonly number[],
  x: (second: number) => number,
  y: (value: number) => number,
): string {
  let drawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        drawing = false;
        return "";
      }
      const point = `${dot(x(at[index]!))} ${dot(y(value))}`;
      const started = drawing;
      drawing = true;
      return started ? `L${point}` : `M${point}l0 0`;
    })
    .join("");
}

/** Labels by their height, the lowest first, moved up where they would meet. */
function apart<T extends { readonly at: number }>(labels: readonly T[]): T[] {
  let lowest = Infinity;
  return labels
    .toSorted((a, b) => b.at - a.at)
    .map((label) => ({ ...label, at: (lowest = Math.min(label.at, lowest - LABEL_GAP)) }));
}

const dot = (value: number): string => String(Math.round(value * 10) / 10);
