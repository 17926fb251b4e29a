/** A bill, and how a line of it comes from an amount and a price. */
import type { SourceId } from "./prices.ts";

/** `dollars` for each `per` of what goes beyond what is included in a month. */
export interface Price {
  readonly dollars: number;
  readonly per: number;
  readonly included?: number;
  /** What is begun is paid whole: beyond what is included, the amount is rounded up to a multiple of `per`. */
  readonly whole?: boolean;
  readonly source: SourceId;
}

export interface Line {
  readonly name: string;
  /** Of a month. */
  readonly amount: number;
  readonly unit: string;
  readonly price: Price;
  readonly dollars: number;
}

export interface Bill {
  readonly id: "durable-objects" | "functions" | "machines";
  readonly name: string;
  readonly lines: readonly Line[];
  /** Dollars a month. */
  readonly total: number;
  /** What this bill takes for granted, and what it does not buy. */
  readonly notes: readonly string[];
}

/** Dollars for an amount of a month. */
export function charge({ dollars, per, included = 0, whole = false }: Price, amount: number): number {
  const units = Math.max(0, amount - included) / per;
  return dollars * (whole ? Math.ceil(units) : units);
}

export const line = (name: string, amount: number, unit: string, price: Price): Line => ({
  name,
  amount,
  unit,
  price,
  dollars: charge(price, amount),
});

export const sumOf = (lines: readonly Line[]): number => lines.reduce((sum, { dollars }) => sum + dollars, 0);

export const bill = (id: Bill["id"], name: string, lines: readonly Line[], notes: readonly string[]): Bill => ({
  id,
  name,
  lines,
  total: sumOf(lines),
  notes,
});
