/**
 * Holds the state that everyone was shown in the end against the ledger. It knows nothing of journals: each `add` was
 * answered with the total after it, so the answers have to tile the range from 0 to the last total without a hole (what
 * came twice) and without an overlap (what was lost, and its place given away again).
 */
import { canonical } from "../kit/board.ts";
import { describe, type Entry, type Ledger } from "./ledger.ts";
import type { Board } from "./player.ts";
import type { Kind, Violations } from "./violations.ts";

/** What the rules of the board refuse (test/kit/board-game.ts). */
const REFUSALS = new Set(["held", "gone", "not-yours"]);

type Done = Entry & { readonly answer: { readonly kind: "done"; readonly seq: number; readonly value: unknown } };

export interface StateCheckOptions {
  readonly room: string;
  readonly ledger: Ledger;
  /** All at rest. */
  readonly players: readonly Board[];
  /** Came when all was over. */
  readonly newcomer: Board;
  readonly violations: Violations;
}

export function checkState({ room, ledger, players, newcomer, violations }: StateCheckOptions): void {
  const report = (kind: Kind, words: string): void => violations.report(kind, "state", room, words);
  const { confirmed } = newcomer;
  const done = ledger.entries.filter((entry): entry is Done => entry.answer?.kind === "done");

  for (const entry of ledger.entries)
    if (!entry.answer) report("stuck", describe(entry));
    else if (entry.answer.kind === "refused" && !REFUSALS.has(entry.answer.code)) report("refused", describe(entry));

  const expected = canonical(confirmed);
  for (const [index, each] of [newcomer, ...players].entries())
    for (const view of ["confirmed", "state"] as const)
      if (canonical(each[view]) !== expected) report("diverged", `client ${index}: its ${view} is not what a newcomer is given`);

  tile(done, confirmed.meta.total, report);

  const roll = latest(done.filter(({ move }) => move.name === "roll"));
  if (roll.length > 0 && !roll.some(({ answer }) => answer.value === confirmed.meta.lastRoll))
    report("lost", `the last roll is ${confirmed.meta.lastRoll}, expected that of ${roll.map(describe).join(" or ")}`);

  for (const { id, x, y } of confirmed.pieces) {
    const drops = latest(done.filter(({ move }) => move.name === "drop" && move.id === id));
    if (drops.length > 0 && !drops.some(({ move }) => move.name === "drop" && move.x === x && move.y === y))
      report("lost", `piece ${id} lies at ${x},${y}, expected where it was put by ${drops.map(describe).join(" or ")}`);
  }
}

function tile(done: readonly Done[], total: number, report: (kind: Kind, words: string) => void): void {
  const adds = done.filter(({ move }) => move.name === "add").sort((a, b) => Number(a.answer.value) - Number(b.answer.value));
  let reached = 0;
  let seq = 0;
  for (const entry of adds) {
    const after = Number(entry.answer.value);
    const before = entry.move.name === "add" ? after - entry.move.n : 0;
    if (before > reached) report("doubled", `${before - reached} too much was added before ${describe(entry)}`);
    if (before < reached) report("lost", `the total was ${reached} before ${describe(entry)}`);
    if (entry.answer.seq < seq) report("changed", `row ${seq} came before ${describe(entry)}`);
    reached = after;
    seq = entry.answer.seq;
  }
  if (total > reached) report("doubled", `the total is ${total}, all that was added makes ${reached}`);
  if (total < reached) report("lost", `the total is ${total}, all that was added makes ${reached}`);
}

/** Those of the newest row: which of them came last in it, only the row knows. */
function latest(entries: readonly Done[]): Done[] {
  const seq = Math.max(...entries.map(({ answer }) => answer.seq));
  return entries.filter(({ answer }) => answer.seq === seq);
}
