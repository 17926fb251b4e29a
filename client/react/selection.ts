/** What a component has picked of a room, for `useSyncExternalStore`: the same value for as long as it is equal to the one before. */
/** Whether two picked values are the same to the component. */
export type IsEqual<V> = (before: V, now: V) => boolean;

/**
 * What `read` gives of a room, read once a version whatever it makes, so that React never sees it change in between. `shown`:
 * what the component shows already.
 */
export function snapshots<R, V>(
  of: { readonly room: R; readonly version: number },
  read: (room: R) => V,
  isEqual: IsEqual<V>,
  shown: { readonly value: V } | null,
): () => V {
  let version = -1;
  let last = shown;
  return () => {
    if (last && version === of.version) return last.value;
    version = of.version;
    const now = read(of.room);
    if (!last || !isEqual(last.value, now)) last = { value: now };
    return last.value;
  };
}

/** Whether two arrays or plain objects have the same items (`Object.is`): for selectors that make a new one each time. */
export function shallow<V>(before: V, now: V): boolean {
  if (Object.is(before, now)) return true;
  if (typeof before !== "object" || typeof now !== "object" || before === null || now === null) return false;
  if (Array.isArray(before) !== Array.isArray(now)) return false;
  const [old, fresh] = [Object.entries(before), Object.entries(now)];
  return old.length === fresh.length && fresh.every(([key, value]) => key in before && Object.is(before[key as keyof V], value));
}
