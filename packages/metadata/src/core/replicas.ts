/**
 * Questions about lists of replica ids.
 *
 * Source: org.apache.kafka.metadata.Replicas.
 */

const ascending = (a: number, b: number): number => a - b;

/** True when both lists hold the same ids in the same order. */
export function sameReplicas(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

/** True when `isr` has no negative and no repeated id, and all its ids are among `replicas`. */
export function isValidIsr(replicas: readonly number[], isr: readonly number[]): boolean {
  return new Set(isr).size === isr.length && isr.every((id) => id >= 0 && replicas.includes(id));
}

/** True when `list` holds all of `wanted`. */
export function containsAll(list: readonly number[], wanted: readonly number[]): boolean {
  return wanted.every((id) => list.includes(id));
}

/** The ids of `list` that are not in `excluded`, in ascending order. */
export function sortedDifference(list: readonly number[], excluded: readonly number[]): number[] {
  return list.filter((id) => !excluded.includes(id)).sort(ascending);
}

/** `list` without the ids in `excluded`, order kept. */
export function without(list: readonly number[], excluded: readonly number[]): number[] {
  return list.filter((id) => !excluded.includes(id));
}
