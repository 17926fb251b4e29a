/** load/RESULTS.md: the last run of each bench, a chapter each, and how its tables are written. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { round } from "./statistics.ts";

const FILE = fileURLToPath(new URL("RESULTS.md", import.meta.url));

/** Puts a chapter, which starts with a line `# …`, in the place of the one that starts with the same line. */
export function writeResults(chapter: string): void {
  const [title] = chapter.split("\n", 1);
  const chapters = (existsSync(FILE) ? readFileSync(FILE, "utf8") : "").split(/^(?=# )/m);
  const kept = chapters.filter((each) => each.trim() !== "" && each.split("\n", 1)[0] !== title);
  writeFileSync(FILE, [...kept, chapter].map((each) => each.trim()).join("\n\n") + "\n");
}

/** A line of a table. */
export const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The first two lines of one. */
export const head = (cells: readonly string[]): string => [row(cells), row(cells.map(() => "---"))].join("\n");

/** How many times ours theirs is; a dash where one of them is not known. */
export const times = (own: number, theirs: number): string =>
  Number.isFinite(theirs / own) ? `${round(theirs / own, 2)} ×` : "–";
