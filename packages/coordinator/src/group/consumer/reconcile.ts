/**
 * Takes a member one step towards its target, and minds how long it may take to give partitions up.
 *
 * Source: GroupMetadataManager.maybeReconcile.
 */
import type { Refusal } from '../../runtime/decision.ts';
import { SubscribedTopicIds } from '../assignor/subscribed-topic-ids.ts';
import { currentAssignmentRecord } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { TopicPartitionList } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, isReconciledTo, isSameMember, MemberState } from './consumer-member.ts';
import { nextAssignment } from './current-assignment.ts';
import { awaitRevocation, endRevocation } from './sessions.ts';
import { type MemberTarget, subscribedNames } from './target-assignment.ts';

/** A member with what it is to have, and what it says. */
export interface Reconciling {
  readonly member: ConsumerMember;
  readonly target: MemberTarget;
  readonly hasSubscriptionChanged: boolean;
  readonly owned: readonly TopicPartitionList[] | null;
}

/** The member after the step, with its record in `records` when there was one. */
export function maybeReconcile(
  parts: ShardParts,
  group: ConsumerGroup,
  { member, target, hasSubscriptionChanged, owned }: Reconciling,
  records: GroupRecord[],
  nowMs: number,
): ConsumerMember | Refusal {
  if (!hasSubscriptionChanged && isReconciledTo(member, target.epoch)) return member;
  const next = nextAssignment({
    member,
    targetEpoch: target.epoch,
    target: target.assignment,
    hasSubscriptionChanged,
    subscribed: new SubscribedTopicIds(subscribedNames(group, member), parts.topics.image),
    owned,
    partitionEpoch: (topicId, partition) => group.partitionEpochs.get(topicId, partition),
  });
  if ('kind' in next || isSameMember(next, member)) return next;
  const { groupId } = group;
  records.push(currentAssignmentRecord(groupId, next));
  // Members of the classic protocol have their join and sync timers for this.
  if (next.classic !== null) return next;
  if (next.state === MemberState.UNREVOKED_PARTITIONS) awaitRevocation(parts, groupId, next, nowMs);
  else endRevocation(parts, groupId, next.memberId);
  return next;
}
