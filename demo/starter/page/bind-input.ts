/** A field that shows a shared text, and writes into it what is typed. For more than a line, take an editor with a Yjs binding. */
import type { Text } from "yjs";

export function bindInput(input: HTMLInputElement, text: Text): void {
  text.observe(() => {
    const shown = text.toString();
    if (input.value !== shown) input.value = shown;
  });
  input.addEventListener("input", () => {
    const [old, now] = [Array.from(text.toString()), Array.from(input.value)]; // whole characters: half an emoji is none
    const least = Math.min(old.length, now.length);
    let start = 0;
    while (start < least && old[start] === now[start]) start++;
    let end = 0;
    while (end < least - start && old.at(-1 - end) === now.at(-1 - end)) end++;
    const between = (characters: string[]) => characters.slice(start, characters.length - end).join("");
    const at = old.slice(0, start).join("").length;
    text.doc!.transact(() => {
      text.delete(at, between(old).length);
      text.insert(at, between(now));
    });
  });
}
