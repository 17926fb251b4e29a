/** What came out of a campaign, or of several together, in numbers and in words. */
import type { Violation } from "./violations.ts";

export interface Report {
  readonly kills: number;
  /** Actions that players did. */
  readonly sent: number;
  /** Acknowledged: by a value, or by a refusal of the rules. */
  readonly acknowledged: number;
  /** Of those, by a refusal. */
  readonly refused: number;
  /** Stored, but not yet answered when a kill came. */
  readonly unheard: number;
  /** In all journals. */
  readonly rows: number;
  readonly violations: readonly Violation[];
  /** What the server printed last. */
  readonly printed: readonly string[];
}

export const NOTHING: Report = {
  kills: 0,
  sent: 0,
  acknowledged: 0,
  refused: 0,
  unheard: 0,
  rows: 0,
  violations: [],
  printed: [],
};

export const sum = (a: Report, b: Report): Report => ({
  kills: a.kills + b.kills,
  sent: a.sent + b.sent,
  acknowledged: a.acknowledged + b.acknowledged,
  refused: a.refused + b.refused,
  unheard: a.unheard + b.unheard,
  rows: a.rows + b.rows,
  violations: [...a.violations, ...b.violations],
  printed: b.printed.length > 0 ? b.printed : a.printed,
});

/** One line: how much was tried, and what broke. */
export function inWords({ kills, sent, acknowledged, refused, unheard, rows, violations }: Report): string {
  const count = (kind: Violation["kind"]): number => violations.filter((each) => each.kind === kind).length;
  const known = count("lost") + count("doubled") + count("gap");
  return (
    `${kills} kills: ${sent} sent, ${acknowledged} acknowledged (${refused} refused by the rules, ${unheard} stored before a kill and answered after it), ${rows} rows; ` +
    `${count("lost")} lost, ${count("doubled")} doubled, ${count("gap")} gaps, ${violations.length - known} otherwise wrong`
  );
}

/** The first of what broke, a line each. */
export const breaches = ({ violations }: Report, most = 20): string[] =>
  violations
    .slice(0, most)
    .map(({ kind, witness, room, kills, words }) => `${kind}, says the ${witness} of ${room} after ${kills} kills: ${words}`);
