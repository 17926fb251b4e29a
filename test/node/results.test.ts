/** What the README says of us beside others is what the last runs have measured. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

type Table = readonly (readonly string[])[];

/** Tables of a Markdown file, each with its head first. */
function tablesOf(path: string): Table[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
  return text.split("\n\n").flatMap((block) => {
    const [head, dashes, ...rows] = block.trim().split("\n");
    if (!head?.startsWith("|") || !dashes?.includes("---")) return [];
    return [
      [head, ...rows].map((row) =>
        row
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    ];
  });
}

const isRatio = (cell: string): boolean => /^[\d.]+ ×$/.test(cell);

test("every ratio that the README states is of the last run, and in the same column", () => {
  const measured = tablesOf("load/RESULTS.md");
  const stated = tablesOf("README.md").filter((table) => table.flat().some(isRatio));
  expect(stated.length).toBeGreaterThan(0);
  for (const [head, ...rows] of stated) {
    const last = measured.filter((table) => table[0]!.join("|") === head!.join("|") && table.flat().some(isRatio));
    for (const row of rows) expect(last.flat()).toContainEqual(row);
  }
});
