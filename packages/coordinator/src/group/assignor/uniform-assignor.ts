/**
 * The uniform assignor: members get equally many partitions, and keep what they have as far as that allows.
 *
 * Source: org.apache.kafka.coordinator.group.assignor.UniformAssignor.
 */
import type { GroupAssignment, GroupSpec } from './assignor.ts';
import { UniformHeterogeneousAssignment } from './uniform-heterogeneous.ts';
import { assignUniformHomogeneous } from './uniform-homogeneous.ts';

/** Assigns uniformly. */
export function uniformAssignor(group: GroupSpec): GroupAssignment | null {
  if (group.members.length === 0) return new Map();
  return group.subscriptionType === 'homogeneous'
    ? assignUniformHomogeneous(group)
    : new UniformHeterogeneousAssignment(group).build();
}
