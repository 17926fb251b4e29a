/**
 * Holds the journal of a room against the ledger, after every kill and only over what is new since the last: rows
 * without a gap, none ever rewritten, every action in one row at most, and every answer in the row that it names.
 */
import type { Answer } from "../../shared/protocol/action.ts";
import { inputsOf, readJournal, type JournalFile, type Row } from "./journal.ts";
import { describe, type Entry, type Ledger } from "./ledger.ts";
import type { Kind, Violations } from "./violations.ts";

export interface JournalCheckOptions {
  readonly room: string;
  /** Where the room's file lies. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** `c.me` of a user who has been answered. */
  readonly me: (user: string) => number;
  readonly violations: Violations;
}

export class JournalCheck {
  readonly #options: JournalCheckOptions;
  /** The newest row seen. */
  #last: Row | undefined;
  /** By `c.me`, then number: where it was found, and with what answer. */
  readonly #found = new Map<number, Map<number, { seq: number; answer: Answer }>>();

  /** Actions that were in a row when a kill came before their answer: each has to be answered again, and not run again. */
  unheard = 0;

  constructor(options: JournalCheckOptions) {
    this.#options = options;
  }

  /** Rows seen so far. */
  get rows(): number {
    return this.#last?.seq ?? 0;
  }

  /** To be called while no process has the file. */
  run(): void {
    const { folder, ledger } = this.#options;
    const file = readJournal(folder, this.#last?.seq ?? 1);
    if (file) {
      this.#whole(file);
      this.#follow(file.rows);
    } else if (this.#last) this.#report("lost", `the room has gone, which had ${this.#last.seq} rows`);
    for (const entry of ledger.fresh) this.#lookFor(entry);
    ledger.fresh = [];
    this.unheard += ledger.pending.filter((entry) => this.#row(entry)).length;
  }

  #report(kind: Kind, words: string): void {
    this.#options.violations.report(kind, "journal", this.#options.room, words);
  }

  #whole({ lowest, highest, count, snapshot }: JournalFile): void {
    if (count > 0 && count !== highest - lowest + 1) this.#report("gap", `${count} rows from ${lowest} to ${highest}`);
    if (snapshot === undefined) this.#report("lost", "the room has no snapshot");
    else if (count > 0 && (lowest > snapshot + 1 || highest < snapshot))
      this.#report("gap", `rows ${lowest} to ${highest} do not lead on from the snapshot at ${snapshot}`);
  }

  #follow(rows: readonly Row[]): void {
    const before = this.#last;
    const [first, ...later] = rows;
    if (!before) return rows.forEach((row) => this.#take(row));
    if (first?.seq !== before.seq) this.#report("lost", `row ${before.seq} was there, and is not any more`);
    else if (Buffer.compare(first.bytes, before.bytes) !== 0) this.#report("changed", `row ${before.seq} was rewritten`);
    for (const row of first?.seq === before.seq ? later : rows) this.#take(row);
  }

  #take(row: Row): void {
    const expected = (this.#last?.seq ?? 0) + 1;
    if (row.seq !== expected) this.#report("gap", `row ${row.seq} follows row ${expected - 1}`);
    this.#last = row;
    for (const { input, answer } of inputsOf(row)) {
      if (input.kind !== "act") continue;
      const { me, number } = input;
      const found = this.#found.get(me) ?? new Map<number, { seq: number; answer: Answer }>();
      this.#found.set(me, found);
      const earlier = found.get(number);
      if (earlier) this.#report("doubled", `action ${number} of number ${me} is in rows ${earlier.seq} and ${row.seq}`);
      else if (number > 1 && !found.has(number - 1))
        this.#report("gap", `action ${number} of number ${me} is in row ${row.seq}, and the one before it in none`);
      else found.set(number, { seq: row.seq, answer });
    }
  }

  #row({ user, number }: Entry): { seq: number; answer: Answer } | undefined {
    return this.#found.get(this.#options.me(user))?.get(number);
  }

  #lookFor(entry: Entry): void {
    const found = this.#row(entry);
    if (!found) this.#report("lost", `${describe(entry)} is in no row`);
    else if (!same(entry, found))
      this.#report("changed", `${describe(entry)} is in row ${found.seq} with the answer ${JSON.stringify(found.answer)}`);
  }
}

function same({ answer: told }: Entry, { seq, answer }: { seq: number; answer: Answer }): boolean {
  if (told?.kind === "refused") return answer.kind !== "done" && answer.code === told.code;
  return told?.seq === seq && answer.kind === "done" && (JSON.stringify(told.value) ?? "") === answer.json;
}
