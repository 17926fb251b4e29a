/** What people do in a document: text, a map and a list, all at once. */
import type * as Y from "yjs";
import type { Draw } from "../kit/random.ts";

const WORDS = ["edge", "corner", "sky", "green ", "the ", "é", "🙂", "\n"];

/** One small change, drawn. */
export function edit(doc: Y.Doc, draw: Draw, author: string): void {
  const text = doc.getText("text");
  const map = doc.getMap("map");
  const list = doc.getArray<string>("list");
  doc.transact(() => {
    switch (draw.below(6)) {
      case 0:
        return void map.set(`key ${draw.below(8)}`, `${author} ${draw.below(1000)}`);
      case 1:
        return list.insert(draw.below(list.length + 1), [author, draw.one(WORDS)]);
      case 2:
        if (list.length > 0) list.delete(draw.below(list.length), 1);
        return undefined;
      case 3: {
        const at = draw.below(text.length + 1);
        return text.delete(at, Math.min(text.length - at, 1 + draw.below(4)));
      }
      default:
        return text.insert(draw.below(text.length + 1), draw.one(WORDS));
    }
  });
}
