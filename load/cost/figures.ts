/** Amounts and dollars as people read them, in a terminal and on a page alike. */

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
