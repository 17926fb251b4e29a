/** What a component has picked of a room, for `useSyncExternalStore`: the same value for as long as it is equal to the one before. */

/** Whether two picked values are the same to the component. */
export type IsEqual<V> = (before: V, now: V) => boolean;

/** What a hook shows of a room. */
export interface Selection<R, V> {
  /** What `pick` reads, by identity: as long as this is `shallow`ly the same, so is what `pick` gives. */
  of(room: R): unknown;
  pick(room: R): V;
  isEqual: IsEqual<V>;
}

/**
 * The snapshot: picked anew only when what it is picked of has changed, so that a moving cursor runs no selector of the game,
 * and one that makes something new each time does not do it whenever React looks. `shown`: what the component shows already.
 */
export function snapshots<R, V>(
  room: () => R,
  { of, pick, isEqual }: Selection<R, V>,
  shown: { readonly value: V } | null,
): () => V {
  let read: { readonly of: unknown } | undefined;
  let last = shown;
  return () => {
    const now = of(room());
    if (last && read && shallow(read.of, now)) return last.value;
    read = { of: now };
    const value = pick(room());
    if (!last || !isEqual(last.value, value)) last = { value };
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
