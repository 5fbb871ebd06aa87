/**
 * The assignor that most members of a group prefer.
 *
 * Source: ConsumerGroup.preferredServerAssignor, computePreferredServerAssignor.
 */
import { JavaHashMap, tableSizeFor } from '../java-hash-order.ts';
import { javaHashCode } from '../java-string.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { decrement, increment } from './subscription-counts.ts';

/** Sorted as Kafka's own table has the two assignors that there are. */
function inTableOrder(counts: Iterable<[string, number]>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a > b ? -1 : 1));
}

function mostPreferred(counts: Iterable<readonly [string, number]>): string | null {
  let best: readonly [string, number] | null = null;
  for (const entry of counts) if (best === null || entry[1] > best[1]) best = entry;
  return best?.[0] ?? null;
}

/** As of the last commit; null when no member prefers any. */
export function committedPreferredAssignor(group: ConsumerGroup): string | null {
  return mostPreferred(inTableOrder(group.assignorCounts.committedEntries()));
}

/** With a member changed from `before` to `after`; null when no member prefers any. */
export function preferredAssignor(group: ConsumerGroup, before: ConsumerMember, after: ConsumerMember): string | null {
  const { size } = group.assignorCounts;
  const counts = new JavaHashMap<string, number>(
    javaHashCode,
    size === 0 ? 16 : tableSizeFor(Math.trunc(size / 0.75 + 1)),
  );
  for (const [name, count] of inTableOrder(group.assignorCounts)) counts.put(name, count);
  const computed = {
    get: (name: string) => counts.get(name),
    set: (name: string, count: number) => counts.compute(name, count),
    delete: (name: string) => counts.delete(name),
  };
  if (before.serverAssignorName !== null) decrement(computed, before.serverAssignorName);
  if (after.serverAssignorName !== null) increment(computed, after.serverAssignorName);
  return mostPreferred(counts.keys().map((name) => [name, counts.get(name)!]));
}
