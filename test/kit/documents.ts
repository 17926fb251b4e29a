/** Documents drawn at random, and what must be equal of two that agree. */
import * as Y from "yjs";
import type { Draw } from "./random.ts";

/** A document with a client id from the draw: Yjs would take a truly random one, and no run would be the same again. */
export function drawnDoc(draw: Draw, options: ConstructorParameters<typeof Y.Doc>[0] = {}): Y.Doc {
  const doc = new Y.Doc(options);
  doc.clientID = draw.below(2 ** 32);
  return doc;
}

/** Of a document loaded from `update` alone. */
export function load(...updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ guid: "loaded" }); // a random one takes longer than many an update
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

/** The same for all documents that hold the same, however they came to it. */
export const canonicalDoc = (doc: Y.Doc): string =>
  Buffer.from(Y.encodeStateAsUpdate(load(Y.encodeStateAsUpdate(doc)))).toString("base64");

/** Nothing in it waits for something else. */
export const isWhole = ({ store }: Y.Doc): boolean => store.pendingStructs === null && store.pendingDs === null;

/** None of two halves: no editor cuts a character in two, and Yjs then makes two broken ones of it, at one time or another. */
const LETTERS = ["a", "bc", "def", "ü", "日本", "e\u0301"];
const drawn = (draw: Draw, most: number): string =>
  Array.from({ length: 1 + draw.below(most) }, () => draw.one(LETTERS)).join("");

const VALUES = [0, -1, 1.5, true, null, "x", [1, 2], { a: { b: [3] } }, Uint8Array.of(1, 2, 3)];

/** One change drawn at random: text, formats, embeds, maps, arrays, XML, nested types, subdocuments, deletions, undo and redo. */
export function scribble(draw: Draw, doc: Y.Doc, undo?: Y.UndoManager): void {
  const text = doc.getText("body");
  const map = doc.getMap("map");
  const list = doc.getArray("list");
  const xml = doc.getXmlFragment("xml");
  switch (draw.below(14)) {
    case 0:
    case 1:
    case 2:
      text.insert(draw.below(text.length + 1), drawn(draw, 6));
      break;
    case 3:
    case 4: {
      const at = draw.below(text.length + 1);
      text.delete(at, Math.min(text.length - at, draw.below(8)));
      break;
    }
    case 5: {
      const at = draw.below(text.length + 1);
      text.format(at, Math.min(text.length - at, draw.below(8)), { bold: draw.one([true, null]) });
      break;
    }
    case 6:
      text.insertEmbed(draw.below(text.length + 1), { image: drawn(draw, 3) });
      break;
    case 7:
      map.set(draw.one(["a", "b", "c"]), draw.one(VALUES));
      break;
    case 8: {
      const nested = draw.one([() => new Y.Map(), () => new Y.Array(), () => new Y.Text("in")])();
      map.set(draw.one(["n", "m"]), nested);
      break;
    }
    case 9: {
      const nested = map.get(draw.one(["n", "m"]));
      if (nested instanceof Y.Map) nested.set(draw.one(["x", "y"]), draw.one(VALUES));
      else if (nested instanceof Y.Array) nested.insert(draw.below(nested.length + 1), [draw.below(99), "v"]);
      else if (nested instanceof Y.Text) nested.insert(draw.below(nested.length + 1), drawn(draw, 3));
      break;
    }
    case 10:
      if (draw.chance(0.5)) map.delete(draw.one(["a", "b", "n", "m"]));
      else if (list.length > 0) list.delete(draw.below(list.length), 1);
      break;
    case 11:
      list.insert(draw.below(list.length + 1), draw.chance(0.1) ? [new Y.Doc({ guid: drawn(draw, 9) })] : [draw.one(VALUES), 7]);
      break;
    case 12:
      scribbleXml(draw, xml);
      break;
    default:
      if (draw.chance(0.5)) undo?.undo();
      else undo?.redo();
  }
}

function scribbleXml(draw: Draw, xml: Y.XmlFragment): void {
  const child = xml.length > 0 ? xml.get(draw.below(xml.length)) : undefined;
  if (child && draw.chance(0.2)) xml.delete(draw.below(xml.length), 1);
  else if (child instanceof Y.XmlElement) {
    child.setAttribute("class", drawn(draw, 2));
    child.insert(child.length, [new Y.XmlText(drawn(draw, 2))]);
  } else if (child instanceof Y.XmlText) child.insert(0, drawn(draw, 2));
  else xml.insert(0, [draw.one([() => new Y.XmlElement("p"), () => new Y.XmlText("t")])()]);
}

/** What can be undone of a document's types, change by change. */
export const undoOf = (doc: Y.Doc): Y.UndoManager =>
  new Y.UndoManager([doc.getText("body"), doc.getMap("map"), doc.getArray("list"), doc.getXmlFragment("xml")], {
    captureTimeout: 0,
  });

/** Where two differ, for whoever reads a failure. */
export function difference(one: Y.Doc, other: Y.Doc): string {
  const [a, b] = [one, other].map((doc) => {
    const { structs, ds } = Y.decodeUpdate(Y.encodeStateAsUpdate(load(Y.encodeStateAsUpdate(doc))));
    return [
      ...structs.map((struct) => {
        const { id, length } = struct;
        if (!(struct instanceof Y.Item)) return `${id.client}:${id.clock}+${length} ${struct.constructor.name}`;
        const { origin, rightOrigin } = struct;
        const content = `${struct.content.constructor.name} ${JSON.stringify(struct.content.getContent())}`;
        const between = [origin, rightOrigin].map((each) => (each ? `${each.client}:${each.clock}` : "-")).join(" and ");
        return `${id.client}:${id.clock}+${length} ${content} between ${between}`;
      }),
      ...[...ds.clients].flatMap(([client, ranges]) => ranges.map(({ clock, len }) => `deleted ${client}:${clock}+${len}`)),
    ];
  }) as [string[], string[]];
  const only = (these: string[], those: string[]): string =>
    these
      .filter((line) => !those.includes(line))
      .slice(0, 8)
      .join("\n    ");
  return `\n  only in the first:\n    ${only(a, b)}\n  only in the second:\n    ${only(b, a)}`;
}
