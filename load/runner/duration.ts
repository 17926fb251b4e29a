/** Durations as k6 writes them: "1m30s", "500ms", or a number of milliseconds. */
import { configError } from "./exit-code.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ONE = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** In ms. Throws a config error that names `what`. */
export function durationMs(value: unknown, what: string): number {
  if (typeof value === "number" && value >= 0) return value;
  if (typeof value === "string") {
    const text = value.trim();
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
    const parts = [...text.matchAll(ONE)];
    if (parts.length > 0 && parts.map(([whole]) => whole).join("") === text)
      return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNIT_MS[unit!]!, 0);
  }
  throw configError(`${what}: ${JSON.stringify(value)}, expected a duration such as "1m30s"`);
}

/** 90,000 ms as "1m30s". */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60] as const;
  const text = parts.map((part, index) => (part > 0 ? `${part}${"hms"[index]}` : "")).join("");
  return text === "" ? "0s" : text;
}
