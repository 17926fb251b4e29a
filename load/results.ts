/** load/RESULTS.md: the last run of each bench, a chapter each. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("RESULTS.md", import.meta.url));

/** Puts a chapter, which starts with a line `# …`, in the place of the one that starts with the same line. */
export function writeResults(chapter: string): void {
  const [title] = chapter.split("\n", 1);
  const chapters = (existsSync(FILE) ? readFileSync(FILE, "utf8") : "").split(/^(?=# )/m);
  const kept = chapters.filter((each) => each.trim() !== "" && each.split("\n", 1)[0] !== title);
  writeFileSync(FILE, [...kept, chapter].map((each) => each.trim()).join("\n\n") + "\n");
}
