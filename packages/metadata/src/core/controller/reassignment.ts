/**
 * The replica lists of a partition on its way from one assignment to another.
 *
 * Stage 1 adds the new replicas to the list, stage 2 waits until they are in sync, stage 3 takes out the old ones.
 * Source: org.apache.kafka.controller.PartitionReassignmentReplicas, PartitionReassignmentRevert; KIP-455.
 */
import { containsAll, sortedDifference, without } from '../replicas.ts';

/** A partition's replicas, and which of them come and go. */
export interface ReassignmentReplicas {
  readonly removing: readonly number[];
  readonly adding: readonly number[];
  readonly replicas: readonly number[];
}

/** What stage 1 makes of moving from `current` to `target`. */
export function beginReassignment(current: readonly number[], target: readonly number[]): ReassignmentReplicas {
  const removing = sortedDifference(current, target);
  return { removing, adding: sortedDifference(target, current), replicas: [...target, ...removing] };
}

/** What stage 3 makes of it when `isr` is in sync, or null while it has to wait. */
export function tryCompleteReassignment(
  reassignment: ReassignmentReplicas,
  isr: readonly number[],
): { readonly replicas: readonly number[]; readonly isr: readonly number[] } | null {
  const { removing, adding } = reassignment;
  if (removing.length === 0 && adding.length === 0) return null;
  const newIsr = without(isr, removing);
  const newReplicas = without(reassignment.replicas, removing);
  if (removing.length > 0 && (newIsr.length === 0 || newReplicas.length === 0)) return null;
  if (!containsAll(newIsr, adding)) return null;
  // When replicas become fewer, all that stay must be in sync, or finishing would shrink the ISR for nothing.
  if (adding.length < removing.length && !containsAll(newIsr, newReplicas)) return null;
  return { replicas: newReplicas, isr: newIsr };
}

/** The lists that undo a reassignment; `unclean` when no old replica is in sync, so that one has to lead uncleanly. */
export function revertReassignment(
  reassignment: ReassignmentReplicas,
  isr: readonly number[],
): { readonly replicas: readonly number[]; readonly isr: readonly number[]; readonly unclean: boolean } {
  const replicas = without(reassignment.replicas, reassignment.adding);
  const remaining = without(isr, reassignment.adding);
  if (remaining.length > 0) return { replicas, isr: remaining, unclean: false };
  return { replicas, isr: replicas.slice(0, 1), unclean: true };
}
