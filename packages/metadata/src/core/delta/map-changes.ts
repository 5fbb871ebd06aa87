/**
 * Changes of a map: the shape that most deltas have.
 */

/** New values by key; null marks a removed key. */
export type Changes<K, V> = Map<K, V | null>;

/** The map after `changes`. */
export function applyChanges<K, V>(before: ReadonlyMap<K, V>, changes: Changes<K, V>): ReadonlyMap<K, V> {
  if (changes.size === 0) return before;
  const after = new Map(before);
  for (const [key, value] of changes) {
    if (value === null) after.delete(key);
    else after.set(key, value);
  }
  return after;
}

/** Removes all keys of `before` that have no change: what a snapshot does not mention is gone. */
export function removeUnmentioned<K, V>(before: Iterable<K>, changes: Changes<K, V>): void {
  for (const key of before) if (!changes.has(key)) changes.set(key, null);
}
