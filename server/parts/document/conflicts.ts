/**
 * What it costs Yjs to find a struct its place, and whether it has one. Whoever writes puts a struct between two neighbours; where others have
 * meanwhile written between the same two, Yjs goes through all that they wrote. Structs of a hostile hand's making can have it
 * go through the whole document for every few bytes: so the steps are counted before they are taken.
 */
import * as Y from "yjs";

type Type = Y.Doc["share"] extends Map<string, infer T> ? T : never;

/** How many items Yjs will look at for the place of `item`; `most` where it is that many or more. */
export function stepsFor(item: Y.Item, doc: Y.Doc, most: number): number {
  const { store } = doc;
  const sides = neighbours(item, doc);
  if (!sides) return 0;
  const [origin, right] = sides;
  if (origin && origin === right) return 0;
  const passed = new Set<Y.Item>();
  // One that it is written into is parted in two: its end is then the first that is passed.
  if (origin && origin.lastId.clock !== item.origin!.clock) {
    if (origin.id.client >= item.id.client && Y.compareIDs(item.rightOrigin, origin.rightOrigin)) return 1;
    passed.add(origin);
  }
  let next = origin ? origin.right : firstBeside(item, right, doc);
  let steps = 0;
  for (; next && next !== right && steps < most; next = next.right, steps++) {
    if (Y.compareIDs(item.origin, next.origin)) {
      if (next.id.client >= item.id.client && Y.compareIDs(item.rightOrigin, next.rightOrigin)) break;
    } else if (!next.origin || !passed.has(Y.getItem(store, next.origin))) break;
    passed.add(next);
  }
  return steps;
}

/**
 * How many items stand between the two that `item` is written between; `most` where it is that many or more; undefined: the
 * right one does not follow the left one, or is in another list. Nobody can have written there, and where Yjs then puts it
 * depends on the order in which others came: copies would differ.
 */
export function itemsBetween(item: Y.Item, doc: Y.Doc, most: number): number | undefined {
  const [left, right] = neighbours(item, doc) ?? [];
  if (!left || !right) return 0; // behind the beginning is everything, and before the end
  if (left === right) return item.origin!.clock < item.rightOrigin!.clock ? 0 : undefined;
  let items = 0;
  for (let next = left.right; next !== right; next = next.right, items++) {
    if (!next) return undefined;
    if (items === most) return most;
  }
  return items;
}

/** The two that an item is written between; undefined: it waits for what is not there, or is garbage beside what was collected. */
function neighbours(
  { origin, rightOrigin, parent }: Y.Item,
  { store }: Y.Doc,
): [left: Y.Item | null, right: Y.Item | null] | undefined {
  for (const id of [origin, rightOrigin, parent])
    if (id instanceof Y.ID && id.clock >= Y.getState(store, id.client)) return undefined;
  const left = origin && Y.getItem(store, origin);
  const right = rightOrigin && Y.getItem(store, rightOrigin);
  if ((left && !(left instanceof Y.Item)) || (right && !(right instanceof Y.Item))) return undefined;
  return [left, right];
}

/** The first of the list, or of a key's values, that an item is of that stands at the beginning. */
function firstBeside({ parent, parentSub }: Y.Item, right: Y.Item | null, doc: Y.Doc): Y.Item | null {
  const type = typeOf(right ? right.parent : parent, doc);
  const key = right ? right.parentSub : parentSub;
  /* oxlint-disable no-underscore-dangle -- Yjs shows the items of a type by these names alone */
  if (key === null) return type?._start ?? null;
  let first = type?._map.get(key) ?? null;
  /* oxlint-enable no-underscore-dangle */
  while (first?.left) first = first.left;
  return first;
}

/** The type that an item is in, as an update names it: by itself, by the item that it is, or by its name in the document. */
function typeOf(parent: unknown, { store, share }: Y.Doc): Type | undefined {
  if (parent instanceof Y.AbstractType) return parent as Type;
  if (typeof parent === "string") return share.get(parent);
  const item = parent instanceof Y.ID ? Y.getItem(store, parent) : undefined;
  return item instanceof Y.Item && item.content instanceof Y.ContentType ? item.content.type : undefined;
}
